// One run in a browser: a model and images in, an explanation and its page out. Runs in the thread that calls it.

import { type ExplainResult, explain } from '../craft/explain.ts';
import type { Progress, RunOptions } from '../craft/options.ts';
import { planOf } from '../craft/plan.ts';
import { parseRequest } from '../craft/request.ts';
import type { NamedBlob } from '../inputs/image-files-web.ts';
import { ImageFiles } from '../inputs/image-source-web.ts';
import { findClass } from '../inputs/labels.ts';
import { renderReport } from '../report/render.ts';
import { loadClassifier, type WebLoadOptions, type WebModel } from '../runtimes/web/load-classifier-web.ts';
import { checkMemory } from './memory.ts';
import { withPictures } from './pictures.ts';

/** What to explain, and how. */
export interface ExplainJob extends Omit<WebLoadOptions, 'signal'> {
  readonly model: WebModel;
  /** Files of images; others among them are left out. */
  readonly images: readonly NamedBlob[];
  /** As on the command line; only `class` is required. */
  readonly request: Parameters<typeof parseRequest>[0];
  /** Only the first so many images that can be decoded; default: all. */
  readonly limit?: number;
  /** What the images are called together; default: their folder. */
  readonly source?: string;
  /** Most memory in bytes; default: half of what the browser says the machine has, 2 GiB if it does not, at most 4. */
  readonly memoryLimit?: number;
}

/** An explanation with its matrices and its page. */
export interface ExplainJobResult extends ExplainResult {
  /** The report: one HTML file with its pictures inside. */
  readonly report: Blob;
}

/** Where a run stands: opening the model, the stages of `explain`, and drawing the report. */
export type JobProgress =
  | Progress
  | { readonly stage: 'load' | 'draw'; readonly done: number; readonly total: number };

/** How to stop a run and how to follow it. */
export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
}

/**
 * Loads the model, checks that the run fits the memory, explains the class and draws the report.
 *
 * @throws {@link CraftError} as {@link loadClassifier} and {@link explain}; `OPTION` if the run needs more memory
 *   than there is, with the number of images that fits.
 */
export async function runExplainJob(job: ExplainJob, options: JobOptions = {}): Promise<ExplainJobResult> {
  const { signal, onProgress = () => {} } = options;
  const request = parseRequest(job.request);
  onProgress({ stage: 'load', done: 0, total: 1 });
  const classifier = await loadClassifier(job.model, { ...job, ...(signal && { signal }) });
  try {
    findClass(classifier.labels ?? [], String(request.class), classifier.classes);
    const images = new ImageFiles(job.images, {
      preprocess: classifier.preprocess,
      batchSize: request.batchSize,
      ...(job.limit !== undefined && { limit: job.limit }),
      ...(job.source !== undefined && { source: job.source }),
      ...(signal && { signal }),
    });
    const count = Math.min(images.total, job.limit ?? images.total);
    const bytesFor = (n: number): number => {
      const { memory } = planOf(request, classifier, n);
      return memory.batch + memory.activations + memory.factorization;
    };
    const need = { bytesFor, inputs: count, noun: 'images', modelBytes: classifier.model.bytes } as const;
    checkMemory(need, job.memoryLimit);
    onProgress({ stage: 'load', done: 1, total: 1 });
    const limit = job.limit ?? null;
    const run: RunOptions = { ...(signal && { signal }), onProgress };
    const result = await explain(request, { classifier, source: images, limit, ...run });
    onProgress({ stage: 'draw', done: 0, total: 1 });
    const explanation = await withPictures(result.explanation, images);
    const page = renderReport({ explanation, ...result.matrices });
    onProgress({ stage: 'draw', done: 1, total: 1 });
    return { ...result, report: new Blob([page], { type: 'text/html;charset=utf-8' }) };
  } finally {
    await classifier.release();
  }
}
