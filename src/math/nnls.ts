// Coefficients of new rows on a fixed concept bank: non-negative least squares, exact.

import type { Tensor } from '../tensor/tensor.ts';
import { checkFitOptions, checkNonNegative, checkPair, likeA } from './factor-checks.ts';
import { sweep } from './nmf-cd.ts';
import { rowSolver } from './nnls-row.ts';
import { pace } from './pace.ts';
import { gramOfRows, rowBlocks, timesTranspose } from './products.ts';

/**
 * U = argmin over U ≥ 0 of ½‖A − U W‖², row by row and exact: the optimality conditions hold to float64
 * rounding, and a row's result does not depend on the rows around it. One product A Wᵀ, then block
 * principal pivoting on r × r systems: O(n p r) in all. Where concepts are dependent (duplicate or zero
 * rows of W) the minimiser is not unique: one is returned, and a zero concept gets 0.
 *
 * @param A - activations [n, p], any sign.
 * @param W - concept bank [r, p], any sign.
 * @returns U [n, r] ≥ 0; Float32Array if A is, else Float64Array.
 * @throws {@link CraftError} `SHAPE` if the widths differ, `VALUE` if an element is not finite,
 *   `ABORTED` after `signal` fired.
 * @see Kim and Park (2011), SIAM J. Sci. Comput. 33(6), 3261–3281; Lawson and Hanson, Solving least
 *   squares problems (1974), ch. 23.
 */
export async function nnls(
  A: Tensor,
  W: Tensor,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Tensor<Float32Array | Float64Array>> {
  checkPair(A, W, 'nnls');
  const turn = pace('nnls', signal);
  const [n, p] = A.dims;
  const r = W.dims[0];
  const bank = Float64Array.from(W.data);
  const solver = rowSolver(gramOfRows(bank, r, p), r);
  const U = new Float64Array(n * r);
  for (const { start, count, data } of rowBlocks(A)) {
    const F = U.subarray(start * r, (start + count) * r); // A Wᵀ, then overwritten row by row
    timesTranspose(data, count, bank, r, p, F);
    for (let i = 0; i < count; i++) solver.solve(F, F, i * r);
    await turn.rest();
  }
  return likeA(A, U, [n, r]);
}

/**
 * The truncated descent that scikit-learn's NMF.transform does, for parity: coordinate descent sweeps
 * from U = 0 until their violation is ≤ tol times the first one's. It stops early, up to a tenth of the
 * maximum away from the minimiser, and a row's result depends on the others of its batch; use
 * {@link nnls} for anything else.
 *
 * @param A - [n, p], any sign. @param W - [r, p], ≥ 0.
 * @throws {@link CraftError} `SHAPE` or `VALUE` as {@link nnls}; `VALUE` if W has a negative element.
 */
export function transformCd(
  A: Tensor,
  W: Tensor,
  { tol = 1e-4, maxIter = 200 }: { tol?: number; maxIter?: number } = {},
): { U: Tensor<Float32Array | Float64Array>; iterations: number } {
  checkPair(A, W, 'transformCd');
  checkNonNegative(W, 'transformCd: W', 'use nnls for a signed bank');
  const [n, p] = A.dims;
  const r = W.dims[0];
  checkFitOptions('transformCd', { rank: r, seed: 0, maxIter, tol });
  const bank = Float64Array.from(W.data);
  const G = gramOfRows(bank, r, p);
  const F = new Float64Array(n * r);
  for (const { start, count, data } of rowBlocks(A)) {
    timesTranspose(data, count, bank, r, p, F.subarray(start * r, (start + count) * r));
  }
  const U = new Float64Array(n * r);
  let iterations = 0;
  for (let first = 0, share = Infinity; iterations < maxIter && share > tol; ) {
    iterations++;
    const violation = sweep(U, 0, n, r, G, F);
    if (iterations === 1) first = violation;
    share = first === 0 ? 0 : violation / first;
  }
  return { U: likeA(A, U, [n, r]), iterations };
}
