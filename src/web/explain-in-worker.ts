// A run in a thread of its own, so that the page stays alive, and can be stopped at any moment.

import { CraftError } from '../errors.ts';
import type { ExplainJob, ExplainJobResult, JobOptions } from './explain-job.ts';
import type { ExplainTextJob, ExplainTextJobResult } from './explain-text-job.ts';
import type { Answer, InspectJob, Order, Tasks, WebInspection } from './messages.ts';
import type { Tried, TryJob } from './try-job.ts';

/** As {@link JobOptions}, and where the worker comes from. */
export interface WorkerOptions extends JobOptions {
  /**
   * Starts a worker with the program `explain-worker.js` of this package; default: the file beside this one, which
   * bundlers find by themselves.
   */
  readonly startWorker?: () => Worker;
}

/**
 * Explains one class of a classifier in a worker thread, which ends with the run. An abort ends it at once.
 *
 * @throws {@link CraftError} as {@link runExplainJob}; `ABORTED`; `RUNTIME` if no worker can be started.
 *
 * @example
 * const { explanation, report } = await explainInWorker({ model: file, images: namedFiles(input.files), request: { class: 'tench' } });
 * iframe.src = URL.createObjectURL(report);
 */
export function explainInWorker(job: ExplainJob, options: WorkerOptions = {}): Promise<ExplainJobResult> {
  return inWorker<'explain'>({ task: 'explain', job: { ...job, model: sendable(job.model) } }, options);
}

/**
 * Explains one class of a classifier of texts in a worker thread, as {@link explainInWorker}.
 *
 * @throws {@link CraftError} as {@link runExplainTextJob}; `ABORTED`; `RUNTIME` if no worker can be started.
 *
 * @example
 * const job = { model: file, tokenizer: JSON.parse(await tokenizerFile.text()), texts: table, request: { class: 'spam' } };
 * const { explanation, report } = await explainTextInWorker(job);
 */
export function explainTextInWorker(
  job: ExplainTextJob,
  options: WorkerOptions = {},
): Promise<ExplainTextJobResult> {
  const order = { task: 'explainText', job: { ...job, model: sendable(job.model) } } as const;
  return inWorker<'explainText'>(order, options);
}

/**
 * Describes a model in a worker thread: where it can be cut, and how its images will be prepared.
 *
 * @throws {@link CraftError} as {@link runInspectJob}; `ABORTED`; `RUNTIME` if no worker can be started.
 */
export function inspectInWorker(job: InspectJob, options: WorkerOptions = {}): Promise<WebInspection> {
  return inWorker<'inspect'>({ task: 'inspect', job: { ...job, model: sendable(job.model) } }, options);
}

/**
 * Looks in a worker thread at what the concepts of a run are on an image that was not part of it.
 *
 * @throws {@link CraftError} as {@link runTryJob}; `ABORTED`; `RUNTIME` if no worker can be started.
 *
 * @example
 * const { explanation, matrices } = await explainInWorker(job);
 * const { logit, concepts } = await tryImageInWorker({ ...job, image, explanation, W: matrices.W });
 */
export function tryImageInWorker(job: TryJob, options: WorkerOptions = {}): Promise<Tried> {
  const order = { task: 'tryImage', job: { ...job, model: sendable(job.model) } } as const;
  return inWorker<'tryImage'>(order, options);
}

/** A URL cannot be sent to a worker, and one that is relative means another there. */
function sendable(model: ExplainJob['model']): ExplainJob['model'] {
  return typeof model === 'string' || model instanceof URL ? new URL(model, location.href).href : model;
}

function inWorker<T extends keyof Tasks>(order: Order, options: WorkerOptions): Promise<Tasks[T]['result']> {
  const { signal, onProgress, startWorker = defaultWorker } = options;
  if (signal?.aborted) return Promise.reject(aborted(signal));
  return new Promise((resolve, reject) => {
    const worker = started(startWorker);
    const end = (settle: () => void): void => {
      worker.terminate();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => end(() => reject(aborted(signal as AbortSignal)));
    signal?.addEventListener('abort', onAbort);
    worker.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
      if (answer.kind === 'progress') onProgress?.(answer.progress);
      else if (answer.kind === 'error') end(() => reject(new CraftError(answer.code, answer.message)));
      else end(() => resolve(answer.result as Tasks[T]['result']));
    };
    worker.onerror = ({ message }) => end(() => reject(broken(message)));
    worker.onmessageerror = () => end(() => reject(broken('an answer that cannot be read')));
    worker.postMessage(order);
  });
}

function defaultWorker(): Worker {
  return new Worker(new URL('./explain-worker.js', import.meta.url), { type: 'module', name: 'craft-xai' });
}

function started(startWorker: () => Worker): Worker {
  try {
    return startWorker();
  } catch (cause) {
    throw broken((cause as Error).message, cause);
  }
}

function aborted(signal: AbortSignal): CraftError {
  return new CraftError('ABORTED', 'run: stopped by its AbortSignal before it ended', {
    cause: signal.reason,
  });
}

function broken(got: string | undefined, cause?: unknown): CraftError {
  return new CraftError(
    'RUNTIME',
    `worker: expected the program explain-worker.js to run; got ${got || 'an error while it was loaded'} – see startWorker`,
    { cause },
  );
}
