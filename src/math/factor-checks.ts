// Checks and small steps that nmf, semiNmf and nnls share.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { rowBlocks, times } from './products.ts';

/** More concepts than this are a mistake: the Gram matrix alone would take 128 MB. */
const MAX_RANK = 4096;
const MAX_SIZE = 1e100;

/** What a factorisation A ≈ U W returns. */
export interface FactorResult {
  /** Coefficients ≥ 0, [n, r]; Float32Array if A is, else Float64Array. */
  U: Tensor<Float32Array | Float64Array>;
  /** Concept bank, one concept a row, [r, p]; element type as U. */
  W: Tensor<Float32Array | Float64Array>;
  /** Passes over A that changed U and W. */
  iterations: number;
  /** ½‖A − U W‖², without cancellation. */
  loss: number;
  /** Whether the stopping rule was met before `maxIter`. */
  converged: boolean;
}

export interface NmfResult extends FactorResult {
  /** The solver that ran. */
  solver: 'fast' | 'cd' | 'mu';
  /** Why it ended where it did, in a sentence: what the loss still did, and whether another run may end lower. */
  ended: string;
}

/** State of a fit, as `onProgress` gets it. */
export interface NmfProgress {
  iteration: number;
  maxIter: number;
  /** What is compared with `tol`, 1 or less; falls as the fit settles. */
  violation: number;
}

/** Throws `VALUE` unless rank, maxIter and tol are usable; `where` opens the message. */
export function checkFitOptions(
  where: string,
  { rank, seed, maxIter, tol }: { rank: number; seed: number; maxIter: number; tol: number },
): void {
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= MAX_RANK)) {
    throw new CraftError(
      'VALUE',
      `${where}: expected rank, the number of concepts, to be a whole number from 1 to ${MAX_RANK}; got ${rank}`,
    );
  }
  if (!Number.isSafeInteger(seed)) {
    throw new CraftError('VALUE', `${where}: expected seed to be a whole number; got ${seed}`);
  }
  if (!(Number.isInteger(maxIter) && maxIter >= 1)) {
    throw new CraftError('VALUE', `${where}: expected maxIter to be a whole number ≥ 1; got ${maxIter}`);
  }
  if (!(tol >= 0 && tol < Infinity)) {
    throw new CraftError('VALUE', `${where}: expected tol to be a finite number ≥ 0; got ${tol}`);
  }
}

/** Throws `VALUE` at the first element above 10¹⁰⁰ in size, whose products could leave the range of float64. */
export function checkRange(t: Tensor, where: string): void {
  const bad = t.data.findIndex((v) => Math.abs(v) > MAX_SIZE);
  if (bad < 0) return;
  const p = t.dims[1];
  throw new CraftError(
    'VALUE',
    `${where}: expected no value above 1e100 in size; got ${t.data[bad]} at row ${Math.floor(bad / p)}, column ${bad % p}; scale the matrix down`,
  );
}

/** Throws `VALUE` at the first negative element of a matrix; `advice` ends the message. */
export function checkNonNegative(t: Tensor, where: string, advice: string): void {
  const bad = t.data.findIndex((v) => v < 0);
  if (bad < 0) return;
  const p = t.dims[1];
  throw new CraftError(
    'VALUE',
    `${where}: expected no negative value; got ${t.data[bad]} at row ${Math.floor(bad / p)}, column ${bad % p}; ${advice}`,
  );
}

/** Throws unless A [n, p] and W [r, p] are finite matrices of the same width. */
export function checkPair(A: Tensor, W: Tensor, where: string): void {
  checkMatrix(A, `${where}: A`);
  checkMatrix(W, `${where}: W`);
  checkRange(A, `${where}: A`);
  checkRange(W, `${where}: W`);
  if (A.dims[1] !== W.dims[1]) {
    throw new CraftError(
      'SHAPE',
      `${where}: expected A [n, p] and W [r, p] of the same width p; got [${A.dims}] and [${W.dims}]`,
    );
  }
}

/** `data` as the caller's kind of float: float32 if A is, else float64. */
export function likeA(A: Tensor, data: Float64Array, dims: number[]): Tensor<Float32Array | Float64Array> {
  return { data: A.data instanceof Float32Array ? Float32Array.from(data) : data, dims };
}

/** ‖A − U W‖² of float64 factors, from the residual itself. */
export function squaredResidual(A: Tensor, U: Float64Array, W: Float64Array, r: number): number {
  const p = A.dims[1];
  let total = 0;
  let fit = new Float64Array(0);
  for (const { start, count, data } of rowBlocks(A)) {
    if (fit.length < count * p) fit = new Float64Array(count * p);
    times(U.subarray(start * r, (start + count) * r), count, W, r, p, fit);
    let sum = 0;
    for (let k = 0; k < count * p; k++) sum += (data[k] - fit[k]) ** 2;
    total += sum;
  }
  return total;
}
