// One run on texts in a browser: a model and a table of texts in, an explanation and its page out. Runs in the
// thread that calls it.

import type { TextClassifier } from '../craft/classifier.ts';
import { explainText, type TextResult } from '../craft/text/explain-text.ts';
import { readTexts } from '../craft/text/text-data.ts';
import { countTexts, textPlanOf } from '../craft/text/text-plan.ts';
import { parseTextRequest, type TextRequest } from '../craft/text/text-request.ts';
import { findClass } from '../inputs/labels.ts';
import type { TextFile } from '../inputs/text/text-file.ts';
import { openTextFile, type TextBlobOptions } from '../inputs/text/text-file-web.ts';
import { renderTextReport } from '../report/render.ts';
import { reluLayerAfter } from '../runtimes/text/relu-layer.ts';
import { readModel, type WebModel } from '../runtimes/web/load-classifier-web.ts';
import {
  loadTextClassifier,
  readTextFiles,
  type WebTextLoadOptions,
} from '../runtimes/web/load-text-classifier-web.ts';
import type { JobOptions } from './explain-job.ts';
import { checkMemory } from './memory.ts';

/** What to explain of a classifier of texts, and how. */
export interface ExplainTextJob extends Omit<WebTextLoadOptions, 'signal'> {
  readonly model: WebModel;
  /** A table, a JSON file, a Parquet file or lines: see {@link openTextFile}. */
  readonly texts: Blob;
  /** Of the table: its name, its columns, its encoding. */
  readonly table?: Omit<TextBlobOptions, 'limit' | 'signal' | 'batchSize'>;
  /** As on the command line; only `class` is required. */
  readonly request: Parameters<typeof parseTextRequest>[0];
  /** Only the first so many texts that can be used; default: all. */
  readonly limit?: number;
  /** As of {@link ExplainJob}. */
  readonly memoryLimit?: number;
}

/** An explanation of texts with its matrices and its page. */
export interface ExplainTextJobResult extends TextResult {
  /** The report: one HTML file. */
  readonly report: Blob;
}

/**
 * Loads the model, checks that the run fits the memory, explains the class and draws the report.
 *
 * @throws {@link CraftError} as {@link loadTextClassifier}, {@link openTextFile} and `explainText`; `OPTION` if the run
 *   needs more memory than there is, with the number of texts that fits.
 */
export async function runExplainTextJob(
  job: ExplainTextJob,
  options: JobOptions = {},
): Promise<ExplainTextJobResult> {
  const { signal, onProgress = () => {} } = options;
  const request = parseTextRequest(job.request);
  const limit = job.limit ?? null;
  const abort = signal ? { signal } : {};
  onProgress({ stage: 'load', done: 0, total: 1 });
  const file = await readModel(job.model, { ...job, ...abort });
  const files = await readTextFiles(job.model, { ...job, ...abort });
  const model = { ...job, ...files, name: file.name, externalData: Object.fromEntries(file.files), ...abort };
  const open: TextClassifier[] = [];
  const load = async (layer: string | undefined): Promise<TextClassifier> => {
    const classifier = await loadTextClassifier(file.bytes, { ...model, ...(layer && { layer }) });
    open.push(classifier);
    return classifier;
  };
  try {
    const classifier = await load(job.layer);
    findClass(classifier.labels ?? [], String(request.class), classifier.classes);
    const source = await openTextFile(job.texts, { ...job.table, ...(limit && { limit }), ...abort });
    const found = request.compareSigns ? reluLayerAfter(file.bytes, classifier.layer.tensor) : null;
    const relu = found === null ? null : await load(found);
    await checkTexts(request, classifier, source, relu !== null, job.memoryLimit);
    onProgress({ stage: 'load', done: 1, total: 1 });
    const result = await explainText(request, { classifier, source, limit, relu, ...abort, onProgress });
    onProgress({ stage: 'draw', done: 0, total: 1 });
    const page = renderTextReport({ explanation: result.explanation, ...result.matrices });
    onProgress({ stage: 'draw', done: 1, total: 1 });
    return { ...result, report: new Blob([page], { type: 'text/html;charset=utf-8' }) };
  } finally {
    for (const classifier of open) await classifier.release();
  }
}

/** @throws {@link CraftError} `OPTION` that says how many texts fit. */
async function checkTexts(
  request: TextRequest,
  classifier: TextClassifier,
  source: TextFile,
  hasRelu: boolean,
  memoryLimit: number | undefined,
): Promise<void> {
  const effects = { source, classifier };
  const counts = await countTexts(await readTexts(request, effects), effects);
  const bytesFor = (count: number): number => {
    const some = { units: counts.units.subarray(0, count), parts: counts.parts.subarray(0, count) };
    const { memory, stored } = textPlanOf(request, classifier, some, hasRelu);
    // one after the other; a page has no disk
    return memory.activations + stored + Math.max(memory.factorization, memory.importance);
  };
  const modelBytes = (hasRelu ? 2 : 1) * classifier.model.bytes;
  checkMemory({ bytesFor, inputs: counts.units.length, noun: 'texts', modelBytes }, memoryLimit);
}
