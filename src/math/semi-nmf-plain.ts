// Semi-NMF in float64: A ≈ U W with U ≥ 0 and W of any sign.
//
// Ding, Li and Jordan (2010) descend on U by a multiplicative update. An iteration of theirs costs the
// same two products, A Wᵀ and Uᵀ A, as the exact minimisation over U (non-negative least squares) and
// over W (least squares), which needs far fewer of them, never locks a coefficient at 0 and cannot
// increase the loss; so that is what is done. The start is theirs: cluster centres of the rows.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { choleskyOfSubset, choleskySolve } from './cholesky.ts';
import { type FactorResult, likeA, type NmfProgress, squaredResidual } from './factor-checks.ts';
import { clusterCenters } from './k-means.ts';
import { rowSolver } from './nnls-row.ts';
import type { Pace } from './pace.ts';
import {
  addTransposeTimes,
  dot,
  gramOfRows,
  rowBlocks,
  times,
  timesTranspose,
  transpose,
} from './products.ts';

export interface SemiNmfSettings {
  rank: number;
  seed: number;
  maxIter: number;
  tol: number;
  pace: Pace;
  onProgress?: ((progress: NmfProgress) => void) | undefined;
}

/** The loss may fall slowly once and then fast: one small step is no sign of the end. */
const SMALL_STEPS = 2;
/** A loss below this share of ½‖A‖² is rounding. */
const ROUNDING = 1e-12;

/** Semi-NMF in float64; A checked. */
export async function plainSemiNmf(
  A: Tensor,
  { rank, seed, maxIter, tol, pace: turn, onProgress }: SemiNmfSettings,
): Promise<FactorResult> {
  const [n, p] = A.dims;
  const W = await clusterCenters(A, rank, random(seed), turn);
  const U = new Float64Array(n * rank);
  const UtA = new Float64Array(rank * p);
  let last = Infinity;
  let iterations = 0;
  let small = 0;
  let worstRow = 0;
  while (iterations < maxIter && small < SMALL_STEPS) {
    iterations++;
    if (iterations > 1) updateW(A, U, W, UtA, worstRow);
    const { loss, scale, worst } = await updateU(A, U, W, UtA, turn);
    const fall = last === Infinity ? 1 : (last - loss) / Math.max(loss, ROUNDING * scale, Number.MIN_VALUE);
    small = fall <= tol ? small + 1 : 0;
    last = loss;
    worstRow = worst;
    onProgress?.({ iteration: iterations, maxIter, violation: Math.min(1, Math.max(0, fall)) });
  }
  return {
    U: likeA(A, U, [n, rank]),
    W: likeA(A, W, [rank, p]),
    iterations,
    loss: squaredResidual(A, U, W, rank) / 2,
    converged: small >= SMALL_STEPS,
  };
}

/** U ← the minimiser given W, and UᵀA for it. @returns twice the loss, ‖A‖² and the row that is explained worst. */
async function updateU(
  A: Tensor,
  U: Float64Array,
  W: Float64Array,
  UtA: Float64Array,
  turn: Pace,
): Promise<{ loss: number; scale: number; worst: number }> {
  const p = A.dims[1];
  const r = W.length / p;
  const solver = rowSolver(gramOfRows(W, r, p), r);
  UtA.fill(0);
  let loss = 0;
  let scale = 0;
  let worst = 0;
  let largest = -1;
  let F = new Float64Array(0);
  for (const { start, count, data } of rowBlocks(A)) {
    if (F.length < count * r) F = new Float64Array(count * r);
    timesTranspose(data, count, W, r, p, F);
    const rows = U.subarray(start * r, (start + count) * r);
    for (let i = 0; i < count; i++) {
      solver.solve(F, rows, i * r);
      const norm = dot(data, i * p, data, i * p, p);
      const residual = Math.max(0, norm - dot(rows, i * r, F, i * r, r)); // u is optimal: uᵀGu = uᵀf
      loss += residual;
      scale += norm;
      if (residual > largest) [largest, worst] = [residual, start + i];
    }
    addTransposeTimes(rows, count, r, data, p, UtA);
    await turn.rest();
  }
  return { loss, scale, worst };
}

/** W ← the minimiser given U; a concept that U does not use, or that its others imply, ← what `worstRow` lacks. */
function updateW(A: Tensor, U: Float64Array, W: Float64Array, UtA: Float64Array, worstRow: number): void {
  const [n, p] = A.dims;
  const r = W.length / p;
  const G = gramOfRows(transpose(U, n, r), r, n);
  const u = U.subarray(worstRow * r, (worstRow + 1) * r);
  solveBank(G, UtA, W, u, A.data.subarray(worstRow * p, (worstRow + 1) * p));
}

/**
 * W [r, p] ← G⁻¹ UᵀA; a concept that makes G = UᵀU singular ← the residual of one row, a − uW.
 */
export function solveBank(
  G: Float64Array,
  UtA: Float64Array,
  W: Float64Array,
  u: ArrayLike<number>,
  a: ArrayLike<number>,
): void {
  const r = Math.sqrt(G.length);
  const p = W.length / r;
  const { set, size, L, free } = independentSubset(G, r);
  const column = new Float64Array(size);
  W.fill(0);
  for (let j = 0; j < p; j++) {
    for (let k = 0; k < size; k++) column[k] = UtA[set[k] * p + j];
    choleskySolve(L, size, column);
    for (let k = 0; k < size; k++) W[set[k] * p + j] = column[k];
  }
  if (free < 0) return;
  const fit = new Float64Array(p);
  times(Float64Array.from(u), 1, W, r, p, fit);
  for (let j = 0; j < p; j++) W[free * p + j] = a[j] - fit[j];
}

/** A largest set of concepts whose columns of U are independent, its Cholesky factor, and the first one left out or −1. */
function independentSubset(
  G: Float64Array,
  r: number,
): { set: Int32Array; size: number; L: Float64Array; free: number } {
  const set = Int32Array.from({ length: r }, (_, t) => t);
  const L = new Float64Array(r * r);
  let size = r;
  let free = -1;
  for (let factored = choleskyOfSubset(G, r, set, size, L); factored < size; ) {
    free = free < 0 ? set[factored] : Math.min(free, set[factored]);
    set.copyWithin(factored, factored + 1, size);
    size--;
    factored = choleskyOfSubset(G, r, set, size, L);
  }
  return { set, size, L, free };
}
