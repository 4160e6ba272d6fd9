// The work of `explain` on texts, shared with `demo text`: from paths to a folder with an explanation.

import { join } from 'node:path';
import { explainText, type TextResult } from '../craft/text/explain-text.ts';
import type { TextExplanation } from '../craft/text/text-explanation.ts';
import type { TextRequest } from '../craft/text/text-request.ts';
import { findClass } from '../inputs/labels.ts';
import { readLabels } from '../inputs/labels-fs.ts';
import { openTextFile, type TextFileOptions } from '../inputs/text/text-file-fs.ts';
import { inspectModel } from '../onnx/inspect.ts';
import { readModelFile } from '../runtimes/model-file-fs.ts';
import { loadTextClassifier, type TextLoadOptions } from '../runtimes/text/load-text-classifier-fs.ts';
import { EXPLANATION_FILE, MATRICES_FILE } from '../store/explanation.ts';
import { checkReplaceable, saveFiles } from '../store/explanation-fs.ts';
import { textExplanationToJson, textMatricesToBytes } from '../store/text-explanation.ts';
import type { Io } from './io.ts';

/** A run with its files. */
export interface TextJob {
  readonly model: string;
  /** A file of texts, or `-`. */
  readonly texts: string;
  readonly request: TextRequest;
  readonly out: string;
  readonly layer?: string;
  /** A file of class names; default: those of config.json. */
  readonly labels?: string;
  readonly limit?: number;
  readonly threads?: number;
  readonly maxTokens?: number;
  readonly columns?: Pick<TextFileOptions, 'textColumn' | 'labelColumn' | 'idColumn'>;
}

/** Explains and writes the folder. */
export async function runExplainText(
  job: TextJob,
  io: Io,
): Promise<{ explanation: TextExplanation; matrices: TextResult['matrices']; path: string }> {
  await checkReplaceable(job.out);
  const labels = job.labels === undefined ? undefined : await readLabels(job.labels);
  const options = { layer: job.layer, threads: job.threads, maxTokens: job.maxTokens, labels };
  const classifier = await loadTextClassifier(job.model, options);
  try {
    findClass(classifier.labels ?? [], String(job.request.class), classifier.classes);
    for (const note of classifier.warnings) io.stderr(`note: ${note}\n`);
    const source = await openTextFile(job.texts, { ...job.columns, limit: job.limit, signal: io.signal });
    try {
      const relu = job.request.compareSigns
        ? await reluAfter(job.model, classifier.layer.tensor, options)
        : null;
      const result = await explainText(job.request, {
        classifier,
        source,
        relu,
        limit: job.limit ?? null,
        signal: io.signal,
        onProgress: io.progress.report,
      }).finally(() => relu?.release());
      io.progress.done();
      await saveFiles(
        job.out,
        new Map<string, Uint8Array | string>([
          [EXPLANATION_FILE, textExplanationToJson(result.explanation)],
          [MATRICES_FILE, textMatricesToBytes(result.matrices)],
        ]),
      );
      return { ...result, path: join(job.out, EXPLANATION_FILE) };
    } finally {
      await source.close();
    }
  } finally {
    io.progress.done();
    await classifier.release();
  }
}

/**
 * The model cut at the first vector after `layer` that is never negative, as the ReLU of a head is; null if there is
 * none, or it is `layer` itself.
 */
async function reluAfter(model: string, layer: string, options: TextLoadOptions) {
  const { layers } = inspectModel((await readModelFile(model)).bytes);
  const at = layers.findIndex(({ tensor }) => tensor === layer);
  if (at < 0 || layers[at].nonNegative === true) return null;
  const found = layers
    .slice(at + 1)
    .find(({ nonNegative, layout }) => nonNegative === true && layout === 'NC');
  return found ? loadTextClassifier(model, { ...options, layer: found.tensor }) : null;
}
