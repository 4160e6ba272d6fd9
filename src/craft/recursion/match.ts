// Whether two factorisations found the same concepts, in any order.

import type { Tensor } from '../../tensor/tensor.ts';

/**
 * The mean correlation of the columns of two matrices under the pairing that makes it largest: whether two
 * banks give the same rows the same concepts. Every pairing is tried by subsets in O(r² 2ʳ): a handful of
 * columns.
 *
 * @param a, b - coefficients of the same rows, [n, r], r ≤ 16.
 * @returns −1 … 1; 0 for a column that is constant.
 */
export function matchedCorrelation(a: Tensor, b: Tensor): number {
  const [, r] = a.dims;
  const correlations = correlationsOf(centred(a), centred(b));
  // best[S]: the largest sum for the first |S| columns of a and the columns S of b
  const best = new Float64Array(2 ** r).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0;
  for (let taken = 0; taken < 2 ** r - 1; taken++) {
    const i = countBits(taken);
    for (let j = 0; j < r; j++) {
      if (taken & (1 << j)) continue;
      const next = taken | (1 << j);
      best[next] = Math.max(best[next], best[taken] + correlations[i * r + j]);
    }
  }
  return best[2 ** r - 1] / r;
}

/** Columns with their mean taken off, of norm 1; a constant one is 0. */
function centred(t: Tensor): Float64Array[] {
  const [n, r] = t.dims;
  return Array.from({ length: r }, (_, i) => {
    const column = Float64Array.from({ length: n }, (_, row) => t.data[row * r + i]);
    const mean = column.reduce((sum, u) => sum + u, 0) / n;
    const size = Math.sqrt(column.reduce((sum, u) => sum + u * u, 0));
    const apart = column.map((u) => u - mean);
    const norm = Math.sqrt(apart.reduce((sum, u) => sum + u * u, 0));
    // what is left of a constant column is rounding
    return norm <= 1e-12 * size ? apart.fill(0) : apart.map((u) => u / norm);
  });
}

function correlationsOf(a: readonly Float64Array[], b: readonly Float64Array[]): Float64Array {
  const r = a.length;
  return Float64Array.from({ length: r * r }, (_, k) => {
    const [x, y] = [a[Math.floor(k / r)], b[k % r]];
    return x.reduce((sum, u, row) => sum + u * y[row], 0);
  });
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
