// Gradient × input: the first-order share of a pixel in s.

import type { Tensor } from '../../tensor/tensor.ts';
import { type Images, overChannels, sum, tensorOf, valuesOf } from './images.ts';
import type { MapTarget } from './target.ts';

/**
 * Σ over the channels of x · ∂s_k/∂x, signed: [N, K, H, W].
 *
 * @see Shrikumar et al., Not just a black box (2016).
 */
export async function gradientInput(images: Images, target: MapTarget): Promise<Tensor<Float32Array>> {
  const { gradients } = await target.gradients(tensorOf(images), 'input');
  return productMaps(gradients.data, images, 0, target.count);
}

/** Maps Σ over the channels of (x − baseline) · gradient, for gradients [N · K, …]. */
export function productMaps(
  gradients: Float32Array | Float64Array,
  images: Images,
  baseline: number,
  K: number,
): Tensor<Float32Array> {
  const { count, size, height, width } = images;
  const maps = new Float32Array(count * K * height * width);
  const product = new Float64Array(size);
  for (let nk = 0; nk < count * K; nk++) {
    const x = valuesOf(images, Math.floor(nk / K));
    for (let c = 0; c < size; c++) product[c] = (x[c] - baseline) * gradients[nk * size + c];
    overChannels(product, images, sum, maps, nk * height * width);
  }
  return { data: maps, dims: [count, K, height, width] };
}
