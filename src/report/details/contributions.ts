// What each concept adds to the class score of each input, where the head is affine.
//
// Notation: ū [N, r] coefficients of whole inputs (mean over locations), c_i what one unit of concept i adds to the
// score, S_ni Sobol' index of concept i on input n.

import type { Tensor } from '../../tensor/tensor.ts';
import type { Explained } from '../report-data.ts';

/** The indices that follow from the contributions may differ by so much from those of the run: U is solved twice. */
const TOLERANCE = 0.03;

/**
 * c_i · ū_ni with c_i = effect_i / mean ū_i, as the effect of a concept is the mean of what it adds.
 *
 * That holds for a head that is affine in the mean over locations. Whether this one is, the run's own indices tell:
 * for independent masks S_ni = (c_i ū_ni)² / Σ_j (c_j ū_nj)². Where they differ from these by more than 0.03 in the
 * mean, the answer is null.
 *
 * @param coefficients - ū, [N, r].
 * @param perInput - S, [N, r].
 */
export function contributionsOf(
  { importance, concepts }: Explained,
  coefficients: Tensor,
  perInput: Tensor,
): Tensor | null {
  if (importance.method !== 'closed-form') return null;
  const [N, r] = coefficients.dims;
  const means = new Float64Array(r);
  coefficients.data.forEach((u: number, k: number) => {
    means[k % r] += u / N;
  });
  const unit = means.map((mean, i) => (mean === 0 ? 0 : concepts[i].effect / mean));
  const data = Float64Array.from(coefficients.data, (u, k) => unit[k % r] * u);
  return meanDifference(data, perInput, N, r) <= TOLERANCE ? { data, dims: [N, r] } : null;
}

/** Mean over inputs of the largest difference of an index. */
function meanDifference(contributions: Float64Array, { data: S }: Tensor, N: number, r: number): number {
  let sum = 0;
  for (let n = 0; n < N; n++) {
    const row = contributions.subarray(n * r, (n + 1) * r);
    const total = row.reduce((all, c) => all + c * c, 0);
    const differences = row.map((c, i) => Math.abs((total > 0 ? (c * c) / total : 0) - S[n * r + i]));
    sum += Math.max(...differences);
  }
  return sum / Math.max(1, N);
}

/** ū of inputs whose rows of U are all of their locations: the means of `each` rows. */
export function inputMeans({ data, dims: [n, r] }: Tensor, inputs: number): Tensor | null {
  const each = n / inputs;
  if (!Number.isInteger(each)) return null;
  const means = new Float64Array(inputs * r);
  data.forEach((u: number, k: number) => {
    means[Math.floor(k / (each * r)) * r + (k % r)] += u / each;
  });
  return { data: means, dims: [inputs, r] };
}
