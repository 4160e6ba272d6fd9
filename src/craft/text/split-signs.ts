// Signed latents as non-negative ones of twice the width: a = a⁺ − a⁻ with [a⁺, a⁻] ≥ 0.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { InputBatch } from '../batches.ts';
import type { CraftOptions } from '../options.ts';
import type { Cotangent, TokenGradients, TokenVjp } from './token-vjp.ts';

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
 * split of their mean. Gradients of g go through the split; a fold of h does not know of it and is dropped.
 */
export function withSplitSigns(options: CraftOptions): CraftOptions {
  const { foldHead: _, activations: __, ...rest } = options;
  const { latentToLogit: h, tokenStates, tokenVjp } = options;
  return {
    ...rest,
    inputToLatent: async (batch: InputBatch) => splitSigns(await options.inputToLatent(batch)),
    ...(tokenStates && { tokenStates: async (texts) => (await tokenStates(texts)).map(splitSigns) }),
    ...(tokenVjp && { tokenVjp: throughSplit(tokenVjp) }),
    ...(h && { latentToLogit: (latent: Tensor) => h.call(options, joinSigns(latent)) }),
  };
}

/** Gradients of the split latent: what is pulled back from [a⁺, a⁻] comes to a as 1[a > 0] v⁺ − 1[a < 0] v⁻. */
function throughSplit(vjp: TokenVjp): TokenVjp {
  return async (texts, cotangent, options) => {
    if (options.of !== 'latent') return vjp(texts, cotangent, options);
    const { at } = options;
    if (typeof cotangent === 'function') return vjp(texts, joined(cotangent), options);
    // which side a number is on is known when it is there, and what runs together is not known here: one by one
    const found: TokenGradients[] = [];
    const width = cotangent.dims[1];
    for (const [n, text] of texts.entries()) {
      const v = { data: cotangent.data.slice(n * width, (n + 1) * width), dims: [1, width] };
      const one = at && { at: [at[n]] };
      found.push(
        ...(await vjp(
          [text],
          joined(async () => v),
          { of: 'latent', ...one },
        )),
      );
    }
    return found;
  };
}

/** The cotangent of a that follows from that of its split. */
function joined(ofSplit: (outputs: Tensor) => Promise<Tensor>): Cotangent {
  return async (latents) => {
    const [b, p] = latents.dims;
    const v = await ofSplit(splitSigns(latents));
    if (v.dims.length !== 2 || v.dims[0] !== b || v.dims[1] !== 2 * p) {
      throw new CraftError(
        'SHAPE',
        `tokenVjp: expected a cotangent [${b}, ${2 * p}] of split latents; got dims [${v.dims}]`,
      );
    }
    const data = Float32Array.from(latents.data, (a, k) => {
      const at = k + Math.floor(k / p) * p;
      return a > 0 ? v.data[at] : a < 0 ? -v.data[at + p] : 0;
    });
    return { data, dims: [b, p] };
  };
}
