// The latents (u ⊙ m) W, in the layout that h takes.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, m [r] a mask.

import type { Tensor } from '../tensor/tensor.ts';
import type { LatentShape } from './layout.ts';

/** Writes (u ⊙ m) W, the same mask at every location, for a fixed W. */
export class MaskedLatents {
  readonly shape: LatentShape;
  readonly rank: number;
  /** Numbers in one latent. */
  readonly size: number;
  readonly #W: Float32Array;
  /** Masked u, one concept after the other: [active, T]. */
  readonly #u: Float32Array;
  /** Concepts that are not 0 everywhere under the mask. */
  readonly #active: Int32Array;

  constructor(W: Tensor, shape: LatentShape) {
    this.shape = shape;
    this.rank = W.dims[0];
    this.size = shape.locations * shape.width;
    this.#W = Float32Array.from(W.data);
    this.#u = new Float32Array(this.rank * shape.locations);
    this.#active = new Int32Array(this.rank);
  }

  /**
   * @param u - [T, r]
   * @param mask - [r]
   * @param out - receives the latent, all of its numbers.
   */
  write(u: Float32Array, mask: ArrayLike<number>, out: Float32Array): void {
    const { locations: T, width: p, layout } = this.shape;
    const count = this.#mask(u, mask);
    if (count === 0) {
      out.fill(0);
      return;
    }
    const rows = this.#active.subarray(0, count);
    const places = rows.map((_, k) => k);
    // maps with channels first are p rows of T numbers, all others T rows of p
    if (layout === 'NCHW') outerSum({ data: this.#W, rows }, { data: this.#u, rows: places }, p, T, out);
    else outerSum({ data: this.#u, rows: places }, { data: this.#W, rows }, T, p, out);
  }

  /** Masks u and drops the concepts that are 0; the number of those left. */
  #mask(u: Float32Array, mask: ArrayLike<number>): number {
    const { rank: r } = this;
    const T = this.shape.locations;
    let count = 0;
    for (let i = 0; i < r; i++) {
      const m = mask[i];
      if (m === 0) continue;
      let isActive = false;
      for (let t = 0, to = count * T; t < T; t++, to++) {
        const value = u[t * r + i] * m;
        this.#u[to] = value;
        isActive ||= value !== 0;
      }
      if (isActive) this.#active[count++] = i;
    }
    return count;
  }
}

/** Some rows of a matrix. */
interface Rows {
  readonly data: Float32Array;
  readonly rows: Int32Array;
}

/** out[x, y] = Σₖ A[aₖ, x] · B[bₖ, y], four terms in one pass over `out`. */
function outerSum(A: Rows, B: Rows, X: number, Y: number, out: Float32Array): void {
  const terms = A.rows.length;
  for (let x = 0; x < X; x++) {
    const row = out.subarray(x * Y, (x + 1) * Y);
    for (let k = 0; k < terms; k += 4) {
      // a term that there is not is the last one again, times 0
      const last = terms - 1;
      const [k1, k2, k3] = [Math.min(k + 1, last), Math.min(k + 2, last), Math.min(k + 3, last)];
      const factors = [
        A.data[A.rows[k] * X + x],
        k + 1 < terms ? A.data[A.rows[k1] * X + x] : 0,
        k + 2 < terms ? A.data[A.rows[k2] * X + x] : 0,
        k + 3 < terms ? A.data[A.rows[k3] * X + x] : 0,
      ] as const;
      const starts = [B.rows[k] * Y, B.rows[k1] * Y, B.rows[k2] * Y, B.rows[k3] * Y] as const;
      addFour(row, B.data, factors, starts, k === 0);
    }
  }
}

type Four = readonly [number, number, number, number];

function addFour(
  row: Float32Array,
  b: Float32Array,
  [f0, f1, f2, f3]: Four,
  [s0, s1, s2, s3]: Four,
  isFirst: boolean,
): void {
  const Y = row.length;
  if (isFirst) {
    for (let y = 0; y < Y; y++) row[y] = f0 * b[s0 + y] + f1 * b[s1 + y] + f2 * b[s2 + y] + f3 * b[s3 + y];
  } else {
    for (let y = 0; y < Y; y++) row[y] += f0 * b[s0 + y] + f1 * b[s1 + y] + f2 * b[s2 + y] + f3 * b[s3 + y];
  }
}
