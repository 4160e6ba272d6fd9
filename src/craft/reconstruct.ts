// What h says of the reconstruction UW, next to what it says of the latents themselves.

import type { Tensor } from '../tensor/tensor.ts';
import type { Coefficients } from './concepts.ts';
import type { Head } from './head.ts';
import { fromLatents, type Latents } from './layout.ts';
import { MaskedLatents } from './masked-latents.ts';

/** Class scores of latents A and of UW. */
export interface Reconstruction {
  /** h(A), [N, classes]. */
  readonly logits: Tensor<Float32Array>;
  /** h(UW), [N, classes]. */
  readonly reconstructed: Tensor<Float32Array>;
  /** ‖A − UW‖ / ‖A‖ over all latents; 0 for A = 0. */
  readonly relativeError: number;
}

/** Some latents with their coefficients. */
export interface Encoded {
  readonly latents: Latents;
  readonly coefficients: Coefficients;
}

/** Runs h twice on every input: on its latent and on its reconstruction. */
export async function reconstruct(
  parts: Iterable<Encoded> | AsyncIterable<Encoded>,
  W: Tensor,
  head: Head,
  batchSize: number,
): Promise<Reconstruction> {
  const logits: Tensor[] = [];
  const reconstructed: Tensor[] = [];
  const squares = { residual: 0, total: 0 };
  for await (const { latents: batch, coefficients } of parts) {
    const writer = new MaskedLatents(W, batch.shape);
    for (let first = 0; first < batch.count; first += batchSize) {
      const last = Math.min(first + batchSize, batch.count);
      const A = fromLatents(slice(batch, first, last));
      const UW = reconstructionOf(coefficients, first, last, writer);
      addSquares(A.data, UW, squares);
      logits.push(await head.run(A));
      reconstructed.push(await head.run({ data: UW, dims: A.dims }));
    }
  }
  const { residual, total } = squares;
  return {
    logits: stack(logits),
    reconstructed: stack(reconstructed),
    relativeError: total === 0 ? 0 : Math.sqrt(residual / total),
  };
}

function slice({ data, shape }: Latents, first: number, last: number): Latents {
  const size = shape.locations * shape.width;
  return { data: data.subarray(first * size, last * size), count: last - first, shape };
}

/** Latents UW of some inputs, in h's layout. */
function reconstructionOf(
  { data, rank, shape }: Coefficients,
  first: number,
  last: number,
  writer: MaskedLatents,
): Float32Array {
  const out = new Float32Array((last - first) * writer.size);
  const all = new Uint8Array(rank).fill(1);
  const perInput = shape.locations * rank;
  for (let n = first; n < last; n++) {
    const u = data.subarray(n * perInput, (n + 1) * perInput);
    writer.write(u, all, out.subarray((n - first) * writer.size, (n - first + 1) * writer.size));
  }
  return out;
}

function addSquares(A: Float32Array, UW: Float32Array, squares: { residual: number; total: number }): void {
  let [residual, total] = [0, 0];
  for (let i = 0; i < A.length; i++) {
    residual += (A[i] - UW[i]) ** 2;
    total += A[i] ** 2;
  }
  squares.residual += residual;
  squares.total += total;
}

function stack(parts: readonly Tensor[]): Tensor<Float32Array> {
  const rows = parts.reduce((sum, part) => sum + part.dims[0], 0);
  const classes = parts[0]?.dims[1] ?? 0;
  const data = new Float32Array(rows * classes);
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { data, dims: [rows, classes] };
}
