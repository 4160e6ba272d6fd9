// Signed latents as non-negative ones of twice the width: a = a⁺ − a⁻ with [a⁺, a⁻] ≥ 0.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { InputBatch } from '../batches.ts';
import type { CraftOptions } from '../options.ts';

/** [a⁺, a⁻] of latents [n, p]: [n, 2p]. @throws {@link CraftError} `SHAPE` unless they are vectors. */
export function splitSigns({ data, dims }: Tensor): Tensor<Float32Array> {
  if (dims.length !== 2) {
    throw new CraftError('SHAPE', `splitSigns: expected latents [n, p]; got dims [${dims}]`);
  }
  const [n, p] = dims;
  const split = new Float32Array(2 * n * p);
  for (let k = 0; k < n * p; k++) {
    const at = k + Math.floor(k / p) * p;
    split[at] = Math.max(data[k], 0);
    split[at + p] = Math.max(-data[k], 0);
  }
  return { data: split, dims: [n, 2 * p] };
}

/** The opposite: a⁺ − a⁻, [n, p] of [n, 2p]. */
export function joinSigns({ data, dims: [n, width] }: Tensor): Tensor<Float32Array> {
  const p = width / 2;
  const joined = new Float32Array(n * p);
  for (let k = 0; k < n * p; k++) {
    const at = k + Math.floor(k / p) * p;
    joined[k] = data[at] - data[at + p];
  }
  return { data: joined, dims: [n, p] };
}

/**
 * The same classifier with its latent split: g gives [a⁺, a⁻], h takes it. NMF then finds concepts that may hold a
 * direction and its opposite at once, which Semi-NMF never does.
 *
 * h after the split is affine if h is; states of tokens are split one by one, though the mean of their splits is not the
 * split of their mean. A fold of h and the gradients of g do not know of the split and are dropped.
 */
export function withSplitSigns(options: CraftOptions): CraftOptions {
  const { foldHead: _, activations: __, tokenVjp: ___, ...rest } = options;
  const { latentToLogit: h, tokenStates } = options;
  return {
    ...rest,
    inputToLatent: async (batch: InputBatch) => splitSigns(await options.inputToLatent(batch)),
    ...(tokenStates && { tokenStates: async (texts) => (await tokenStates(texts)).map(splitSigns) }),
    ...(h && { latentToLogit: (latent: Tensor) => h.call(options, joinSigns(latent)) }),
  };
}
