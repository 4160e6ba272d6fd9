// NMF by multiplicative updates, with scikit-learn's order, guards and stop, for
//
//     ½‖A − U W‖² (frobenius)   or   Σ A log(A / UW) − A + UW (kullback-leibler), + penalties
//
// Lee and Seung, Algorithms for non-negative matrix factorization (NIPS 2000); Févotte and Idier,
// Algorithms for nonnegative matrix factorization with the β-divergence (2011), Neural Comput. 23(9).

import type { Tensor } from '../tensor/tensor.ts';
import { squaredResidual } from './factor-checks.ts';
import type { Factors, SolverResult, SolverSettings } from './nmf-cd.ts';
import { addTransposeTimes, gramOfRows, rowBlocks, times, timesTranspose, transpose } from './products.ts';

export type BetaLoss = 'frobenius' | 'kullback-leibler';

/** The least denominator: float32's epsilon, as in scikit-learn. */
const EPSILON = 2 ** -23;
/** A weight below float64's epsilon is 0 (Kullback–Leibler only, as in scikit-learn). */
const VANISHED = 2 ** -52;
/** The loss costs a pass over A, so the stopping rule is tested every so many iterations. */
const TEST_EVERY = 10;

/**
 * Runs multiplicative updates from `start` (not changed). Every 10 iterations, stops if √(2 · loss)
 * fell by less than tol times its first value. A zero never becomes positive: a start with zeros
 * (nndsvd) keeps them.
 */
export async function multiplicativeUpdates(
  A: Tensor,
  start: Factors,
  betaLoss: BetaLoss,
  settings: SolverSettings,
): Promise<SolverResult & { error: number }> {
  const { maxIter, tol, onProgress } = settings;
  const factors = { U: start.U.slice(), W: start.W.slice() };
  const error = (): number =>
    betaLoss === 'frobenius'
      ? Math.sqrt(squaredResidual(A, factors.U, factors.W, factors.U.length / A.dims[0]))
      : Math.sqrt(2 * Math.max(0, divergence(A, factors)));
  const first = error();
  let last = first;
  let iterations = 0;
  let converged = first === 0;
  while (iterations < maxIter && !converged) {
    iterations++;
    if (betaLoss === 'frobenius') await frobeniusStep(A, factors, settings);
    else await kullbackLeiblerStep(A, factors, settings);
    if (iterations % TEST_EVERY !== 0) continue;
    const now = error();
    const fall = (last - now) / first;
    converged = tol > 0 && fall < tol;
    last = now;
    onProgress?.({ iteration: iterations, maxIter, violation: Math.max(0, fall) });
  }
  return { ...factors, iterations, converged, error: error() };
}

async function frobeniusStep(A: Tensor, { U, W }: Factors, { penalty, pace }: SolverSettings): Promise<void> {
  const [n, p] = A.dims;
  const r = W.length / p;
  const G = gramOfRows(W, r, p);
  const numerator = new Float64Array(n * r);
  const UtA = new Float64Array(r * p);
  for (const { start, count, data } of rowBlocks(A)) {
    const rows = U.subarray(start * r, (start + count) * r);
    const F = numerator.subarray(0, count * r);
    timesTranspose(data, count, W, r, p, F);
    const denominator = new Float64Array(count * r);
    times(rows, count, G, r, r, denominator);
    scaleBy(rows, F, denominator, penalty.l1U, penalty.l2U);
    addTransposeTimes(rows, count, r, data, p, UtA);
    await pace.rest();
  }
  const UtU = gramOfRows(transpose(U, n, r), r, n);
  const denominator = new Float64Array(r * p);
  times(UtU, r, W, r, p, denominator);
  scaleBy(W, UtA, denominator, penalty.l1W, penalty.l2W);
}

async function kullbackLeiblerStep(
  A: Tensor,
  { U, W }: Factors,
  { penalty, pace }: SolverSettings,
): Promise<void> {
  const [n, p] = A.dims;
  const r = W.length / p;
  const sumsOfW = Float64Array.from({ length: r }, (_, t) =>
    W.subarray(t * p, (t + 1) * p).reduce((a, b) => a + b, 0),
  );
  const UtQ = new Float64Array(r * p);
  for (const { start, count, data } of rowBlocks(A)) {
    const rows = U.subarray(start * r, (start + count) * r);
    const F = new Float64Array(count * r);
    timesTranspose(ratio(data, rows, count, W, r, p), count, W, r, p, F);
    const denominator = Float64Array.from({ length: count * r }, (_, k) => sumsOfW[k % r]);
    scaleBy(rows, F, denominator, penalty.l1U, penalty.l2U);
    // W has not moved yet, so this block's part of UᵀQ with the new U can follow at once
    addTransposeTimes(rows, count, r, ratio(data, rows, count, W, r, p), p, UtQ);
    await pace.rest();
  }
  const sumsOfU = new Float64Array(r);
  for (let k = 0; k < n * r; k++) sumsOfU[k % r] += U[k];
  const denominator = Float64Array.from({ length: r * p }, (_, k) => sumsOfU[Math.floor(k / p)] || 1);
  scaleBy(W, UtQ, denominator, penalty.l1W, penalty.l2W);
  for (let k = 0; k < W.length; k++) if (W[k] < VANISHED) W[k] = 0;
}

/** X ← X ∘ numerator / (denominator + l1 + l2 X), the denominator never 0. */
function scaleBy(
  X: Float64Array,
  numerator: Float64Array,
  denominator: Float64Array,
  l1: number,
  l2: number,
): void {
  for (let k = 0; k < X.length; k++) {
    const d = denominator[k] + l1 + l2 * X[k];
    X[k] *= numerator[k] / (d === 0 ? EPSILON : d);
  }
}

/** Q = A / max(U W, ε) of a block of rows. */
function ratio(
  a: Float64Array,
  U: Float64Array,
  count: number,
  W: Float64Array,
  r: number,
  p: number,
): Float64Array {
  const Q = new Float64Array(count * p);
  times(U, count, W, r, p, Q);
  for (let k = 0; k < count * p; k++) Q[k] = a[k] / Math.max(Q[k], EPSILON);
  return Q;
}

/** Kullback–Leibler divergence of A from U W; elements of A up to ε count as 0, as in scikit-learn. */
function divergence(A: Tensor, { U, W }: Factors): number {
  const p = A.dims[1];
  const r = W.length / p;
  let total = 0;
  for (const { start, count, data } of rowBlocks(A)) {
    const fit = new Float64Array(count * p);
    times(U.subarray(start * r, (start + count) * r), count, W, r, p, fit);
    let sum = 0;
    for (let k = 0; k < count * p; k++) {
      const a = data[k];
      if (a > EPSILON) sum += a * Math.log(a / Math.max(fit[k], EPSILON)) - a;
      sum += fit[k];
    }
    total += sum;
  }
  return total;
}
