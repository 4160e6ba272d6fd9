// RISE: the mean of s over random masks that keep a pixel. Needs no gradient.

import { resizeBilinear } from '../../inputs/resize.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Images, masked, tensorOf, valuesOf } from './images.ts';
import type { MapSettings } from './map-options.ts';
import type { Running } from './occlusion.ts';
import { type MapTarget, parts } from './target.ts';

/**
 * Σ_m m · s_k(x ⊙ m) / Σ_m m at each pixel, in units of s: [N, K, H, W]. A mask keeps each cell of a coarse grid
 * with probability `keep`, is stretched smoothly to the image and shifted at random by less than a cell. The
 * same masks serve all images and all K.
 *
 * @see Petsiuk et al., RISE (BMVC 2018).
 */
export async function rise(
  images: Images,
  target: MapTarget,
  settings: Pick<MapSettings, 'masks' | 'cells' | 'keep' | 'seed' | 'baseline'>,
  running: Running,
): Promise<Tensor<Float32Array>> {
  const { count, height, width, size } = images;
  const K = target.count;
  const area = height * width;
  const sums = new Float64Array(count * K * area);
  const kept = new Float64Array(area);
  for (const part of parts(settings.masks, running.batchSize)) {
    const masks = part.map((m) => riseMask(images, settings, m));
    for (const mask of masks) for (let k = 0; k < area; k++) kept[k] += mask[k];
    for (let n = 0; n < count; n++) {
      running.check();
      const batch = new Float32Array(masks.length * size);
      masks.forEach((mask, b) => {
        masked(valuesOf(images, n), images, mask, settings.baseline, batch, b * size);
      });
      const scores = await target.scores(tensorOf(images, batch));
      masks.forEach((mask, b) => {
        for (let k = 0; k < K; k++) {
          const s = scores[b * K + k];
          if (s === 0) continue;
          for (let at = (n * K + k) * area, q = 0; q < area; q++, at++) sums[at] += s * mask[q];
        }
      });
    }
  }
  const data = Float32Array.from(sums, (value, at) => (kept[at % area] > 0 ? value / kept[at % area] : 0));
  return { data, dims: [count, K, height, width] };
}

/** Mask m, [H · W], in [0, 1]. */
function riseMask(
  { height, width }: Pick<Images, 'height' | 'width'>,
  { cells, keep, seed }: Pick<MapSettings, 'cells' | 'keep' | 'seed'>,
  m: number,
): Float32Array {
  const rng = random(seed, m);
  const side = Math.max(1, Math.ceil(Math.min(height, width) / cells));
  const [rows, columns] = [Math.ceil(height / side) + 1, Math.ceil(width / side) + 1]; // one more, for the shift
  const coarse = Float32Array.from({ length: rows * columns }, () => (rng.uniform() < keep ? 1 : 0));
  const grown = resizeBilinear(
    { data: coarse, dims: [1, 1, rows, columns] },
    { height: rows * side, width: columns * side },
  );
  const [top, left] = [rng.below(side), rng.below(side)];
  const mask = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * columns * side + left;
    mask.set(grown.data.subarray(from, from + width), y * width);
  }
  return mask;
}
