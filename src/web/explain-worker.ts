// The program of the worker thread: takes one order, reports on the way, answers and waits to be ended.

import { CraftError } from '../errors.ts';
import { type JobProgress, runExplainJob } from './explain-job.ts';
import { runInspectJob } from './inspect-job.ts';
import type { Answer, Order } from './messages.ts';

/** Milliseconds between two reports of one stage. */
const REPORT_EVERY = 50;

globalThis.onmessage = async ({ data: order }: MessageEvent<Order>) => {
  try {
    const result =
      order.task === 'explain'
        ? await runExplainJob(order.job, { onProgress: reporter() })
        : await runInspectJob(order.job);
    say({ kind: 'result', result });
  } catch (error) {
    say({ kind: 'error', ...plain(error) });
  }
};

function say(answer: Answer): void {
  globalThis.postMessage(answer);
}

/** Passes progress on, not more of it than can be seen. */
function reporter(): (progress: JobProgress) => void {
  let stage = '';
  let last = 0;
  return (progress) => {
    const now = performance.now();
    const isLast = progress.done === progress.total;
    if (progress.stage === stage && !isLast && now - last < REPORT_EVERY) return;
    stage = progress.stage;
    last = now;
    say({ kind: 'progress', progress });
  };
}

/** An error as it can be sent. The engine and the browser run out of memory by errors of their own. */
function plain(error: unknown): Pick<CraftError, 'code' | 'message'> {
  if (error instanceof CraftError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const isMemory = error instanceof RangeError || /memory|alloc/i.test(message);
  const advice = isMemory ? 'use fewer images or a smaller model' : 'please report it';
  return {
    code: 'RUNTIME',
    message: `worker: expected to reach the end; got ${message.slice(0, 300)} – ${advice}`,
  };
}
