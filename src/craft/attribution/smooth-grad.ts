// SmoothGrad: saliency of the mean gradient over noisy copies of an image.

import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Images, tensorOf, valuesOf } from './images.ts';
import type { MapSettings } from './map-options.ts';
import { absoluteMaps } from './saliency.ts';
import type { MapTarget } from './target.ts';

/**
 * Largest |mean over samples of ∂s_k/∂x(x + ε)| over the channels, ≥ 0: [N, K, H, W]. ε is bell-shaped with
 * standard deviation `noise` · (max x − min x), the same for all K.
 *
 * @param first - index of the first image among all, so that noise does not depend on the batches.
 * @see Smilkov et al., SmoothGrad (2017).
 */
export async function smoothGrad(
  images: Images,
  target: MapTarget,
  { samples, noise, seed }: Pick<MapSettings, 'samples' | 'noise' | 'seed'>,
  first: number,
): Promise<Tensor<Float32Array>> {
  const sum = new Float64Array(images.data.length * target.count);
  for (let sample = 0; sample < samples; sample++) {
    const noisy = new Float32Array(images.data.length);
    for (let n = 0; n < images.count; n++) {
      addNoise(valuesOf(images, n), noise, seed, (first + n) * samples + sample, noisy, n * images.size);
    }
    const { gradients } = await target.gradients(tensorOf(images, noisy), 'input');
    for (let k = 0; k < sum.length; k++) sum[k] += gradients.data[k] / samples;
  }
  return absoluteMaps(sum, images, target.count);
}

/** x + σ · (the sum of four uniforms, centred and scaled to variance 1). */
function addNoise(
  x: Float32Array,
  noise: number,
  seed: number,
  stream: number,
  out: Float32Array,
  start: number,
): void {
  let [least, most] = [Infinity, -Infinity];
  for (const value of x) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = noise * (most - least) * Math.sqrt(3); // a uniform has variance 1/12
  const rng = random(seed, stream);
  for (let c = 0; c < x.length; c++) {
    const bell = rng.uniform() + rng.uniform() + rng.uniform() + rng.uniform() - 2;
    out[start + c] = x[c] + scale * bell;
  }
}
