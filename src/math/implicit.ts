// Derivative of the coefficients of a row with respect to the row, through the minimisation that defines
// them: u(a) = argmin over u ≥ 0 of ½‖a − u W‖² is piecewise linear, so on the active set S = {j : u_j > 0}
//
//     J_S = ∂u_S/∂a = (W_S W_Sᵀ + ρ I)⁻¹ W_S,    and 0 for the other concepts.
//
// W may have any sign: the coefficients of NMF and of Semi-NMF are found by the same minimisation. At a kink, where u_j = 0
// and its multiplier is 0 too, u_j may rise on one side. Taken is the other: j is not active, its derivative is 0.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { choleskyOfSubset, choleskySolve } from './cholesky.ts';
import { gramOfRows } from './products.ts';

/** Options of both products. */
export interface ImplicitOptions {
  /** ρ ≥ 0, default 0; a small one, as 1e-6 of a squared concept norm, is needed where active concepts are dependent. */
  readonly ridge?: number;
}

/**
 * Vector–Jacobian product of {@link nnls}: pulls a cotangent of U back to A, row by row. With z the
 * solution of (W_S W_Sᵀ + ρ I) z = v_S, the result is ā = W_Sᵀ z. Exact away from kinks, where a
 * coefficient is about to enter or leave the active set; there it is the derivative on the side where it is 0.
 * Cost O(n (r³ + r p)).
 *
 * @param U - coefficients [n, r], as nnls gave them for W: > 0 is active.
 * @param W - concept bank [r, p], any sign.
 * @param cotangent - v [n, r]; a row of the identity gives the gradient of one coefficient.
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
  options: ImplicitOptions = {},
): Tensor<Float32Array | Float64Array> {
  checkMatrix(cotangent, 'nnlsVjp: cotangent');
  const system = new ActiveSystem('nnlsVjp', U, W, options);
  const { n, r, p } = system;
  checkDims('nnlsVjp: expected a cotangent [n, r]', cotangent, [n, r]);
  const out = new Float64Array(n * p);
  for (let i = 0; i < n; i++) {
    const v = cotangent.data.subarray(i * r, (i + 1) * r);
    system.solve(i, (j) => v[j]);
    system.eachActive((j, z) => {
      for (let c = 0; c < p; c++) out[i * p + c] += z * system.bank[j * p + c];
    });
  }
  return { data: likeOf(U, out), dims: [n, p] };
}

/**
 * Jacobian–vector product of {@link nnls}: how U changes where A moves along a tangent, row by row:
 * u̇_S = (W_S W_Sᵀ + ρ I)⁻¹ W_S ȧ, 0 for the other concepts. The transpose of {@link nnlsVjp}, with the same choice at
 * kinks. Cost O(n (r³ + r p)).
 *
 * @param U - coefficients [n, r], as nnls gave them for W: > 0 is active.
 * @param W - concept bank [r, p], any sign.
 * @param tangent - ȧ [n, p].
 * @returns u̇ [n, r]; Float32Array if U is, else Float64Array.
 * @throws {@link CraftError} as {@link nnlsVjp}.
 */
export function nnlsJvp(
  U: Tensor,
  W: Tensor,
  tangent: Tensor,
  options: ImplicitOptions = {},
): Tensor<Float32Array | Float64Array> {
  checkMatrix(tangent, 'nnlsJvp: tangent');
  const system = new ActiveSystem('nnlsJvp', U, W, options);
  const { n, r, p, bank } = system;
  checkDims('nnlsJvp: expected a tangent [n, p]', tangent, [n, p]);
  const out = new Float64Array(n * r);
  for (let i = 0; i < n; i++) {
    system.solve(i, (j) => {
      let sum = 0;
      for (let c = 0; c < p; c++) sum += bank[j * p + c] * tangent.data[i * p + c];
      return sum;
    });
    system.eachActive((j, z) => {
      out[i * r + j] = z;
    });
  }
  return { data: likeOf(U, out), dims: [n, r] };
}

/** (W_S W_Sᵀ + ρ I) z = y for the active set S of a row. */
class ActiveSystem {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly bank: Float64Array;
  readonly #name: string;
  readonly #U: Tensor;
  readonly #gram: Float64Array;
  readonly #set: Int32Array;
  readonly #L: Float64Array;
  readonly #z: Float64Array;
  #size = 0;

  constructor(name: string, U: Tensor, W: Tensor, { ridge = 0 }: ImplicitOptions) {
    checkMatrix(U, `${name}: U`);
    checkMatrix(W, `${name}: W`);
    const [n, r] = U.dims;
    const p = W.dims[1];
    checkDims(`${name}: expected a bank [r, p] for U [n, r] = [${U.dims}]`, W, [r, p]);
    if (!(ridge >= 0 && ridge < Infinity)) {
      throw new CraftError('VALUE', `${name}: expected ridge to be a finite number ≥ 0; got ${ridge}`);
    }
    [this.n, this.r, this.p, this.#name, this.#U] = [n, r, p, name, U];
    this.bank = Float64Array.from(W.data);
    this.#gram = gramOfRows(this.bank, r, p);
    for (let j = 0; j < r; j++) this.#gram[j * r + j] += ridge;
    this.#set = new Int32Array(r);
    this.#L = new Float64Array(r * r);
    this.#z = new Float64Array(r);
  }

  /** z of row i, for a right side that `of` gives by concept. */
  solve(i: number, of: (concept: number) => number): void {
    const { r } = this;
    let size = 0;
    for (let j = 0; j < r; j++) if (this.#U.data[i * r + j] > 0) this.#set[size++] = j;
    if (choleskyOfSubset(this.#gram, r, this.#set, size, this.#L) < size) {
      throw new CraftError(
        'VALUE',
        `${this.#name}: expected the active concepts of a row to be linearly independent; got dependent ones at row ${i}; give a ridge > 0, as 1e-6 of a squared concept norm`,
      );
    }
    for (let k = 0; k < size; k++) this.#z[k] = of(this.#set[k]);
    choleskySolve(this.#L, size, this.#z);
    this.#size = size;
  }

  eachActive(visit: (concept: number, z: number) => void): void {
    for (let k = 0; k < this.#size; k++) visit(this.#set[k], this.#z[k]);
  }
}

function checkDims(what: string, { dims }: Tensor, wanted: readonly number[]): void {
  if (dims[0] === wanted[0] && dims[1] === wanted[1]) return;
  throw new CraftError('SHAPE', `${what}, [${wanted}]; got [${dims}]`);
}

const likeOf = (U: Tensor, values: Float64Array): Float32Array | Float64Array =>
  U.data instanceof Float32Array ? Float32Array.from(values) : values;
