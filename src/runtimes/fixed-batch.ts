// Batches in parts: for models exported with a fixed number of inputs a run, and for engines that are faster on few.
// For the former the last part is filled.

import { sizeOf, type Tensor } from '../tensor/tensor.ts';

/**
 * Runs `run` on parts of exactly `size` inputs and joins the results. The last part is filled with copies of
 * its first input, whose results are dropped.
 *
 * @param size - inputs in one run; null if any number goes.
 */
export async function inParts(
  batch: Tensor,
  size: number | null,
  run: (part: Tensor) => Promise<Tensor<Float32Array>>,
): Promise<Tensor<Float32Array>> {
  const [count, ...rest] = batch.dims;
  if (size === null || size === count) return run(batch);
  const step = sizeOf(rest);
  const parts: Tensor<Float32Array>[] = [];
  for (let n = 0; n < count; n += size) {
    const data = new Float32Array(size * step);
    const given = Math.min(size, count - n);
    data.set(batch.data.subarray(n * step, (n + given) * step));
    for (let k = given; k < size; k++) data.copyWithin(k * step, 0, step);
    parts.push(await run({ data, dims: [size, ...rest] }));
  }
  return join(parts, count);
}

/** Runs `run` on parts of at most `most` inputs and joins the results. */
export async function inPartsOfAtMost(
  batch: Tensor,
  most: number,
  run: (part: Tensor) => Promise<Tensor<Float32Array>>,
): Promise<Tensor<Float32Array>> {
  const [count, ...rest] = batch.dims;
  if (count <= most) return run(batch);
  const step = sizeOf(rest);
  const parts: Tensor<Float32Array>[] = [];
  for (let n = 0; n < count; n += most) {
    const end = Math.min(count, n + most);
    parts.push(await run({ data: batch.data.subarray(n * step, end * step), dims: [end - n, ...rest] }));
  }
  return join(parts, count);
}

function join(parts: readonly Tensor<Float32Array>[], count: number): Tensor<Float32Array> {
  const rest = parts[0]?.dims.slice(1) ?? [];
  const data = new Float32Array(count * sizeOf(rest));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data.subarray(0, Math.min(part.data.length, data.length - offset)), offset);
    offset += part.data.length;
  }
  return { data, dims: [count, ...rest] };
}
