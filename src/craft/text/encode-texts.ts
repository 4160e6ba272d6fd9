// Texts to latents, those of about one length together.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { RunOptions } from '../options.ts';

/**
 * Latents of texts by g, in their order. Batches are made by falling length, so that little is padding and too large
 * a batch fails at once.
 *
 * @returns [n, p].
 * @throws {@link CraftError} `SHAPE` if a latent is no vector; `VALUE` if one is not finite; `ABORTED`.
 */
export async function encodeTexts(
  texts: readonly string[],
  g: (batch: string[]) => Promise<Tensor>,
  batchSize: number,
  { signal, onProgress, stage }: RunOptions & { stage: 'encode' | 'transform' },
): Promise<Tensor<Float32Array>> {
  const order = texts.map((_, n) => n).sort((a, b) => texts[b].length - texts[a].length || a - b);
  let data = new Float32Array(0);
  let p = 0;
  for (let first = 0; first < order.length; first += batchSize) {
    checkAborted(signal);
    const batch = order.slice(first, first + batchSize);
    const latent = await g(batch.map((n) => texts[n]));
    if (first === 0) {
      p = latent.dims[1];
      data = new Float32Array(texts.length * p);
    }
    checkLatent(latent, [batch.length, p]);
    batch.forEach((n, k) => {
      data.set(latent.data.subarray(k * p, (k + 1) * p), n * p);
    });
    onProgress?.({ stage, done: first + batch.length, total: order.length });
  }
  return { data, dims: [texts.length, p] };
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
