// Texts to latents, those of about one length together.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { TextClassifier } from '../classifier.ts';
import type { RunOptions } from '../options.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import { passOver, windowsOf } from './text-passes.ts';
import type { TextRequest } from './text-request.ts';

/** Latents of the units [n, p] and of the texts [N, p]. */
export interface TextLatents {
  readonly units: Tensor<Float32Array>;
  readonly texts: Tensor<Float32Array>;
}

/** What is held at once: enough that texts of one length meet, and little beside the latents. */
const WINDOW = { characters: 4_000_000, units: 16_384 };

/**
 * Runs g on every unit and every text, in one pass. Batches are made by falling length within some thousand texts, so
 * that little is padding and too large a batch fails at once.
 *
 * @param onText - called with every text on the way.
 * @throws {@link CraftError} `SHAPE` if a latent is no vector; `VALUE` if one is not finite; `ABORTED`.
 */
export async function encodeTexts(
  data: TextData,
  { source, signal, onProgress }: Pick<TextEffects, 'source' | 'signal' | 'onProgress'>,
  classifier: Pick<TextClassifier, 'inputToLatent'>,
  { batchSize }: Pick<TextRequest, 'batchSize'>,
  onText: (text: string) => void = () => {},
): Promise<TextLatents> {
  const units = new LatentRows(data.units.count);
  const texts = new LatentRows(data.ids.length);
  const total = units.count + texts.count;
  const run = { signal, onProgress };
  let done = 0;
  const encode = async (strings: readonly string[], rows: LatentRows, first: number): Promise<void> => {
    const onBatch = (count: number): void => onProgress?.({ stage: 'encode', done: (done += count), total });
    await encodeInto(strings, (batch) => classifier.inputToLatent(batch), batchSize, {
      rows,
      first,
      signal,
      onBatch,
    });
  };
  for await (const window of windowsOf(passOver({ source, ...run }, data), WINDOW)) {
    await encode(window.contents, units, window.row);
    await encode(window.texts, texts, window.first);
    for (const text of window.texts) onText(text);
  }
  return { units: units.tensor(), texts: texts.tensor() };
}

async function encodeInto(
  texts: readonly string[],
  g: (batch: string[]) => Promise<Tensor>,
  batchSize: number,
  {
    rows,
    first,
    signal,
    onBatch,
  }: { rows: LatentRows; first: number; signal: RunOptions['signal']; onBatch: (count: number) => void },
): Promise<void> {
  const order = texts.map((_, n) => n).sort((a, b) => texts[b].length - texts[a].length || a - b);
  for (let k = 0; k < order.length; k += batchSize) {
    checkAborted(signal);
    const batch = order.slice(k, k + batchSize);
    rows.put(
      batch.map((n) => first + n),
      await g(batch.map((n) => texts[n])),
    );
    onBatch(batch.length);
  }
}

/** A matrix whose width the first rows tell. */
class LatentRows {
  readonly count: number;
  #data = new Float32Array(0);
  #p = 0;

  constructor(count: number) {
    this.count = count;
  }

  put(places: readonly number[], latent: Tensor): void {
    if (this.#p === 0) {
      this.#p = latent.dims[1];
      this.#data = allocated(this.count, this.#p);
    }
    const p = this.#p;
    checkLatent(latent, [places.length, p]);
    places.forEach((n, k) => {
      this.#data.set(latent.data.subarray(k * p, (k + 1) * p), n * p);
    });
  }

  tensor(): Tensor<Float32Array> {
    return { data: this.#data, dims: [this.count, this.#p] };
  }
}

function allocated(rows: number, p: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(rows * p);
  } catch (cause) {
    throw new CraftError(
      'OPTION',
      `texts: expected ${rows} latents of ${p} numbers to fit in memory; got ${(cause as Error).message} – use fewer texts (--limit) or larger units`,
      { cause },
    );
  }
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
