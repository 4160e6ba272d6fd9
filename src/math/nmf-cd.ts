// NMF by exact coordinate descent, with scikit-learn's sweep order, violation and stop.
//
//     min over U, W ≥ 0 of ½‖A − U W‖² + l1U ΣU + ½ l2U ‖U‖² + l1W ΣW + ½ l2W ‖W‖²
//
// Cichocki and Phan, Fast local algorithms for large scale nonnegative matrix and tensor
// factorizations (2009), IEICE Trans. E92-A, 708–721; Hsieh and Dhillon (KDD 2011).

import type { Tensor } from '../tensor/tensor.ts';
import type { NmfProgress } from './factor-checks.ts';
import type { Pace } from './pace.ts';
import { addTransposeTimes, gramOfRows, rowBlocks, timesTranspose, transpose } from './products.ts';

export interface Penalty {
  l1U: number;
  l2U: number;
  l1W: number;
  l2W: number;
}

export interface Factors {
  /** [n, r] */
  U: Float64Array;
  /** [r, p] */
  W: Float64Array;
}

export interface SolverSettings {
  maxIter: number;
  tol: number;
  penalty: Penalty;
  pace: Pace;
  onProgress?: ((progress: NmfProgress) => void) | undefined;
}

export interface SolverResult extends Factors {
  iterations: number;
  converged: boolean;
}

/**
 * One coordinate descent pass over P ≥ 0 for ½‖X − P Qᵀ‖² with G = QᵀQ (+ l2 on the diagonal) and
 * F = X Q (− l1): each P_it is set to its exact minimiser, t = 0 … r − 1. Changes P [rows, r].
 *
 * @param from - first row of P; F starts at its own row 0.
 * @returns Σ |projected gradient| as met on the way.
 */
export function sweep(
  P: Float64Array,
  from: number,
  rows: number,
  r: number,
  G: Float64Array,
  F: Float64Array,
): number {
  let violation = 0;
  for (let i = 0; i < rows; i++) {
    const row = (from + i) * r;
    for (let t = 0; t < r; t++) {
      let gradient = -F[i * r + t];
      for (let s = 0; s < r; s++) gradient += G[t * r + s] * P[row + s];
      const value = P[row + t];
      violation += Math.abs(value === 0 ? Math.min(0, gradient) : gradient);
      const curvature = G[t * r + t];
      if (curvature !== 0) P[row + t] = Math.max(value - gradient / curvature, 0);
    }
  }
  return violation;
}

/**
 * Runs coordinate descent from `start` (not changed) until the violation of an iteration, as a share
 * of the first one's, is ≤ tol. An iteration is one pass over A: a block of rows gives A Wᵀ, then new
 * coefficients U, then its part of Uᵀ A. Cost O(n p r) each.
 */
export async function coordinateDescent(
  A: Tensor,
  start: Factors,
  settings: SolverSettings,
): Promise<SolverResult> {
  const { maxIter, tol, penalty, pace, onProgress } = settings;
  const [n, p] = A.dims;
  const r = start.U.length / n;
  const U = start.U.slice();
  const Wt = transpose(start.W, r, p);
  const W = start.W.slice();
  const UtA = new Float64Array(r * p);
  const AtU = new Float64Array(p * r);
  let first = 0;
  let iterations = 0;
  let converged = false;
  while (iterations < maxIter && !converged) {
    iterations++;
    let violation = await updateU(A, U, W, r, UtA, penalty, pace);

    const G = gramOfRows(transpose(U, n, r), r, n);
    for (let t = 0; t < r; t++) G[t * r + t] += penalty.l2W;
    transpose(UtA, r, p, AtU);
    if (penalty.l1W > 0) for (let k = 0; k < AtU.length; k++) AtU[k] -= penalty.l1W;
    violation += sweep(Wt, 0, p, r, G, AtU);
    transpose(Wt, p, r, W);

    if (iterations === 1) first = violation;
    const share = first === 0 ? 0 : violation / first;
    converged = share <= tol;
    onProgress?.({ iteration: iterations, maxIter, violation: share });
  }
  return { U, W, iterations, converged };
}

async function updateU(
  A: Tensor,
  U: Float64Array,
  W: Float64Array,
  r: number,
  UtA: Float64Array,
  { l1U, l2U }: Penalty,
  pace: Pace,
): Promise<number> {
  const p = A.dims[1];
  const G = gramOfRows(W, r, p);
  for (let t = 0; t < r; t++) G[t * r + t] += l2U;
  UtA.fill(0);
  let F = new Float64Array(0);
  let violation = 0;
  for (const { start, count, data } of rowBlocks(A)) {
    if (F.length < count * r) F = new Float64Array(count * r);
    timesTranspose(data, count, W, r, p, F);
    if (l1U > 0) for (let k = 0; k < count * r; k++) F[k] -= l1U;
    violation += sweep(U, start, count, r, G, F);
    addTransposeTimes(U.subarray(start * r, (start + count) * r), count, r, data, p, UtA);
    await pace.rest();
  }
  return violation;
}
