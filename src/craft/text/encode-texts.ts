// Texts to latents, those of about one length together.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { TextClassifier } from '../classifier.ts';
import type { RunOptions } from '../options.ts';
import { type LatentMatrix, LatentSink, memoryStorage } from './latent-storage.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import { passOver, windowsOf } from './text-passes.ts';
import type { TextRequest } from './text-request.ts';

/** Latents of the units [n, p] and of the texts [N, p]. */
export interface TextLatents {
  readonly units: LatentMatrix;
  readonly texts: LatentMatrix;
}

/** What is held at once: enough that texts of one length meet, and little beside the latents. */
const WINDOW = { characters: 4_000_000, units: 16_384 };

/**
 * Runs g on every unit and every text, in one pass. Batches are made by falling length within some thousand texts, so
 * that little is padding and too large a batch fails at once.
 *
 * @param onText - called with every text on the way.
 * @throws {@link CraftError} `SHAPE` if a latent is no vector; `VALUE` if one is not finite; `ABORTED`; `FILE` or
 *   `OPTION` if there is no room for the latents.
 */
export async function encodeTexts(
  data: TextData,
  effects: Pick<TextEffects, 'source' | 'signal' | 'onProgress' | 'storage' | 'wholeBytes'>,
  classifier: Pick<TextClassifier, 'inputToLatent'>,
  { batchSize }: Pick<TextRequest, 'batchSize'>,
  onText: (text: string) => void = () => {},
): Promise<TextLatents> {
  const { source, signal, onProgress, storage = memoryStorage, wholeBytes } = effects;
  const settings = { storage, batchSize, ...(wholeBytes !== undefined && { wholeBytes }) };
  const units = new LatentSink(data.units.count, settings);
  const texts = new LatentSink(data.ids.length, settings);
  const total = data.units.count + data.ids.length;
  let done = 0;
  const encode = async (strings: readonly string[], sink: LatentSink): Promise<void> => {
    const onBatch = (count: number): void => onProgress?.({ stage: 'encode', done: (done += count), total });
    const latents = await latentsOf(strings, (batch) => classifier.inputToLatent(batch), {
      batchSize,
      signal,
      onBatch,
    });
    if (latents) await sink.append(latents);
  };
  for await (const window of windowsOf(passOver({ source, signal }, data), WINDOW)) {
    await encode(window.contents, units);
    await encode(window.texts, texts);
    for (const text of window.texts) onText(text);
  }
  return { units: units.finish(), texts: texts.finish() };
}

/** Latents [n, p] in the order of the texts; null if there are none. */
async function latentsOf(
  texts: readonly string[],
  g: (batch: string[]) => Tensor | Promise<Tensor>,
  {
    batchSize,
    signal,
    onBatch,
  }: { batchSize: number; signal: RunOptions['signal']; onBatch: (count: number) => void },
): Promise<Tensor<Float32Array> | null> {
  const order = texts.map((_, n) => n).sort((a, b) => texts[b].length - texts[a].length || a - b);
  let found: Tensor<Float32Array> | null = null;
  for (let k = 0; k < order.length; k += batchSize) {
    checkAborted(signal);
    const batch = order.slice(k, k + batchSize);
    const latent = await g(batch.map((n) => texts[n]));
    const p: number = found?.dims[1] ?? latent.dims[1];
    checkLatent(latent, [batch.length, p]);
    found ??= { data: new Float32Array(texts.length * p), dims: [texts.length, p] };
    for (const [row, n] of batch.entries()) {
      found.data.set(latent.data.subarray(row * p, (row + 1) * p), n * p);
    }
    onBatch(batch.length);
  }
  return found;
}

function checkLatent({ data, dims }: Tensor, expected: readonly number[]): void {
  if (dims.length !== 2 || dims[0] !== expected[0] || dims[1] !== expected[1]) {
    throw new CraftError('SHAPE', `inputToLatent: expected latents [${expected}]; got dims [${dims}]`);
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new CraftError(
      'VALUE',
      `inputToLatent: expected finite activations; got ${data[bad]} for text ${Math.floor(bad / dims[1])} of a batch`,
    );
  }
}
