// One run at a time, in a worker.

import { useCallback, useRef, useState } from 'preact/hooks';
import { explainInWorker, explainTextInWorker } from '../web/explain-in-worker.ts';
import type { ExplainJobResult, JobOptions, JobProgress } from '../web/explain-job.ts';
import type { ExplainTextJobResult } from '../web/explain-text-job.ts';
import { type Fault, faultOf } from './failure.tsx';
import type { RunOrder } from './settings.ts';

export type RunResult = ExplainJobResult | ExplainTextJobResult;

export interface RunState {
  readonly status: 'idle' | 'running' | 'stopped' | 'failed' | 'done';
  readonly progress: JobProgress | null;
  readonly result: RunResult | null;
  /** What runs or ran last. */
  readonly order: RunOrder | null;
  readonly fault: Fault | null;
}

export interface Run extends RunState {
  start(order: RunOrder): void;
  cancel(): void;
}

const IDLE: RunState = { status: 'idle', progress: null, result: null, fault: null, order: null };

export function useRun(): Run {
  const [state, setState] = useState(IDLE);
  const controller = useRef<AbortController | null>(null);
  const start = useCallback((order: RunOrder) => {
    const mine = new AbortController();
    controller.current = mine;
    const idle: RunState = { ...IDLE, order };
    setState({ ...idle, status: 'running' });
    const onProgress = (progress: JobProgress): void => setState((before) => ({ ...before, progress }));
    run(order, { signal: mine.signal, onProgress }).then(
      (result) => setState({ ...idle, status: 'done', result }),
      (error) => {
        setState(
          mine.signal.aborted
            ? { ...idle, status: 'stopped' }
            : { ...idle, status: 'failed', fault: faultOf(error) },
        );
      },
    );
  }, []);
  const cancel = useCallback(() => controller.current?.abort(), []);
  return { ...state, start, cancel };
}

function run(order: RunOrder, options: JobOptions): Promise<RunResult> {
  return order.task === 'explain'
    ? explainInWorker(order.job, options)
    : explainTextInWorker(order.job, options);
}
