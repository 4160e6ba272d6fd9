// Cholesky factorisation of a small symmetric matrix and the triangular solves with it.

/** Pivot, as a share of its diagonal entry, below which a row counts as a combination of those before. */
const DEPENDENT = 1e-12;

/**
 * Factor L of M = L Lᵀ for the rows and columns `set[0 … size)` of the symmetric G [r, r], in the order
 * of the set; L [size, size] is written to the start of `L`, row stride `size`.
 *
 * @returns how many leading members of the set were factored: `size`, or less if the next one is a
 *   linear combination of those before it (pivot ≤ 10⁻¹² · its diagonal entry).
 */
export function choleskyOfSubset(
  G: Float64Array,
  r: number,
  set: Int32Array,
  size: number,
  L: Float64Array,
): number {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      let sum = G[set[i] * r + set[j]];
      for (let k = 0; k < j; k++) sum -= L[row + k] * L[j * size + k];
      if (i !== j) L[row + j] = sum / L[j * size + j];
      else if (sum > DEPENDENT * G[set[i] * r + set[i]]) L[row + i] = Math.sqrt(sum);
      else return i;
    }
  }
  return size;
}

/** Solves L Lᵀ x = b in place: `x` holds b before and x after; L as {@link choleskyOfSubset} wrote it. */
export function choleskySolve(L: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= L[i * size + k] * x[k];
    x[i] = sum / L[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < size; k++) sum -= L[k * size + i] * x[k];
    x[i] = sum / L[i * size + i];
  }
}
