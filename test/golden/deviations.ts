// How far we are from the reference, stage by stage: each golden comparison goes through here, and a
// table of the largest deviation per stage is printed after the tests of the file.

import { afterAll, expect } from 'vitest';
import type { NumericArray } from '../../src/tensor/tensor.ts';

interface Stage {
  deviation: number;
  tolerance: number;
  comparisons: number;
}

const stages = new Map<string, Stage>();

/** Asserts deviation ≤ tolerance (so NaN fails), and keeps the largest share of the tolerance per stage. */
export function recordDeviation(stage: string, deviation: number, tolerance: number): void {
  const kept = stages.get(stage) ?? { deviation: -1, tolerance, comparisons: 0 };
  kept.comparisons++;
  if (kept.deviation < 0 || share(deviation, tolerance) > share(kept.deviation, kept.tolerance)) {
    kept.deviation = deviation;
    kept.tolerance = tolerance;
  }
  stages.set(stage, kept);
  expect(deviation, `${stage}: deviation from the reference`).toBeLessThanOrEqual(tolerance);
}

const share = (deviation: number, tolerance: number): number =>
  tolerance > 0 ? deviation / tolerance : deviation > 0 ? Infinity : 0;

/** Largest |got − expected|; NaN if the lengths differ or a value is NaN. */
export function maxAbs(got: ArrayLike<number>, expected: NumericArray): number {
  if (got.length !== expected.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs(got[i] - expected[i]));
  return worst;
}

/** Largest |got − expected| as a share of the largest |expected|. */
export function maxOfMax(got: ArrayLike<number>, expected: NumericArray): number {
  let largest = 0;
  for (const v of expected) largest = Math.max(largest, Math.abs(v));
  return maxAbs(got, expected) / largest;
}

afterAll(() => {
  const rows = [...stages].map(
    ([stage, { deviation, tolerance, comparisons }]) =>
      `${stage.padEnd(52)} ${deviation.toExponential(1).padStart(9)} ${tolerance.toExponential(1).padStart(9)} ${String(comparisons).padStart(5)}`,
  );
  if (rows.length)
    console.info(['stage'.padEnd(52), 'deviation', 'tolerance', ' over'].join(' '), `\n${rows.join('\n')}`);
});
