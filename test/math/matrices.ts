// Seeded matrices, sources of their rows, and hashes: what tests of the factorisations share.

import { createHash } from 'node:crypto';
import { times } from '../../src/math/products.ts';
import type { RowSource } from '../../src/math/row-source.ts';
import { random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export type Matrix = Tensor<Float32Array>;

/** `concepts` sparse factors, times noise, less a threshold. */
export function features(n: number, p: number, concepts: number, seed: number): Matrix {
  const rng = random(seed);
  const sparse = (count: number) =>
    Float64Array.from({ length: count }, () => (rng.uniform() < 0.3 ? rng.uniform() + 0.1 : 0));
  const data = new Float64Array(n * p);
  times(sparse(n * concepts), n, sparse(concepts * p), concepts, p, data);
  return {
    data: Float32Array.from(data, (v) => Math.max(0, v * (0.8 + 0.4 * rng.uniform()) - 0.02)),
    dims: [n, p],
  };
}

/** U W + noise with U ≥ 0 sparse and W of any sign. */
export function signed(n: number, p: number, r: number, noise: number, seed: number): Matrix {
  const rng = random(seed);
  const U = Float64Array.from({ length: n * r }, () => Math.max(0, rng.uniform() - 0.5));
  const W = Float64Array.from({ length: r * p }, () => rng.uniform() - 0.5);
  const data = Float32Array.from({ length: n * p }, (_, k) => {
    let sum = noise * (rng.uniform() - 0.5);
    for (let t = 0; t < r; t++) sum += U[Math.floor(k / p) * r + t] * W[t * p + (k % p)];
    return sum;
  });
  return { data, dims: [n, p] };
}

/** No structure: a flat spectrum, which a sketch says little about. */
export function noise(n: number, p: number, share: number, seed: number): Matrix {
  const rng = random(seed);
  const data = Float32Array.from({ length: n * p }, () => (rng.uniform() < share ? rng.uniform() : 0));
  return { data, dims: [n, p] };
}

/** A in chunks of `size` rows; counts its passes. */
export function source(
  { data, dims: [rows, columns] }: Tensor,
  size: number,
): RowSource & { passes: number } {
  const self = {
    rows,
    columns,
    passes: 0,
    *chunks() {
      self.passes++;
      for (let i = 0; i < rows; i += size) {
        const end = Math.min(rows, i + size);
        yield { data: data.slice(i * columns, end * columns), dims: [end - i, columns] };
      }
    },
  };
  return self;
}

/** SHA-256 of the bytes of all. */
export const hash = (...all: Tensor[]): string =>
  all
    .reduce(
      (h, { data }) => h.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      createHash('sha256'),
    )
    .digest('hex');

/** Largest difference as a share of the largest value. */
export function deviation(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [worst, largest] = [0, Number.MIN_VALUE];
  for (let k = 0; k < expected.length; k++) {
    worst = Math.max(worst, Math.abs(got[k] - expected[k]));
    largest = Math.max(largest, Math.abs(expected[k]));
  }
  return worst / largest;
}
