// NMF in float32 with float64 sums, for matrices too large for the plain solvers: a sketch A ≈ L Q, a start
// and many steps on the sketch, which is small, then a few steps on A, with steps on the sketch in between
// that take the last one's exact products into account (nmf-fast-steps.ts).

import type { NmfProgress } from './factor-checks.ts';
import type { Engine } from './kernels/engine.ts';
import type { Panels } from './kernels/panels.ts';
import { sparseScratch } from './kernels/sparse-panels.ts';
import type { SolverResult } from './nmf-cd.ts';
import { placeBest, readFactors } from './nmf-fast-best.ts';
import { balance, extrapolatedDescent, type Momentum, moveOn, restart, stepOnW } from './nmf-fast-descent.ts';
import { type FastFactors, passOver, placeFactors, scratchBytes } from './nmf-fast-factors.ts';
import { type Sketch, type Summary, sketchOf } from './nmf-fast-sketch.ts';
import { placeStart, startFromSketch } from './nmf-fast-start.ts';
import { type Steps, stepsOf } from './nmf-fast-steps.ts';
import type { Pace } from './pace.ts';

/** Columns of the sketch beyond r. */
const OVERSAMPLING = 30;
const IN_BETWEEN = { maxIter: 6, small: 1e-6, smallSteps: 2, sweeps: 4, settled: 0.1 };
const ON_A = { maxIter: 1, small: 0, smallSteps: 1, sweeps: 8, settled: 0.1 };
/**
 * Steps on the sketch before A is read again: one sweep each, as coordinate descent has, which is led into better
 * minima than by steps that finish with U before W moves; or those, for another way down.
 */
const SMALL_STEPPED = { maxIter: 300, small: 1e-5, smallSteps: 3, sweeps: 1, settled: 0.1 };
const EAGER = { ...SMALL_STEPPED, sweeps: 4 };
const PATIENT = { ...SMALL_STEPPED, small: 1e-6 };
/** n · p · r up to which care costs little. */
const CARE = 2e7;
/**
 * The problem has many minima, up to some 10⁻³ apart, and which one is reached is decided early. Where A is
 * small: a better sketch, two ways down and a later stop.
 *
 * powers: iterations of the sketch; descents: ways down on it, the best of which counts; small: what the loss
 * may fall in a step that counts as small, as a share of itself and tol; more by `growth` every LONG steps.
 */
const LARGE_A = { powers: 2, descents: [SMALL_STEPPED], small: 0.3, growth: 1.5 };
const SMALL_A = { powers: 4, descents: [EAGER, PATIENT], small: 0.01, growth: 1 };
const LONG = 8;
/** So many small steps on A in a row end it: the loss may fall slowly once and then fast. */
const SMALL_STEPS = 2;
/** Steps on A that may raise the loss before the sketch is left aside. */
const MOST_RISES = 3;
/** Below this share of ‖A‖² the loss is taken from the residual: the difference of sums that it is else would cancel. */
const CANCELS = 1e-2;
/** Momentum between steps on A: at first, growth a step, most, and what a rise of the loss divides it by. */
const MOMENTUM = { first: 0.5, growth: 1.1, most: 0.9, decay: 2 };
/** Damping of the steps in between (1 = the bound that keeps the loss from rising): first, least, most. */
const DAMPING = { first: 0.05, least: 0.005, most: 1 };

export interface FastSettings {
  rank: number;
  seed: number;
  /** Most steps on A. */
  maxIter: number;
  tol: number;
  pace: Pace;
  onProgress?: ((progress: NmfProgress) => void) | undefined;
}

export interface FastResult extends SolverResult {
  loss: number;
}

/**
 * Factorises A ≥ 0. It reads A 3 + `iterations` times or a little more.
 *
 * @param check - throws, or returns false to give up, if A is not what this can work on.
 * @returns undefined if `check` gave up.
 */
export async function fastNmf(
  engine: Engine,
  A: Panels,
  { rank: r, seed, maxIter, tol, pace, onProgress }: FastSettings,
  check: (summary: Summary) => boolean,
): Promise<FastResult | undefined> {
  const l = Math.min(r + OVERSAMPLING, A.n, A.p);
  engine.scratch(scratchBytes(Math.max(l, r)) + sparseScratch(A, Math.max(l, r)));
  const plan = A.n * A.p * r <= CARE ? SMALL_A : LARGE_A;
  const sketch = await sketchOf(engine, A, { l, powers: plan.powers, seed }, check, pace);
  if (!sketch) return undefined;
  const total = sketch.summary.square;
  const factors = placeFactors(engine, A, r);
  const start = placeStart(engine, factors, sketch);
  const begin = (): void => startFromSketch(engine, factors, sketch, start);
  const steps = stepsOf(engine, A, factors, sketch, pace);
  const best = placeBest(engine, factors);
  let iterations = 0;
  let converged = false;
  for (const descent of plan.descents) {
    if (iterations === maxIter) break;
    begin();
    steps.forget();
    await extrapolatedDescent(engine, factors, total, steps.onSketch, descent);
    const report = (iteration: number, violation: number): void =>
      onProgress?.({ iteration: iterations + iteration, maxIter, violation });
    const stop = { small: plan.small * tol, growth: plan.growth, maxIter: maxIter - iterations };
    const fit = await finish(engine, A, factors, sketch, steps, { ...stop, begin, report, pace });
    iterations += fit.iterations;
    if (fit.square >= best.square()) continue;
    best.keep(fit.square);
    converged = fit.converged;
  }
  best.restore();
  return { ...readFactors(engine, factors), iterations, converged, loss: best.square() / 2 };
}

interface FinishSettings {
  maxIter: number;
  small: number;
  growth: number;
  /** U and W as the descent began. */
  begin(): void;
  report(iteration: number, violation: number): void;
  pace: Pace;
}

/**
 * Steps on A, each followed by steps on the sketch, until the loss settles; where the sketch misleads again
 * and again (a flat spectrum), steps on A alone. Leaves the best U and W.
 */
async function finish(
  engine: Engine,
  A: Panels,
  factors: FastFactors,
  sketch: Sketch,
  steps: Steps,
  { maxIter, small, growth, begin, report, pace }: FinishSettings,
): Promise<{ iterations: number; converged: boolean; square: number }> {
  const total = sketch.summary.square;
  const best = placeBest(engine, factors);
  const momentum: Momentum = { beta: MOMENTUM.first, set: false };
  const step = async (): Promise<number> => {
    await steps.onA(0, ON_A);
    const square = stepOnW(engine, factors, total, 0, ON_A);
    return square < CANCELS * total ? await residualOf(engine, A, factors, pace) : square;
  };
  steps.damping = DAMPING.first;
  let predicted = Infinity;
  let rises = 0;
  let smalls = 0;
  let iterations = 0;
  restart(engine, factors);
  while (iterations < maxIter && smalls < SMALL_STEPS && rises < MOST_RISES) {
    iterations++;
    const square = await step();
    const previous = best.square();
    const fall =
      previous === Infinity && square < Infinity
        ? 1
        : (previous - square) / Math.max(square, Number.MIN_VALUE);
    steps.damping = adapted(steps.damping, previous, square, predicted);
    report(iterations, Math.min(1, Math.abs(fall) || 0));
    predicted = Infinity;
    if (!(fall >= 0)) {
      rises++; // or not a number, after steps too wide
      if (previous < Infinity)
        best.restore(); // the next step, from there, cannot rise
      else begin();
      restart(engine, factors);
      momentum.set = false;
      momentum.beta /= MOMENTUM.decay;
      continue;
    }
    best.keep(square);
    const enough = small * growth ** Math.floor((iterations - 1) / LONG);
    smalls = fall <= enough ? smalls + 1 : 0;
    if (square === 0) smalls = SMALL_STEPS;
    predicted = (await extrapolatedDescent(engine, factors, total, steps.onSketch, IN_BETWEEN)).square;
    balance(engine, factors);
    moveOn(engine, factors, momentum);
    momentum.beta = Math.min(MOMENTUM.most, MOMENTUM.growth * momentum.beta);
  }
  best.restore();
  if (rises >= MOST_RISES && iterations + 1 < maxIter) {
    const settings = {
      ...ON_A,
      maxIter: maxIter - iterations - 1,
      small: small * growth ** 2,
      smallSteps: SMALL_STEPS + 1,
    };
    const onStep = (i: number, fall: number): void => report(iterations + i, Math.min(1, Math.abs(fall)));
    const alone = await extrapolatedDescent(engine, factors, total, steps.onA, { ...settings, onStep });
    iterations += alone.iterations + 1;
    if (alone.converged) smalls = SMALL_STEPS;
    restart(engine, factors);
    const square = await step(); // of U and W themselves, not extrapolated
    report(iterations, 0);
    if (square <= best.square()) best.keep(square);
    best.restore();
  }
  return { iterations, converged: smalls >= SMALL_STEPS, square: best.square() };
}

/** Less damping where the steps in between did what they promised, more where not (as in Levenberg–Marquardt). */
function adapted(damping: number, previous: number, square: number, predicted: number): number {
  if (predicted === Infinity) return damping;
  const kept = previous - square;
  const promised = previous - predicted;
  const factor = kept < 0 ? 16 : kept < 0.7 * promised ? 4 : 1 / 4;
  return Math.min(DAMPING.most, Math.max(DAMPING.least, damping * factor));
}

/** ‖A − U W‖² from the residual itself. */
function residualOf(engine: Engine, A: Panels, { r, cut, U, W }: FastFactors, pace: Pace): Promise<number> {
  return passOver(
    engine,
    A,
    'residualPass',
    ({ c, address, rows }) => [...[address, A.ld, rows, cut.width, W, cut.stride, r, U[c], cut.chunkRows]],
    { wide: [], square: [], rows: r, width: 0 },
    { wide: 0, square: 0 },
    pace,
  );
}
