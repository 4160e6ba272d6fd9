// Extrapolated coordinate descent: steps until the loss settles, whatever the step on U reads.
//
// A step goes from the extrapolated pair (V, Y): V by coordinate descent given Y, then W given V, then both
// are moved on by beta times the last change. If the loss rose, the next step starts from (U, W) and beta
// shrinks; else it grows up to a bound (Ang and Gillis, Accelerating nonnegative matrix factorization
// algorithms using extrapolation, 2019, Neural Comput. 31(2), 417–439).

import type { Engine } from './kernels/engine.ts';
import { type FastFactors, gramOf, narrow } from './nmf-fast-factors.ts';

/** Growth and decay of beta and of its bound. */
const FIRST_BETA = 0.5;
const GROWTH = 1.05;
const BOUND_GROWTH = 1.01;
const DECAY = 1.5;
const BALANCE_EVERY = 5;

export interface DescentSettings {
  /** Most steps. */
  maxIter: number;
  /** A step that lowers the loss by less than this share of it is small; */
  small: number;
  /** so many of them in a row end the descent: the loss may fall slowly once and then fast. */
  smallSteps: number;
  /** Most sweeps over a column in a step, */
  sweeps: number;
  /** fewer once a sweep changes it by less than this share of the first. */
  settled: number;
  onStep?: (iteration: number, fall: number, square: number) => void;
}

export interface DescentResult {
  iterations: number;
  converged: boolean;
  /** ‖A − V W‖² at the last step. */
  square: number;
}

/**
 * One step's work on U, from Y to V, U, M and H.
 *
 * @returns what ⟨A, V X⟩ is more than ⟨M, X⟩, where M is not exactly VᵀA.
 */
export type StepOnU = (beta: number, settings: DescentSettings) => Promise<number>;

/** Steps from (U, W) until the loss settles. @param total - ‖A‖². */
export async function extrapolatedDescent(
  engine: Engine,
  factors: FastFactors,
  total: number,
  stepOnU: StepOnU,
  settings: DescentSettings,
): Promise<DescentResult> {
  const { maxIter, small, smallSteps, onStep } = settings;
  let beta = FIRST_BETA;
  let bound = 1;
  let lastGood = beta;
  let last = Infinity;
  let smalls = 0;
  let iterations = 0;
  restart(engine, factors);
  while (iterations < maxIter && smalls < smallSteps) {
    iterations++;
    const offset = await stepOnU(beta, settings);
    const square = stepOnW(engine, factors, total - 2 * offset, beta, settings);
    const fall = last === Infinity ? 1 : (last - square) / Math.max(square, Number.MIN_VALUE);
    if (square > last) {
      restart(engine, factors);
      bound = lastGood;
      beta /= DECAY;
    } else {
      lastGood = beta;
      beta = Math.min(bound, GROWTH * beta);
      bound = Math.min(1, BOUND_GROWTH * bound);
    }
    smalls = fall <= small ? smalls + 1 : 0;
    last = square;
    if (iterations % BALANCE_EVERY === 0) balance(engine, factors);
    onStep?.(iterations, fall, square);
  }
  return { iterations, converged: smalls >= smallSteps, square: last };
}

/** V ← U, Y ← W. */
export function restart(engine: Engine, { r, cut, U, V, W, Y }: FastFactors): void {
  const panel = r * cut.chunkRows;
  for (let c = 0; c < cut.chunks; c++) engine.f32(V[c], panel).set(engine.f32(U[c], panel));
  engine.f32(Y, r * cut.stride).set(engine.f32(W, r * cut.stride));
}

/** What U and W moved between steps on A is added to them again, times beta. */
export interface Momentum {
  beta: number;
  /** Whether lastU and lastW hold a pair to go on from. */
  set: boolean;
}

/** V and Y ← U and W moved on from lastU and lastW, which become U and W. */
export function moveOn(engine: Engine, factors: FastFactors, momentum: Momentum): void {
  const { r, cut, U, V, W, Y, lastU, lastW } = factors;
  const { chunkRows, stride, width } = cut;
  const beta = momentum.set ? momentum.beta : 0;
  for (let c = 0; c < cut.chunks; c++) {
    engine.kernels.extrapolate(lastU[c], U[c], V[c], chunkRows, chunkRows, r, beta);
  }
  engine.kernels.extrapolate(lastW, W, Y, stride, width, r, beta);
  momentum.set = true;
}

/**
 * Scales every concept so that ‖v_t‖ and ‖y_t‖ are about the same, by powers of 2 (no rounding): extrapolation
 * lets them drift apart, in the end out of float32's range.
 */
export function balance(engine: Engine, factors: FastFactors): void {
  const { r, cut, U, V, W, Y, lastU, lastW, G, H } = factors;
  const ofW = engine.f64(G.exact, r * r);
  const ofU = engine.f64(H.exact, r * r);
  const scaleRow = (address: number, t: number, stride: number, scale: number): void => {
    const row = engine.f32(address + t * stride * 4, stride);
    for (let k = 0; k < stride; k++) row[k] *= scale;
  };
  for (let t = 0; t < r; t++) {
    const ratio = ofU[t * r + t] / ofW[t * r + t];
    if (!(ratio > 0 && ratio < Infinity)) continue;
    const scale = powerOf2(ratio);
    if (scale === 1) continue;
    for (const address of [W, Y, lastW]) scaleRow(address, t, cut.stride, scale);
    for (const address of [...U, ...V, ...lastU]) scaleRow(address, t, cut.chunkRows, 1 / scale);
  }
}

/** A power of 2 near the fourth root of `ratio`. */
function powerOf2(ratio: number): number {
  let scale = 1;
  for (; ratio > 64; ratio /= 16) scale *= 2;
  for (; ratio < 1 / 64; ratio *= 16) scale /= 2;
  return scale;
}

/** W and Y from V's M and H. @returns total − 2⟨M, W⟩ + ⟨H, W Wᵀ⟩. */
export function stepOnW(
  engine: Engine,
  factors: FastFactors,
  total: number,
  beta: number,
  { sweeps, settled }: DescentSettings,
): number {
  const { r, cut, W, Y, next, G, H, M } = factors;
  const { stride, width } = cut;
  const { kernels } = engine;
  narrow(engine, H, r);
  const scratch = engine.scratch(0);
  kernels.descend(Y, next, stride, width, r, H.narrow, H.inverse, M, width, sweeps, settled ** 2, scratch);
  gramOf(engine, next, cut, r, G);
  const g = engine.f64(G.exact, r * r);
  const h = engine.f64(H.exact, r * r);
  let square = total - 2 * kernels.inner(next, stride, M, width, r, width);
  for (let k = 0; k < r * r; k++) square += g[k] * h[k];
  kernels.extrapolate(W, next, Y, stride, width, r, beta);
  return square;
}
