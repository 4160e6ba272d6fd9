import { mean } from '../math/stats.ts';

/** Pearson correlation of two lists of the same length, −1 … 1; null if either is constant. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    ab += (a[n] - meanA) * (b[n] - meanB);
    aa += (a[n] - meanA) ** 2;
    bb += (b[n] - meanB) ** 2;
  }
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}
