// Occlusion: how much s falls when a patch of the image is covered. Needs no gradient.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Images, masked, tensorOf, valuesOf } from './images.ts';
import type { MapSettings } from './map-options.ts';
import { type MapTarget, parts } from './target.ts';

/** How perturbed images are run. */
export interface Running {
  /** Images in one run. */
  readonly batchSize: number;
  /** Called between runs; throws to stop. */
  check(): void;
}

/**
 * s_k(x) − s_k(x with a patch at the baseline), signed, at each pixel the mean over the patches that cover it:
 * [N, K, H, W]. Patches stand `stride` apart and at the far edges, so that every pixel is covered.
 *
 * @throws {@link CraftError} `OPTION` if a patch is larger than the image or the stride than the patch.
 * @see Zeiler and Fergus, Visualizing and understanding convolutional networks (ECCV 2014).
 */
export async function occlusion(
  images: Images,
  target: MapTarget,
  settings: Pick<MapSettings, 'patch' | 'stride' | 'baseline'>,
  running: Running,
): Promise<Tensor<Float32Array>> {
  const { count, height, width, size } = images;
  const K = target.count;
  const area = height * width;
  const patches = patchesOf(images, settings);
  const full = await target.scores(tensorOf(images));
  const covered = new Float32Array(area);
  for (const patch of patches) addPatch(covered, width, patch, 1);
  const maps = new Float32Array(count * K * area);
  const mask = new Float32Array(area);
  for (let n = 0; n < count; n++) {
    for (const part of parts(patches.length, running.batchSize)) {
      running.check();
      const batch = new Float32Array(part.length * size);
      part.forEach((k, b) => {
        mask.fill(1);
        addPatch(mask, width, patches[k], -1);
        masked(valuesOf(images, n), images, mask, settings.baseline, batch, b * size);
      });
      const scores = await target.scores(tensorOf(images, batch));
      part.forEach((patch, b) => {
        for (let k = 0; k < K; k++) {
          const map = maps.subarray((n * K + k) * area, (n * K + k + 1) * area);
          addPatch(map, width, patches[patch], full[n * K + k] - scores[b * K + k]);
        }
      });
    }
  }
  for (let k = 0; k < maps.length; k++) maps[k] /= covered[k % area];
  return { data: maps, dims: [count, K, height, width] };
}

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Patches over an image, so that every pixel is covered. @throws {@link CraftError} `OPTION`. */
export function patchesOf(
  { height, width }: Pick<Images, 'height' | 'width'>,
  { patch, stride }: Pick<MapSettings, 'patch' | 'stride'>,
): Patch[] {
  const shorter = Math.min(height, width);
  const side = patch ?? Math.max(1, Math.round(shorter / 7));
  const step = stride ?? Math.max(1, Math.floor(side / 2));
  if (side > shorter || step > side) {
    throw new CraftError(
      'OPTION',
      `occlusion: expected patch ≤ the image's shorter side, ${shorter}, and stride ≤ patch; got patch ${side}, stride ${step}`,
    );
  }
  return startsOf(height, side, step).flatMap((y) =>
    startsOf(width, side, step).map((x) => ({ x, y, side })),
  );
}

function startsOf(length: number, side: number, step: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at + side < length; at += step) starts.push(at);
  return [...starts, length - side];
}

function addPatch(map: Float32Array, width: number, { x, y, side }: Patch, value: number): void {
  for (let row = y; row < y + side; row++) {
    for (let column = x; column < x + side; column++) map[row * width + column] += value;
  }
}
