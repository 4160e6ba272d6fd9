// How few concepts a row uses, and how few rows a concept.

import { hoyerSparsity, mean } from '../math/stats.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';

/** Sparsity of coefficients U. */
export interface Sparsity {
  /** Mean over the concepts of Hoyer's sparsity of their coefficients over rows: 0 even, 1 one row. */
  readonly hoyer: number;
  /** Mean number of concepts that are not 0 in a row, 0 … r. */
  readonly l0: number;
}

/**
 * @param U - coefficients [n, r].
 * @throws {@link CraftError} `SHAPE`, `VALUE`.
 */
export function sparsity(U: Tensor): Sparsity {
  checkMatrix(U, 'sparsity: U');
  const [n, r] = U.dims;
  const columns = Array.from({ length: r }, (_, i) =>
    hoyerSparsity(Float64Array.from({ length: n }, (_, row) => U.data[row * r + i])),
  );
  let active = 0;
  for (let k = 0; k < n * r; k++) if (U.data[k] !== 0) active++;
  return { hoyer: mean(columns), l0: active / n };
}
