// The program of the worker thread: takes one order, reports on the way, answers and waits to be ended.

import { CraftError } from '../errors.ts';
import { type JobProgress, runExplainJob } from './explain-job.ts';
import { runExplainTextJob } from './explain-text-job.ts';
import { runInspectJob } from './inspect-job.ts';
import type { Answer, Order, Tasks } from './messages.ts';
import { runTryJob } from './try-job.ts';

/** Milliseconds between two reports of one stage. */
const REPORT_EVERY = 50;

globalThis.onmessage = async ({ data: order }: MessageEvent<Order>) => {
  try {
    say({ kind: 'result', result: await resultOf(order) });
  } catch (error) {
    say({ kind: 'error', ...plain(error) });
  }
};

function resultOf(order: Order): Promise<Tasks[keyof Tasks]['result']> {
  switch (order.task) {
    case 'explain':
      return runExplainJob(order.job, { onProgress: reporter() });
    case 'explainText':
      return runExplainTextJob(order.job, { onProgress: reporter() });
    case 'inspect':
      return runInspectJob(order.job);
    case 'tryImage':
      return runTryJob(order.job);
  }
}

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
