// How mixed the rows of a concept look: numbers for the reader. The verdict is taken from the rank curve at an
// earlier layer, since what a layer has merged cannot be seen in it any more.

import type { Tensor } from '../../tensor/tensor.ts';

/** From here on, a second coefficient counts as nearly as large as the first. */
export const NEARLY = 0.8;

/**
 * Spread of rows by direction. With unit vectors â of the n rows that are not 0, the mean of the cosines of
 * all pairs is (‖Σ â‖² − n) / (n(n − 1)), so no pair is visited. 0 for fewer than two such rows.
 *
 * @param A - rows [n, p].
 */
export function spreadOf({ data, dims: [n, p] }: Tensor): number {
  const sum = new Float64Array(p);
  let count = 0;
  for (let k = 0; k < n; k++) {
    const row = data.subarray(k * p, (k + 1) * p);
    let square = 0;
    for (const a of row) square += a * a;
    if (square === 0) continue;
    count++;
    for (let c = 0; c < p; c++) sum[c] += row[c] / Math.sqrt(square);
  }
  if (count < 2) return 0;
  const meanCosine = (sum.reduce((total, s) => total + s * s, 0) - count) / (count * (count - 1));
  return Math.max(0, 1 - meanCosine);
}

/**
 * Share of rows whose largest other coefficient is nearly as large as that of the concept.
 *
 * @param U - coefficients [n, r] on concepts of unit norm.
 */
export function polysemanticShare(
  { data, dims: [, r] }: Tensor,
  rows: readonly number[],
  concept: number,
): number {
  const mixed = rows.filter((row) => {
    const own = data[row * r + concept];
    for (let i = 0; i < r; i++) if (i !== concept && data[row * r + i] >= NEARLY * own) return true;
    return false;
  });
  return rows.length === 0 ? 0 : mixed.length / rows.length;
}
