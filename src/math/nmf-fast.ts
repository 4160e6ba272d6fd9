// NMF in float32 with float64 sums, for matrices too large for the plain solvers: a sketch A ≈ L Q, a start
// and many steps on the sketch, which is small, then a few steps on A, with steps on the sketch in between
// that take the last one's exact products into account (nmf-fast-steps.ts).

import type { NmfProgress } from './factor-checks.ts';
import type { Engine } from './kernels/engine.ts';
import type { Panels } from './kernels/panels.ts';
import { sparseScratch } from './kernels/sparse-panels.ts';
import type { SolverResult } from './nmf-cd.ts';
import { placeBest, readFactors } from './nmf-fast-best.ts';
import { type DescentSettings, extrapolatedDescent } from './nmf-fast-descent.ts';
import { placeFactors, scratchBytes } from './nmf-fast-factors.ts';
import { finish } from './nmf-fast-finish.ts';
import { type Summary, sketchOf } from './nmf-fast-sketch.ts';
import { placeStart, startFromSketch } from './nmf-fast-start.ts';
import { stepsOf } from './nmf-fast-steps.ts';
import type { Pace } from './pace.ts';

/** Columns of the sketch beyond r. */
const OVERSAMPLING = 30;
/**
 * Steps on the sketch before A is read again: one sweep each, as coordinate descent has, which is led into better
 * minima than by steps that finish with U before W moves; or those, for another way down.
 */
const SMALL_STEPPED = { maxIter: 300, small: 1e-5, smallSteps: 3, sweeps: 1, settled: 0.1 };
const EAGER = { ...SMALL_STEPPED, sweeps: 4 };
const PATIENT = { ...SMALL_STEPPED, small: 1e-6 };
/**
 * The problem has many minima, up to some 10⁻³ apart, and which one is reached is decided early. The smaller A is,
 * the less care costs: a better sketch, two ways down on it, and where A is very small each of them to its end, late.
 *
 * fits: whether A of so many elements is small enough at rank r; powers: iterations of the sketch; descents: groups of ways
 * down on it, the best of which goes on on A, and the best group counts; small: what the loss may fall in a step on A
 * that counts as small, as a share of itself and tol; more by `growth` as the steps get many.
 */
const PLANS = [
  {
    fits: (size: number, r: number) => size * r <= 2e7,
    powers: 4,
    descents: [[EAGER], [PATIENT]],
    small: 0.01,
    growth: 1,
  },
  {
    fits: (size: number) => size <= 5e6,
    powers: 4,
    descents: [[SMALL_STEPPED, EAGER]],
    small: 0.3,
    growth: 1.5,
  },
  { fits: () => true, powers: 2, descents: [[SMALL_STEPPED]], small: 0.3, growth: 1.5 },
];

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
  /** What the last step on A lowered the loss by, as a share of it. */
  fall: number;
}

/**
 * Factorises A ≥ 0. It reads A 2 + the plan's powers + `iterations` times, or a little more.
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
  const plan = PLANS.find(({ fits }) => fits(A.n * A.p, r)) ?? PLANS[PLANS.length - 1];
  const sketch = await sketchOf(engine, A, { l, powers: plan.powers, seed }, check, pace);
  if (!sketch) return undefined;
  const total = sketch.summary.square;
  const factors = placeFactors(engine, A, r);
  const start = placeStart(engine, factors, sketch);
  const begin = (): void => startFromSketch(engine, factors, sketch, start);
  const steps = stepsOf(engine, A, factors, sketch, pace);
  const best = placeBest(engine, factors);
  const downOnSketch = async (descents: readonly DescentSettings[]): Promise<void> => {
    const lowest = descents.length > 1 ? placeBest(engine, factors) : null;
    for (const descent of descents) {
      begin();
      steps.forget();
      const { square } = await extrapolatedDescent(engine, factors, total, steps.onSketch, descent);
      if (lowest && square < lowest.square()) lowest.keep(square);
    }
    if (lowest && lowest.square() < Infinity) lowest.restore();
  };
  let [iterations, converged, fall] = [0, false, 0];
  for (const descents of plan.descents) {
    if (iterations === maxIter) break;
    await downOnSketch(descents);
    const report = (iteration: number, violation: number): void =>
      onProgress?.({ iteration: iterations + iteration, maxIter, violation });
    const stop = { small: plan.small * tol, growth: plan.growth, maxIter: maxIter - iterations };
    const fit = await finish({ engine, A, factors, sketch, steps, pace }, { ...stop, begin, report });
    iterations += fit.iterations;
    if (fit.square >= best.square()) continue;
    best.keep(fit.square);
    ({ converged, fall } = fit);
  }
  best.restore();
  return { ...readFactors(engine, factors), iterations, converged, fall, loss: best.square() / 2 };
}
