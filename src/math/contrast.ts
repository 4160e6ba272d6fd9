// What sets texts apart: words where a concept is strong, concepts that one group has more of.
//
// Notation: u_i coefficients of concept i; Δ_i = mean u_i of the first group − mean u_i of the second; S_Ti total
// Sobol' index of concept i.

import { CraftError } from '../errors.ts';
import { random } from '../tensor/random.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { checkBootstrap, drawCounts } from './bootstrap.ts';
import { quantileOfSorted } from './stats.ts';

/** Values u of all units. */
export interface Spread {
  /** N */
  readonly count: number;
  /** ū */
  readonly mean: number;
  /** s = √( 1/N Σ (u − ū)² ) */
  readonly deviation: number;
}

/** How much higher u is where a term is. */
export interface TermEffect {
  /** In standard deviations of u. */
  readonly delta: number;
  /** In standard errors. */
  readonly z: number;
}

/**
 * The test value of a term: the mean of u over the n units that have it, against as many units drawn from all N without
 * replacement,
 *
 *     δ = (ū_term − ū) / s,    z = δ √( n (N − 1) / (N − n) ).
 *
 * z / √(N − 1) is the correlation of u with having the term. A word that all kinds of units have has a small δ, a rare one that
 * happens to be in a strong unit a small z.
 *
 * @param term - n and Σ u of the units that have the term, 1 ≤ n ≤ N.
 * @returns all 0 where u is constant or all units have the term.
 * @see Morineau, Note sur la caractérisation statistique d'une classe et les valeurs-tests (1984), Bull. Techn. du
 *   Centre de Statist. et d'Infor. Appl. 2, 20–27.
 */
export function termEffect(
  { count: n, sum }: { readonly count: number; readonly sum: number },
  { count: N, mean, deviation }: Spread,
): TermEffect {
  if (!(deviation > 0) || n >= N) return { delta: 0, z: 0 };
  const delta = (sum / n - mean) / deviation;
  return { delta, z: delta * Math.sqrt((n * (N - 1)) / (N - n)) };
}

/** Δ of two groups with its interval. */
export interface GroupDifference {
  /** Mean u in the first group minus mean u in the second, [r]. */
  readonly delta: Float64Array;
  /** Ends of the interval, [r]; lower ≤ delta ≤ upper. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Difference of the mean coefficients of two groups, with a percentile bootstrap interval: each resample draws
 * inputs of either group with replacement. Cost O(resamples · (n₁ + n₂) · r).
 *
 * @param first - coefficients of the inputs of the first group, [n₁, r].
 * @param second - of the second, [n₂, r].
 * @param options - confidence in (0, 1), default 0.95; resamples, default 1000; seed, default 0.
 * @throws {@link CraftError} `SHAPE` if the groups have not the same r or one is empty; `VALUE`.
 */
export function groupDifference(
  first: Tensor,
  second: Tensor,
  {
    confidence = 0.95,
    resamples = 1000,
    seed = 0,
  }: { confidence?: number; resamples?: number; seed?: number } = {},
): GroupDifference {
  checkBootstrap('groupDifference', confidence, resamples, seed);
  checkMatrix(first, 'groupDifference: first group');
  checkMatrix(second, 'groupDifference: second group');
  const r = first.dims[1];
  if (second.dims[1] !== r) {
    throw new CraftError(
      'SHAPE',
      `groupDifference: expected groups with the same number of concepts; got ${r} and ${second.dims[1]}`,
    );
  }
  const delta = subtract(columnMeans(first), columnMeans(second));
  const rng = random(seed);
  const counts = [first, second].map(({ dims }) => new Float64Array(dims[0]));
  const draws = Array.from({ length: r }, () => new Float64Array(resamples));
  for (let b = 0; b < resamples; b++) {
    for (const count of counts) drawCounts(rng, count.length, count);
    const drawn = subtract(columnMeans(first, counts[0]), columnMeans(second, counts[1]));
    for (let i = 0; i < r; i++) draws[i][b] = drawn[i];
  }
  const end = (q: number): Float64Array =>
    Float64Array.from(draws, (values) => quantileOfSorted(values.sort(), q));
  const [lower, upper] = [end((1 - confidence) / 2), end((1 + confidence) / 2)];
  return {
    delta,
    lower: lower.map((v, i) => Math.min(v, delta[i])),
    upper: upper.map((v, i) => Math.max(v, delta[i])),
  };
}

/** An index with its interval. */
export interface Interval {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** What a concept is to a model that tells two groups apart. */
export type Reading =
  | 'discriminating' // one group has more of it, and the model uses it
  | 'shared' // both groups have it alike, and the model uses it
  | 'unused' // one group has more of it, and the model does not use it
  | 'negligible'; // neither

/**
 * Reads |Δ| against S_T. The thresholds are the intervals': one group has more of a concept if the interval of Δ
 * excludes 0; the model uses it if, for either class, all of its interval is above what an index of nothing looks
 * like. That is the larger of two: what some other concept's index may be at most, min_j upper_j; and
 * {@link unexplainedLevel}, as a concept that does nothing has an index of 0 by Jansen's estimator, however small
 * what h(UW) tells of the score. With one concept and nothing unexplained, if its index is above 0.
 *
 * @param difference - Δ of each concept.
 * @param importance - S_T of each concept, one list a class.
 * @param levels - {@link unexplainedLevel} of each class; default 0.
 */
export function readConcepts(
  difference: GroupDifference,
  importance: readonly (readonly Interval[])[],
  levels: readonly number[] = [],
): Reading[] {
  return Array.from(difference.delta, (_, i) => {
    const differs = difference.lower[i] > 0 || difference.upper[i] < 0;
    const used = importance.some((concepts, c) => isUsed(concepts, i, levels[c] ?? 0));
    if (used) return differs ? 'discriminating' : 'shared';
    return differs ? 'unused' : 'negligible';
  });
}

function isUsed(concepts: readonly Interval[], i: number, level: number): boolean {
  const others = concepts.filter((_, j) => j !== i).map(({ upper }) => upper);
  return concepts[i].lower > Math.max(level, others.length === 0 ? 0 : Math.min(...others));
}

/**
 * The share of a score's variance that r concepts leave unexplained, (1 − R²) / r for each: a concept that carries no
 * more than what is missing of each says nothing sure of the model.
 *
 * @param r2 - R² of the score of h(UW) against that of h(A); null, where it is not defined, explains nothing.
 * @returns 0 … 1/r.
 */
export function unexplainedLevel(r2: number | null, r: number): number {
  return Math.min(1, 1 - (r2 ?? 0)) / r;
}

/** Means of the columns, each row as often as `counts` says. */
function columnMeans({ data, dims: [n, r] }: Tensor, counts?: Float64Array): Float64Array {
  const means = new Float64Array(r);
  for (let k = 0; k < n; k++) {
    const times = counts ? counts[k] : 1;
    if (times === 0) continue;
    for (let i = 0; i < r; i++) means[i] += times * data[k * r + i];
  }
  return means.map((sum) => sum / n);
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((v, i) => v - b[i]);
}
