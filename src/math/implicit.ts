// Derivative of the coefficients of a row with respect to the row, through the minimisation that defines
// them: u(a) = argmin over u ≥ 0 of ½‖a − u W‖² is piecewise linear, so on the active set S = {j : u_j > 0}
//
//     ∂u_S/∂a = (W_S W_Sᵀ + ρ I)⁻¹ W_S,    and 0 for the other concepts.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { choleskyOfSubset, choleskySolve } from './cholesky.ts';
import { gramOfRows } from './products.ts';

/**
 * Vector–Jacobian product of {@link nnls}: pulls a cotangent of U back to A, row by row. With z the
 * solution of (W_S W_Sᵀ + ρ I) z = v_S, the result is ā = W_Sᵀ z. Exact away from kinks, where a
 * coefficient is about to enter or leave the active set; there it is the derivative on one side.
 * Cost O(n (r³ + r p)).
 *
 * @param U - coefficients [n, r], as nnls gave them for W: > 0 is active.
 * @param W - concept bank [r, p], any sign.
 * @param cotangent - v [n, r]; a row of the identity gives the gradient of one coefficient.
 * @param options - ridge: ρ ≥ 0, default 0; a small one is needed where active concepts are dependent.
 * @returns ā [n, p]; Float32Array if U is, else Float64Array.
 * @throws {@link CraftError} `SHAPE` if the dims do not fit; `VALUE` if an element is not finite, ridge is
 *   negative, or the active concepts of a row are dependent and ridge is 0.
 * @see Blondel et al., Efficient and modular implicit differentiation (NeurIPS 2022); Fel et al., CRAFT
 *   (CVPR 2023), section 3.3.
 */
export function nnlsVjp(
  U: Tensor,
  W: Tensor,
  cotangent: Tensor,
  { ridge = 0 }: { ridge?: number } = {},
): Tensor<Float32Array | Float64Array> {
  checkMatrix(U, 'nnlsVjp: U');
  checkMatrix(W, 'nnlsVjp: W');
  checkMatrix(cotangent, 'nnlsVjp: cotangent');
  const [n, r] = U.dims;
  const p = W.dims[1];
  if (W.dims[0] !== r || cotangent.dims[0] !== n || cotangent.dims[1] !== r) {
    throw new CraftError(
      'SHAPE',
      `nnlsVjp: expected U [n, r], W [r, p], cotangent [n, r]; got [${U.dims}], [${W.dims}], [${cotangent.dims}]`,
    );
  }
  if (!(ridge >= 0 && ridge < Infinity)) {
    throw new CraftError('VALUE', `nnlsVjp: expected ridge to be a finite number ≥ 0; got ${ridge}`);
  }

  const bank = Float64Array.from(W.data);
  const G = gramOfRows(bank, r, p);
  for (let j = 0; j < r; j++) G[j * r + j] += ridge;
  const set = new Int32Array(r);
  const L = new Float64Array(r * r);
  const z = new Float64Array(r);
  const out = U.data instanceof Float32Array ? new Float32Array(n * p) : new Float64Array(n * p);
  const row = new Float64Array(p);
  for (let i = 0; i < n; i++) {
    let size = 0;
    for (let j = 0; j < r; j++) if (U.data[i * r + j] > 0) set[size++] = j;
    if (choleskyOfSubset(G, r, set, size, L) < size) {
      throw new CraftError(
        'VALUE',
        `nnlsVjp: expected the active concepts of a row to be linearly independent; got dependent ones at row ${i}; give a ridge > 0, as 1e-6 of a squared concept norm`,
      );
    }
    for (let k = 0; k < size; k++) z[k] = cotangent.data[i * r + set[k]];
    choleskySolve(L, size, z);
    row.fill(0);
    for (let k = 0; k < size; k++) for (let c = 0; c < p; c++) row[c] += z[k] * bank[set[k] * p + c];
    out.set(row, i * p);
  }
  return { data: out, dims: [n, p] };
}
