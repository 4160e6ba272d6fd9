// Saliency: how fast s changes with a pixel.

import type { Tensor } from '../../tensor/tensor.ts';
import { type Images, largestSize, overChannels, tensorOf } from './images.ts';
import type { MapTarget } from './target.ts';

/**
 * The largest |∂s_k/∂x| over the channels of each pixel, ≥ 0: [N, K, H, W].
 *
 * @see Simonyan et al., Deep inside convolutional networks (ICLR workshop 2014).
 */
export async function saliency(images: Images, target: MapTarget): Promise<Tensor<Float32Array>> {
  const { gradients } = await target.gradients(tensorOf(images), 'input');
  return absoluteMaps(gradients.data, images, target.count);
}

/** Maps of gradients [N · K, …] by their largest size over the channels. */
export function absoluteMaps(
  gradients: Float32Array | Float64Array,
  images: Images,
  K: number,
): Tensor<Float32Array> {
  const { count, size, height, width } = images;
  const maps = new Float32Array(count * K * height * width);
  for (let nk = 0; nk < count * K; nk++) {
    const own = gradients.subarray(nk * size, (nk + 1) * size);
    overChannels(own, images, largestSize, maps, nk * height * width);
  }
  return { data: maps, dims: [count, K, height, width] };
}
