// The work of `explain`, shared with `demo`: from paths to a folder with an explanation and its page.

import { basename, join, resolve } from 'node:path';
import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { MapMethod } from '../craft/attribution/map-options.ts';
import type { Classifier } from '../craft/classifier.ts';
import { explain } from '../craft/explain.ts';
import type { Explanation } from '../craft/explanation.ts';
import { keptInputs, planOf } from '../craft/plan.ts';
import type { ExplainRequest } from '../craft/request.ts';
import { type ImageFolder, openImageFolder } from '../inputs/image-folder-fs.ts';
import { findClass } from '../inputs/labels.ts';
import { readLabels } from '../inputs/labels-fs.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { renderReport } from '../report/render.ts';
import { REPORT_FILE } from '../report/report-fs.ts';
import { loadClassifier } from '../runtimes/load-classifier-fs.ts';
import { checkReplaceable, saveExplanation } from '../store/explanation-fs.ts';
import { shownInputs } from '../store/shown-inputs.ts';
import { type CacheSettings, openActivations } from './cache-fs.ts';
import type { Io } from './io.ts';
import { type TimedPlan, timedPlan } from './plan-time.ts';
import { testExplanation } from './run-evaluate.ts';

/** A run with its files. */
export interface ExplainJob {
  readonly model: string;
  readonly inputs: string;
  readonly request: ExplainRequest;
  readonly out: string;
  readonly layer?: string;
  readonly labels?: string;
  readonly preprocess?: Partial<Preprocess>;
  readonly limit?: number;
  readonly threads?: number;
  /** Default: activations are kept, with the usual limit. */
  readonly cache?: CacheSettings;
}

/** What is open during a run. */
interface Prepared {
  readonly classifier: Classifier;
  readonly images: ImageFolder;
  close(): Promise<void>;
}

/** Explains and writes the folder; returns the explanation and the path of its page. */
export async function runExplain(
  job: ExplainJob,
  io: Io,
): Promise<{ explanation: Explanation; evaluation: Evaluation | null; page: string }> {
  await checkReplaceable(job.out);
  const { classifier, images, close } = await prepare(job, io);
  try {
    const source = Object.assign(images, { source: basename(resolve(job.inputs)) });
    const result = await explain(job.request, {
      classifier,
      source,
      limit: job.limit ?? null,
      signal: io.signal,
      onProgress: io.progress.report,
    });
    io.progress.done();
    tellWhatWasKept(classifier, io);
    const { explanation, pictures } = await withPictures(result.explanation, images);
    const page = renderReport({ explanation, ...result.matrices });
    await saveExplanation(
      job.out,
      { ...result, explanation },
      new Map<string, Uint8Array | string>([...pictures, [REPORT_FILE, page]]),
    );
    if (!job.request.evaluate) return { explanation, evaluation: null, page: join(job.out, REPORT_FILE) };
    const tested = { classifier, source };
    const shown = { ...result, explanation };
    const { evaluation, page: again } = await testExplanation(job.out, shown, tested, testOf(job), io);
    return { explanation, evaluation, page: again };
  } finally {
    io.progress.done();
    await close();
  }
}

/** The maps that the page shows are tested; where it shows the latent's own only, those of all methods. */
function testOf({ request: { maps } }: ExplainJob): { methods?: MapMethod[] } {
  return maps.length > 0 ? { methods: [...new Set<MapMethod>(['latent', ...maps])] } : {};
}

/** The plan of a run and its time on this machine, from runs of g, h and backward on a few images of noise. */
export async function planExplain(job: ExplainJob, io: Io): Promise<TimedPlan & { layer: string }> {
  const { classifier, images, close } = await prepare(job, io);
  try {
    const count = Math.min(images.total, job.limit ?? Number.POSITIVE_INFINITY);
    const kept = await keptInputs(job.request, classifier, images);
    const plan = planOf(job.request, classifier, count, kept);
    return { ...(await timedPlan(classifier, plan)), layer: classifier.layer.tensor };
  } finally {
    await close();
  }
}

function tellWhatWasKept({ activations, encoderRuns }: Classifier, io: Io): void {
  if (!activations?.kept) return;
  io.stderr(
    `note: g ran on ${encoderRuns()} crops and images; it did on ${activations.kept} in earlier runs, and what it gave was kept\n`,
  );
}

async function prepare(job: ExplainJob, io: Io): Promise<Prepared> {
  const labels = job.labels === undefined ? undefined : await readLabels(job.labels);
  const { layer, preprocess, threads } = job;
  const cache = await openActivations(job.cache === undefined ? {} : job.cache, io);
  const activations = cache ?? undefined;
  const classifier = await loadClassifier(job.model, { layer, preprocess, threads, labels, activations });
  const close = async (): Promise<void> => {
    await classifier.release();
    await cache?.close();
  };
  try {
    findClass(classifier.labels ?? [], String(job.request.class), classifier.classes);
    for (const note of [...classifier.preprocess.notes, ...classifier.warnings]) io.stderr(`note: ${note}\n`);
    const images = await openImageFolder(job.inputs, {
      preprocess: classifier.preprocess,
      batchSize: job.request.batchSize,
      limit: job.limit,
      signal: io.signal,
    });
    planOf(job.request, classifier, images.total); // says now what would fail later
    return { classifier, images, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Pictures of the inputs that the page shows, and the explanation that names them. */
async function withPictures(
  explanation: Explanation,
  images: ImageFolder,
): Promise<{ explanation: Explanation; pictures: Map<string, Uint8Array> }> {
  const pictures = new Map<string, Uint8Array>();
  const items = explanation.inputs.items.map((item) => ({ ...item }));
  for (const n of shownInputs(explanation)) {
    const path = `assets/inputs/${String(n).padStart(5, '0')}.jpg`;
    pictures.set(path, await images.picture(items[n].name));
    items[n].image = path;
  }
  return { explanation: { ...explanation, inputs: { ...explanation.inputs, items } }, pictures };
}
