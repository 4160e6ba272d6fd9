// The work of `evaluate`: from the folder of an explanation, its model and its images to evaluation.json and the page.

import { basename, resolve } from 'node:path';
import { type EvaluateOptions, evaluate } from '../craft/attribution/evaluate.ts';
import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { Classifier, ImageSource } from '../craft/classifier.ts';
import type { ExplainResult } from '../craft/explain.ts';
import { openImageFolder } from '../inputs/image-folder-fs.ts';
import { writeReport } from '../report/report-fs.ts';
import { loadClassifier } from '../runtimes/load-classifier-fs.ts';
import { saveEvaluation } from '../store/evaluation-fs.ts';
import { loadExplanation } from '../store/explanation-fs.ts';
import { type CacheSettings, openActivations } from './cache-fs.ts';
import type { Io } from './io.ts';

/** An evaluation with its files. */
export interface EvaluateJob extends Pick<EvaluateOptions, 'methods' | 'images' | 'concepts' | 'steps'> {
  /** Of the explanation. */
  readonly folder: string;
  readonly model: string;
  readonly inputs: string;
  readonly threads?: number;
  readonly cache: CacheSettings;
}

/** Tests an explanation with its own layer, preprocessing and images. */
export async function runEvaluate(
  { folder, model, inputs, threads, cache: settings, ...options }: EvaluateJob,
  io: Io,
): Promise<{ evaluation: Evaluation; page: string }> {
  const result = await loadExplanation(folder);
  const { layer, preprocess } = result.explanation;
  const cache = await openActivations(settings, io);
  const activations = cache ?? undefined;
  let classifier: Classifier | null = null;
  try {
    classifier = await loadClassifier(model, { layer: layer.tensor, preprocess, threads, activations });
    const images = await openImageFolder(inputs, {
      preprocess: classifier.preprocess,
      batchSize: result.explanation.settings.batchSize,
      limit: result.explanation.settings.limit ?? undefined,
      signal: io.signal,
    });
    const source = Object.assign(images, { source: basename(resolve(inputs)) });
    return await testExplanation(folder, result, { classifier, source }, options, io);
  } finally {
    io.progress.done();
    await classifier?.release();
    await cache?.close();
  }
}

/** Evaluates, writes evaluation.json and the page again. */
export async function testExplanation(
  folder: string,
  result: ExplainResult,
  tested: { classifier: Classifier; source: ImageSource },
  options: Pick<EvaluateJob, 'methods' | 'images' | 'concepts' | 'steps'>,
  io: Io,
): Promise<{ evaluation: Evaluation; page: string }> {
  const { signal, progress } = io;
  const evaluation = await evaluate(result, tested, { ...options, signal, onProgress: progress.report });
  progress.done();
  await saveEvaluation(folder, evaluation);
  return { evaluation, page: await writeReport(folder) };
}
