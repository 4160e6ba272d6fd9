// How mixed the rows of a concept look: numbers for the reader. The verdict is taken from the rank curve at an
// earlier layer, since what a layer has merged cannot be seen in it any more.

import type { Tensor } from '../../tensor/tensor.ts';

/** From here on, a second coefficient counts as nearly as large as the first. */
export const NEARLY = 0.8;

/**
 * Spread of rows by direction: 1 − the mean cosine of pairs of different rows. With unit vectors â of the rows that are
 * not 0, row k taken t_k times, that mean is (‖Σ t â‖² − Σ t²) / ((Σ t)² − Σ t²), so no pair is visited. 0 for fewer than
 * two such rows.
 *
 * @param A - rows [n, p].
 * @param times - how often each row is taken, [n]; default once.
 */
export function spreadOf({ data, dims: [n, p] }: Tensor, times?: ArrayLike<number>): number {
  const sum = new Float64Array(p);
  let count = 0;
  let squares = 0; // Σ t²
  for (let k = 0; k < n; k++) {
    const row = data.subarray(k * p, (k + 1) * p);
    let square = 0;
    for (const a of row) square += a * a;
    const t = times ? times[k] : 1;
    if (square === 0 || t === 0) continue;
    count += t;
    squares += t * t;
    for (let c = 0; c < p; c++) sum[c] += (t * row[c]) / Math.sqrt(square);
  }
  const pairs = count * count - squares;
  if (pairs === 0) return 0;
  const meanCosine = (sum.reduce((total, s) => total + s * s, 0) - squares) / pairs;
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
