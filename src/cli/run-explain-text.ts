// The work of `explain` on texts, shared with `demo text`: from paths to a folder with an explanation and its page.

import { join } from 'node:path';
import type { TextClassifier } from '../craft/classifier.ts';
import { explainText } from '../craft/text/explain-text.ts';
import { readTexts, type TextData } from '../craft/text/text-data.ts';
import type { TextExplanation } from '../craft/text/text-explanation.ts';
import { someTexts } from '../craft/text/text-passes.ts';
import { countTexts, type TextPlan, textPlanOf } from '../craft/text/text-plan.ts';
import type { TextRequest } from '../craft/text/text-request.ts';
import { findClass } from '../inputs/labels.ts';
import { readLabels } from '../inputs/labels-fs.ts';
import type { TextFile, TextFileOptions } from '../inputs/text/text-file.ts';
import { openTextFile } from '../inputs/text/text-file-fs.ts';
import { renderTextReport } from '../report/render.ts';
import { REPORT_FILE } from '../report/report-fs.ts';
import { readModelFile } from '../runtimes/model-file-fs.ts';
import { loadTextClassifier, type TextLoadOptions } from '../runtimes/text/load-text-classifier-fs.ts';
import { reluLayerAfter } from '../runtimes/text/relu-layer.ts';
import { checkReplaceable } from '../store/explanation-fs.ts';
import { latentFiles } from '../store/latent-files-fs.ts';
import { saveTextExplanation } from '../store/text-explanation-fs.ts';
import { type CacheSettings, openActivations, scratchFolder } from './cache-fs.ts';
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
  /** Default: activations are kept, with the usual limit. */
  readonly cache?: CacheSettings;
  readonly columns?: Pick<TextFileOptions, 'textColumn' | 'labelColumn' | 'idColumn' | 'encoding'>;
}

/** What is open during a run. */
interface Prepared {
  readonly classifier: TextClassifier;
  readonly source: TextFile;
  /** Cut at the ReLU of the head; null where there is none or signs are not compared. */
  readonly relu: TextClassifier | null;
  close(): Promise<void>;
}

/** Explains and writes the folder; returns the explanation and the path of its page. */
export async function runExplainText(
  job: TextJob,
  io: Io,
): Promise<{ explanation: TextExplanation; page: string }> {
  await checkReplaceable(job.out);
  const { close, ...opened } = await prepare(job, io);
  const storage = latentFiles(scratchFolder(job.cache === undefined ? {} : job.cache));
  try {
    const effects = {
      ...opened,
      storage,
      limit: job.limit ?? null,
      signal: io.signal,
      onProgress: io.progress.report,
    };
    const result = await explainText(job.request, effects);
    io.progress.done();
    const { explanation, matrices } = result;
    const page = renderTextReport({ explanation, ...matrices });
    await saveTextExplanation(job.out, result, new Map([[REPORT_FILE, page]]));
    return { explanation, page: join(job.out, REPORT_FILE) };
  } finally {
    io.progress.done();
    await storage.close();
    await close();
  }
}

/** The plan of a run and its time on this machine, from a run of g and h on a few of the texts. */
export async function planExplainText(
  job: TextJob,
  io: Io,
): Promise<TextPlan & { seconds: number; layer: string }> {
  const { classifier, source, relu, close } = await prepare(job, io);
  try {
    const effects = { classifier, source, signal: io.signal };
    const data = await readTexts(job.request, effects);
    const plan = textPlanOf(job.request, classifier, await countTexts(data, effects), relu !== null);
    return {
      ...plan,
      seconds: await estimatedSeconds(classifier, await probeTexts(data, effects), plan),
      layer: classifier.layer.tensor,
    };
  } finally {
    await close();
  }
}

async function prepare(job: TextJob, io: Io): Promise<Prepared> {
  const labels = job.labels === undefined ? undefined : await readLabels(job.labels);
  const cache = await openActivations(job.cache === undefined ? {} : job.cache, io);
  const activations = cache ?? undefined;
  const options = { layer: job.layer, threads: job.threads, maxTokens: job.maxTokens, labels, activations };
  const open: { release(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of open) await one.release();
    await cache?.close();
  };
  try {
    const classifier = await loadTextClassifier(job.model, options);
    open.push(classifier);
    findClass(classifier.labels ?? [], String(job.request.class), classifier.classes);
    for (const note of classifier.warnings) io.stderr(`note: ${note}\n`);
    const source = await openTextFile(job.texts, { ...job.columns, limit: job.limit, signal: io.signal });
    open.push({ release: () => source.close() });
    const { compareSigns } = job.request;
    const relu = compareSigns ? await reluAfter(job.model, classifier.layer.tensor, options) : null;
    if (relu) open.push(relu);
    return { classifier, source, relu, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const PROBE_TEXTS = 8;

/** Texts and units, spread over all. */
async function probeTexts(data: TextData, effects: { source: TextFile; signal?: AbortSignal }) {
  const { units, ids } = data;
  const all = units.count + ids.length;
  const probed = Math.min(PROBE_TEXTS, all);
  const places = Array.from({ length: probed }, (_, k) => Math.floor((k * all) / probed));
  const textOf = (place: number): number => (place < units.count ? units.text[place] : place - units.count);
  const texts = await someTexts(effects, data, new Set(places.map(textOf)));
  return places.map((place) => {
    const text = texts.get(textOf(place))!;
    return place < units.count ? text.slice(units.start[place], units.end[place]) : text;
  });
}

/** From the second run: the first of a session allocates. */
async function estimatedSeconds(
  classifier: TextClassifier,
  batch: string[],
  plan: TextPlan,
): Promise<number> {
  const probed = batch.length;
  await classifier.inputToLatent(batch);
  const start = performance.now();
  const latent = await classifier.inputToLatent(batch);
  const encoded = performance.now();
  await classifier.latentToLogit(latent);
  const before = performance.now();
  await classifier.latentToLogit(latent);
  const ended = performance.now();
  const each = ((encoded - start) * plan.encoderRuns + (ended - before) * plan.headRuns) / probed;
  return each / 1000;
}

/** The model cut at the ReLU after `layer`, if there is one. */
async function reluAfter(model: string, layer: string, options: TextLoadOptions) {
  const found = reluLayerAfter((await readModelFile(model)).bytes, layer);
  return found === null ? null : loadTextClassifier(model, { ...options, layer: found });
}
