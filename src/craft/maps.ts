// Concept coefficients as maps.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Coefficients } from './concepts.ts';

/**
 * Coefficients of all batches as one tensor, tokens before the grid left out: [N, r] for vectors,
 * [N, h, w, r] where the locations are a grid, else [N, T, r].
 */
export function withoutPrefix(batches: readonly Coefficients[]): Tensor<Float32Array> {
  if (batches.length === 0)
    throw new CraftError('NO_INPUTS', 'transform: expected at least one input; got none');
  const { shape, rank } = batches[0];
  const { locations: T, prefixTokens, grid } = shape;
  const kept = T - prefixTokens;
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const data = new Float32Array(count * kept * rank);
  let to = 0;
  for (const batch of batches) {
    for (let n = 0; n < batch.count; n++, to += kept * rank) {
      const from = (n * T + prefixTokens) * rank;
      data.set(batch.data.subarray(from, from + kept * rank), to);
    }
  }
  if (shape.layout === 'NC') return { data, dims: [count, rank] };
  return { data, dims: grid ? [count, ...grid, rank] : [count, kept, rank] };
}

/** Planes of concepts from U [N, h, w, r]: [N, concepts, h, w]. */
export function conceptPlanes(U: Tensor<Float32Array>, concepts: readonly number[]): Tensor<Float32Array> {
  const [N, h, w, r] = U.dims;
  const area = h * w;
  const data = new Float32Array(N * concepts.length * area);
  let to = 0;
  for (let n = 0; n < N; n++) {
    for (const i of concepts) {
      for (let t = 0; t < area; t++) data[to++] = U.data[(n * area + t) * r + i];
    }
  }
  return { data, dims: [N, concepts.length, h, w] };
}
