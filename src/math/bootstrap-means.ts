// The bootstrap of a mean over inputs whose items are independent of each other: inputs drawn from inputs, or,
// where there are too few of these, designs drawn from the designs that each input was scored on.
//
// Notation: n = items drawn from; t_ν, z = quantiles of Student's and the normal distribution.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { drawCounts } from './bootstrap.ts';

/** Three draws from three are the same one in a ninth of all cases: no interval comes of it. */
const FEWEST_INPUTS = 4;
/** Designs in all where inputs are too few. */
const FEW_INPUTS_DESIGNS = 8;
/** From so many degrees of freedom on Student's distribution is the normal one, to 0.1 %. */
const NORMAL = 1000;

/** Designs that each of so many inputs is scored on: 1 from four inputs on, else 8, 4 or 3, at least 8 in all. */
export function designsPerInput(inputs: number): number {
  return inputs >= FEWEST_INPUTS ? 1 : Math.ceil(FEW_INPUTS_DESIGNS / Math.max(inputs, 1));
}

/**
 * Resampled means over inputs [resamples, r].
 *
 * @param values - one row an input and design, the designs of an input together: [inputs · designs, r].
 * @param designs - of each input: 1 draws inputs; more keeps the inputs and draws the designs of each.
 */
export function resampleMeans(
  { data, dims: [rows, r] }: Tensor,
  designs: number,
  resamples: number,
  seed: number,
): Float64Array {
  const resampled = new Float64Array(resamples * r);
  const rng = random(seed);
  const drawnFrom = designs === 1 ? rows : designs;
  const counts = new Float64Array(rows);
  for (let b = 0; b < resamples; b++) {
    for (let at = 0; at < rows; at += drawnFrom) {
      drawCounts(rng, drawnFrom, counts.subarray(at, at + drawnFrom));
    }
    const to = b * r;
    for (let k = 0; k < rows; k++) {
      if (counts[k] === 0) continue;
      const weight = counts[k] / rows;
      for (let i = 0; i < r; i++) resampled[to + i] += weight * data[k * r + i];
    }
  }
  return resampled;
}

/**
 * What the distance of a percentile from the mean is multiplied by: √(n/(n − 1)), as a resample varies by n
 * where the variance is estimated by n − 1, and t_ν/z, as it is estimated at all. 1 if n = 1: there is nothing to
 * draw.
 *
 * @param groups - of n items each, all resampled: ν = groups · (n − 1).
 * @see Hesterberg, What teachers should know about the bootstrap (2015), Am. Stat. 69(4), § 4.
 */
export function widening(n: number, groups: number, confidence: number): number {
  if (n < 2) return 1;
  const p = (1 + confidence) / 2;
  const freedom = Math.min(NORMAL, groups * (n - 1));
  return (Math.sqrt(n / (n - 1)) * studentQuantile(p, freedom)) / studentQuantile(p, NORMAL);
}

/**
 * The p-quantile of Student's distribution with ν degrees of freedom, ν a whole number from 1; p ∈ (½, 1).
 *
 * With s = t/√(ν + t²) its density is (1 − s²)^(ν/2 − 1) up to a factor; Iₖ = ∫₀ˢ (1 − x²)ᵏ dx comes from
 * (2k + 1) Iₖ = s (1 − s²)ᵏ + 2k Iₖ₋₁ with I₀ = s, I₋½ = arcsin s.
 */
export function studentQuantile(p: number, freedom: number): number {
  const wanted = (2 * p - 1) * integralOfDensity(1, freedom);
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (integralOfDensity(middle, freedom) < wanted) low = middle;
    else high = middle;
  }
  return (low * Math.sqrt(freedom)) / Math.sqrt((1 - low) * (1 + low));
}

function integralOfDensity(s: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  const rest = 1 - s * s;
  let sum = odd ? Math.asin(s) : s;
  let power = odd ? 1 / Math.sqrt(rest) : 1; // (1 − s²)ᵏ
  for (let k = odd ? 0.5 : 1; k <= freedom / 2 - 1; k++) {
    power = k === 0.5 ? Math.sqrt(rest) : power * rest;
    sum = (s * power + 2 * k * sum) / (2 * k + 1);
  }
  return sum;
}
