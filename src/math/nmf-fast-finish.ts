// The end of a descent on the sketch: steps on A, with steps on the sketch in between that go on from their exact products.

import type { Engine } from './kernels/engine.ts';
import type { Panels } from './kernels/panels.ts';
import { placeBest } from './nmf-fast-best.ts';
import { balance, extrapolatedDescent, type Momentum, moveOn, restart, stepOnW } from './nmf-fast-descent.ts';
import { type FastFactors, passOver } from './nmf-fast-factors.ts';
import type { Sketch } from './nmf-fast-sketch.ts';
import type { Steps } from './nmf-fast-steps.ts';
import type { Pace } from './pace.ts';

const IN_BETWEEN = { maxIter: 6, small: 1e-6, smallSteps: 2, sweeps: 4, settled: 0.1 };
const ON_A = { maxIter: 1, small: 0, smallSteps: 1, sweeps: 8, settled: 0.1 };
/** Steps after which a step counts as small sooner, and again after as many more. */
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

/** What a descent works on. */
interface Descent {
  engine: Engine;
  A: Panels;
  factors: FastFactors;
  sketch: Sketch;
  steps: Steps;
  pace: Pace;
}

interface FinishSettings {
  maxIter: number;
  small: number;
  growth: number;
  /** U and W as the descent began. */
  begin(): void;
  report(iteration: number, violation: number): void;
}

/**
 * Steps on A, each followed by steps on the sketch, until the loss settles; where the sketch misleads again
 * and again (a flat spectrum), steps on A alone. Leaves the best U and W.
 */
export async function finish(
  { engine, A, factors, sketch, steps, pace }: Descent,
  { maxIter, small, growth, begin, report }: FinishSettings,
): Promise<{ iterations: number; converged: boolean; square: number; fall: number }> {
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
  let last = Infinity;
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
    last = fall;
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
    const onStep = (i: number, fall: number): void => {
      last = fall;
      report(iterations + i, Math.min(1, Math.abs(fall)));
    };
    const alone = await extrapolatedDescent(engine, factors, total, steps.onA, { ...settings, onStep });
    iterations += alone.iterations + 1;
    if (alone.converged) smalls = SMALL_STEPS;
    restart(engine, factors);
    const square = await step(); // of U and W themselves, not extrapolated
    report(iterations, 0);
    if (square <= best.square()) best.keep(square);
    best.restore();
  }
  return { iterations, converged: smalls >= SMALL_STEPS, square: best.square(), fall: last };
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
