// One run at a time, in a worker.

import { useCallback, useRef, useState } from 'preact/hooks';
import { explainInWorker } from '../web/explain-in-worker.ts';
import type { ExplainJob, ExplainJobResult, JobProgress } from '../web/explain-job.ts';
import { type Fault, faultOf } from './failure.tsx';

export interface RunState {
  readonly status: 'idle' | 'running' | 'stopped' | 'failed' | 'done';
  readonly progress: JobProgress | null;
  readonly result: ExplainJobResult | null;
  readonly fault: Fault | null;
}

export interface Run extends RunState {
  start(job: ExplainJob): void;
  cancel(): void;
}

const IDLE: RunState = { status: 'idle', progress: null, result: null, fault: null };

export function useRun(): Run {
  const [state, setState] = useState(IDLE);
  const controller = useRef<AbortController | null>(null);
  const start = useCallback((job: ExplainJob) => {
    const mine = new AbortController();
    controller.current = mine;
    setState({ ...IDLE, status: 'running' });
    const onProgress = (progress: JobProgress): void => setState((before) => ({ ...before, progress }));
    explainInWorker(job, { signal: mine.signal, onProgress }).then(
      (result) => setState({ ...IDLE, status: 'done', result }),
      (error) => {
        setState(
          mine.signal.aborted
            ? { ...IDLE, status: 'stopped' }
            : { ...IDLE, status: 'failed', fault: faultOf(error) },
        );
      },
    );
  }, []);
  const cancel = useCallback(() => controller.current?.abort(), []);
  return { ...state, start, cancel };
}
