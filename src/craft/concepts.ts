// From latents to concept coefficients and back: U(x) by NNLS on a fixed W, and the latents (u ⊙ m) W.

import { nnls, transformCd } from '../math/nnls.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LatentShape, Latents } from './layout.ts';

/** Coefficients of N inputs at every location: [N, T, r]. */
export interface Coefficients {
  readonly data: Float32Array;
  readonly count: number;
  readonly rank: number;
  readonly shape: LatentShape;
}

/** How new rows are projected on W: exactly, or as the reference does (a truncated descent). */
export type Projection = 'exact' | 'cd';

/**
 * u = argmin_{u ≥ 0} ½‖a − uW‖² at every location of a batch of latents.
 *
 * @param W - [r, p]
 */
export async function coefficientsOf(
  latents: Latents,
  W: Tensor,
  projection: Projection = 'exact',
  signal?: AbortSignal,
): Promise<Coefficients> {
  const { count, shape } = latents;
  const rows = { data: latents.data, dims: [count * shape.locations, shape.width] };
  const U = projection === 'exact' ? await nnls(rows, W, { signal }) : (await transformCd(rows, W)).U;
  return { data: Float32Array.from(U.data), count, rank: W.dims[0], shape };
}

/**
 * Latents (u ⊙ m) W of one input for a set of masks, the same mask at every location.
 *
 * @param u - coefficients of the input, [T, r].
 * @param masks - [B, r].
 * @param out - receives [B, T, p].
 */
export function maskedLatents(
  u: Float32Array,
  masks: Float64Array,
  W: Tensor,
  shape: LatentShape,
  out: Float32Array,
): Latents {
  const [r, p] = W.dims;
  const T = shape.locations;
  const count = masks.length / r;
  out.fill(0, 0, count * T * p);
  for (let b = 0; b < count; b++) {
    for (let t = 0; t < T; t++) {
      const to = (b * T + t) * p;
      for (let i = 0; i < r; i++) {
        const factor = u[t * r + i] * masks[b * r + i];
        if (factor === 0) continue;
        for (let c = 0, from = i * p; c < p; c++, from++) out[to + c] += factor * W.data[from];
      }
    }
  }
  return { data: out.subarray(0, count * T * p), count, shape };
}
