// The mean of a few numbers with an interval.

import { mean, quantileOfSorted } from '../math/stats.ts';
import { random } from '../tensor/random.ts';

/** A mean with its bootstrap interval. */
export interface Interval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  /** Numbers that it is the mean of. */
  readonly count: number;
}

const RESAMPLES = 2000;

/**
 * Mean and percentile bootstrap interval over `values`, which are independent (one an image).
 *
 * @param confidence - level; default 0.95.
 * @returns null if there are no values.
 */
export function meanInterval(values: readonly number[], seed: number, confidence = 0.95): Interval | null {
  if (values.length === 0) return null;
  const rng = random(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[rng.below(values.length)];
    return sum / values.length;
  }).sort();
  const tail = (1 - confidence) / 2;
  return {
    mean: mean(values),
    lower: quantileOfSorted(means, tail),
    upper: quantileOfSorted(means, 1 - tail),
    count: values.length,
  };
}
