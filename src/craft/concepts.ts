// From latents to concept coefficients: U(x) by NNLS on a fixed W.

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
