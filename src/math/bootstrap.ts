// The bootstrap behind the intervals of importance: how often each item is drawn, percentile intervals
// and the probability that a ranking holds.

import { CraftError } from '../errors.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { quantileOfSorted } from './stats.ts';

/**
 * What a bootstrap drew.
 *
 * - `inputs`: inputs, each scored on a design of its own or exactly: the intervals cover the choice of the inputs
 *   and the error of the designs.
 * - `designs`: of each input, the designs that it was scored on: too few inputs to draw from. The intervals cover the error
 *   of the designs, for these very inputs.
 * - `design-rows`: inputs, and rows of the one design that all share. Rows of an even design are taken for independent
 *   ones: the intervals are wide.
 */
export type Resampled = 'inputs' | 'designs' | 'design-rows';

/** Concept importance with its uncertainty; concepts in their given order. */
export interface ImportanceResult {
  /** Mean over inputs, [r]. */
  total: Float64Array;
  /** Ends of the interval, [r]; lower ≤ total ≤ upper. */
  lower: Float64Array;
  upper: Float64Array;
  /** One row an input, [inputs, r]. */
  perInput: Tensor<Float64Array>;
  /** Inputs that count 0 for every concept, because the output does not change with any. */
  degenerate: number;
  /** What the intervals and `aboveNext` were resampled from, and so what they cover. */
  resampled: Resampled;
  /**
   * [r]: share of resamples in which concept i stays above the next one in the order of `total`
   * (a tie counts half); NaN for the last.
   */
  aboveNext: Float64Array;
}

/** Times that each of n items is drawn in `n` draws with replacement, into `counts`. */
export function drawCounts(rng: Random, n: number, counts: Float64Array): void {
  counts.fill(0);
  for (let k = 0; k < n; k++) counts[rng.below(n)]++;
}

/** Throws `VALUE` unless confidence is inside (0, 1), resamples a whole number 1 … 100000, seed whole. */
export function checkBootstrap(where: string, confidence: number, resamples: number, seed: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new CraftError(
      'VALUE',
      `${where}: expected confidence between 0 and 1, as 0.95; got ${confidence}`,
    );
  }
  if (!(Number.isInteger(resamples) && resamples >= 1 && resamples <= 100_000)) {
    throw new CraftError(
      'VALUE',
      `${where}: expected resamples to be a whole number from 1 to 100000; got ${resamples}`,
    );
  }
  if (!Number.isSafeInteger(seed)) {
    throw new CraftError('VALUE', `${where}: expected seed to be a whole number; got ${seed}`);
  }
}

/** How percentiles become the ends of an interval. */
interface Ends {
  /** What their distance from the estimate is multiplied by; default 1. */
  readonly widening?: number;
  /** Where else the estimate may be off to, as an increasing function of a value; default: nowhere. */
  readonly moved?: (value: number) => number;
}

/**
 * Intervals of `total` from the percentiles of its resampled values [resamples, r], within [0, 1] where a total index is.
 * An interval that misses the estimate itself, by bias or as it is an impossible value, is widened to hold it.
 */
export function intervals(
  total: Float64Array,
  resampled: Float64Array,
  confidence: number,
  { widening = 1, moved = (value) => value }: Ends = {},
): Pick<ImportanceResult, 'lower' | 'upper' | 'aboveNext'> {
  const r = total.length;
  const rows = resampled.length / r;
  const lower = new Float64Array(r);
  const upper = new Float64Array(r);
  const column = new Float64Array(rows);
  for (let i = 0; i < r; i++) {
    for (let b = 0; b < rows; b++) column[b] = resampled[b * r + i];
    column.sort();
    const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2].map(
      (q) => total[i] + widening * (quantileOfSorted(column, q) - total[i]),
    );
    lower[i] = Math.min(total[i], Math.max(0, Math.min(low, moved(low))));
    upper[i] = Math.max(total[i], Math.min(1, Math.max(high, moved(high))));
  }
  return { lower, upper, aboveNext: rankingHolds(total, resampled) };
}

function rankingHolds(total: Float64Array, resampled: Float64Array): Float64Array {
  const r = total.length;
  const rows = resampled.length / r;
  const order = Array.from(total.keys()).sort((i, j) => total[j] - total[i] || i - j);
  const aboveNext = new Float64Array(r).fill(Number.NaN);
  for (let k = 0; k + 1 < r; k++) {
    const [i, next] = [order[k], order[k + 1]];
    let held = 0;
    for (let b = 0; b < rows; b++) {
      const lead = resampled[b * r + i] - resampled[b * r + next];
      held += lead > 0 ? 1 : lead === 0 ? 0.5 : 0;
    }
    aboveNext[i] = held / rows;
  }
  return aboveNext;
}
