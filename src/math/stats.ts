// Descriptive statistics of plain number arrays.

import { CraftError } from '../errors.ts';

/** Mean of `values`; of constant values exactly that value. NaN if there are none. */
export function mean(values: ArrayLike<number>): number {
  const n = values.length;
  if (n === 0) return Number.NaN;
  const first = values[0];
  let sum = 0; // of the differences: no rounding when all are equal
  for (let i = 0; i < n; i++) sum += values[i] - first;
  return first + sum / n;
}

/** Unbiased variance Σ(x − x̄)² / (n − 1); exactly 0 for constant values, NaN for fewer than 2. */
export function variance(values: ArrayLike<number>): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (values[i] - center) ** 2;
  return sum / (n - 1);
}

/**
 * The q-quantile by linear interpolation between order statistics (numpy's default, type 7 of
 * Hyndman and Fan, 1996). `values` need not be sorted and is not changed.
 *
 * @param q - in [0, 1]: 0 the smallest, 0.5 the median, 1 the largest.
 * @throws {@link CraftError} `VALUE` if there are no values or q is outside [0, 1].
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) throw new CraftError('VALUE', 'quantile: expected at least one value; got none');
  if (!(q >= 0 && q <= 1)) throw new CraftError('VALUE', `quantile: expected q in [0, 1]; got ${q}`);
  return quantileOfSorted(Float64Array.from(values).sort(), q);
}

/** As {@link quantile} on values that are sorted already, at least one. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * Hoyer's sparsity of n values, (√n − ‖x‖₁/‖x‖₂) / (√n − 1): 0 if all have the same size, 1 if only
 * one is not 0. 0 also where it is undefined: no or one value, or all 0.
 *
 * @see Hoyer, Non-negative matrix factorization with sparseness constraints (2004), JMLR 5, 1457–1469.
 */
export function hoyerSparsity(values: ArrayLike<number>): number {
  const n = values.length;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(values[i]));
  if (n < 2 || largest === 0) return 0;
  let l1 = 0;
  let l2 = 0;
  for (let i = 0; i < n; i++) {
    const v = Math.abs(values[i]) / largest; // squares neither overflow nor vanish
    l1 += v;
    l2 += v * v;
  }
  const sparsity = (Math.sqrt(n) - l1 / Math.sqrt(l2)) / (Math.sqrt(n) - 1);
  return Math.min(1, Math.max(0, sparsity)); // rounding can pass either end
}

/**
 * Coefficient of determination R² = 1 − Σ(observed − predicted)² / Σ(observed − mean)²: 1 if the
 * prediction is exact, 0 if it is no better than the mean, negative if worse. NaN if `observed` is
 * constant, where it is undefined.
 *
 * @throws {@link CraftError} `SHAPE` if the two have not the same length, at least 1.
 */
export function rSquared(predicted: ArrayLike<number>, observed: ArrayLike<number>): number {
  if (predicted.length !== observed.length || observed.length === 0) {
    throw new CraftError(
      'SHAPE',
      `rSquared: expected as many predicted as observed values, at least one; got ${predicted.length} and ${observed.length}`,
    );
  }
  const center = mean(observed);
  let residual = 0;
  let total = 0;
  for (let i = 0; i < observed.length; i++) {
    residual += (observed[i] - predicted[i]) ** 2;
    total += (observed[i] - center) ** 2;
  }
  return total === 0 ? Number.NaN : 1 - residual / total;
}
