// What h says of the reconstruction UW, next to what it says of the latents themselves.

import type { Tensor } from '../tensor/tensor.ts';
import { type Coefficients, maskedLatents } from './concepts.ts';
import type { Head } from './head.ts';
import type { Latents } from './layout.ts';

/** Class scores of latents A and of UW. */
export interface Reconstruction {
  /** h(A), [N, classes]. */
  readonly logits: Tensor<Float32Array>;
  /** h(UW), [N, classes]. */
  readonly reconstructed: Tensor<Float32Array>;
  /** ‖A − UW‖ / ‖A‖ over all latents; 0 for A = 0. */
  readonly relativeError: number;
}

/** Runs h twice on every input: on its latent and on its reconstruction. */
export async function reconstruct(
  latents: readonly Latents[],
  coefficients: readonly Coefficients[],
  W: Tensor,
  head: Head,
  batchSize: number,
): Promise<Reconstruction> {
  const logits: Tensor[] = [];
  const reconstructed: Tensor[] = [];
  let residual = 0;
  let total = 0;
  for (const [k, batch] of latents.entries()) {
    const { locations: T, width: p } = batch.shape;
    const UW = reconstructionOf(coefficients[k], W);
    for (let i = 0; i < UW.data.length; i++) {
      residual += (batch.data[i] - UW.data[i]) ** 2;
      total += batch.data[i] ** 2;
    }
    for (let n = 0; n < batch.count; n += batchSize) {
      const count = Math.min(batchSize, batch.count - n);
      const part = (source: Float32Array): Latents => ({
        data: source.subarray(n * T * p, (n + count) * T * p),
        count,
        shape: batch.shape,
      });
      logits.push(await head.logits(part(batch.data)));
      reconstructed.push(await head.logits(part(UW.data)));
    }
  }
  return {
    logits: stack(logits),
    reconstructed: stack(reconstructed),
    relativeError: total === 0 ? 0 : Math.sqrt(residual / total),
  };
}

function reconstructionOf({ data, count, rank, shape }: Coefficients, W: Tensor): Latents {
  const size = shape.locations * shape.width;
  const out = new Float32Array(count * size);
  const all = new Float64Array(rank).fill(1);
  for (let n = 0; n < count; n++) {
    const u = data.subarray(n * shape.locations * rank, (n + 1) * shape.locations * rank);
    maskedLatents(u, all, W, shape, out.subarray(n * size, (n + 1) * size));
  }
  return { data: out, count, shape };
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
