// Integrated gradients: the difference between s(x) and s(baseline), shared out among the pixels.

import type { Tensor } from '../../tensor/tensor.ts';
import { productMaps } from './gradient-input.ts';
import { type Images, tensorOf } from './images.ts';
import type { MapSettings } from './map-options.ts';
import type { MapTarget } from './target.ts';

/** Maps with what they leave out. */
export interface IntegratedMaps {
  readonly maps: Tensor<Float32Array>;
  /** Σ of a map − (s(x) − s(baseline)), [N · K]: what the sum over `steps` points misses. */
  readonly gap: Float64Array;
}

/**
 * Σ over the channels of (x − x₀) ∫₀¹ ∂s_k/∂x(x₀ + t (x − x₀)) dt, signed: [N, K, H, W]. The integral is the mean
 * over the midpoints of `steps` equal parts. Exact for a linear s; s is piecewise smooth, so the gap falls
 * with the number of steps.
 *
 * @see Sundararajan et al., Axiomatic attribution for deep networks (ICML 2017).
 */
export async function integratedGradients(
  images: Images,
  target: MapTarget,
  { steps, baseline }: Pick<MapSettings, 'steps' | 'baseline'>,
): Promise<IntegratedMaps> {
  const K = target.count;
  const mean = new Float64Array(images.data.length * K);
  const between = new Float32Array(images.data.length);
  for (let step = 0; step < steps; step++) {
    const t = (step + 0.5) / steps;
    for (let c = 0; c < between.length; c++) between[c] = baseline + t * (images.data[c] - baseline);
    const { gradients } = await target.gradients(tensorOf(images, between), 'input');
    for (let c = 0; c < mean.length; c++) mean[c] += gradients.data[c] / steps;
  }
  const maps = productMaps(mean, images, baseline, K);
  const full = await target.scores(tensorOf(images));
  const none = await target.scores(tensorOf(images, new Float32Array(images.size).fill(baseline)));
  const area = images.height * images.width;
  const gap = Float64Array.from(full, (score, nk) => {
    let total = 0;
    for (let k = nk * area; k < (nk + 1) * area; k++) total += maps.data[k];
    return total - (score - none[nk % K]);
  });
  return { maps, gap };
}
