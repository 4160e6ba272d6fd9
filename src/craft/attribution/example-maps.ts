// Maps of the example images of an explanation, by further methods, small enough to keep.

import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { ImageSource } from '../classifier.ts';
import type { Craft } from '../craft.ts';
import type { RunOptions } from '../options.ts';
import type { AttributionMaps } from './attribute.ts';
import type { MapMethod } from './map-options.ts';

/** Maps by method, [E, h, w, r] each. */
export type MethodMaps = Partial<Record<MapMethod, Tensor<Float32Array>>>;

/** Cells of a kept map along its longer side, at most; a pixel more than this nobody sees in a report. */
const MOST_CELLS = 48;

/**
 * Maps of all concepts on some images of a source, averaged over square cells of pixels; those of `rise` above
 * the least value of each map.
 *
 * @param examples - indices of the images, in the order of the result.
 * @param methods - other than `latent`.
 * @throws {@link CraftError} as `Craft.attributionMaps`.
 */
export async function exampleMaps(
  craft: Craft,
  source: ImageSource,
  examples: readonly number[],
  methods: readonly MapMethod[],
  { signal, onProgress }: RunOptions,
): Promise<MethodMaps> {
  const result: MethodMaps = {};
  if (methods.length === 0 || examples.length === 0) return result;
  let [first, done] = [0, 0];
  const total = examples.length * methods.length;
  for await (const batch of source) {
    const [count, ...rest] = batch.dims;
    const size = sizeOf(rest);
    for (let k = 0; k < count; k++) {
      const places = examples.flatMap((input, place) => (input === first + k ? [place] : []));
      if (places.length === 0) continue;
      const image = { data: batch.data.subarray(k * size, (k + 1) * size), dims: [1, ...rest] };
      for (const method of methods) {
        const cells = inCells(aboveLeast(await craft.attributionMaps(image, { method, signal })));
        const all = (result[method] ??= emptyLike(cells, examples.length));
        for (const place of places) all.data.set(cells.data, place * cells.data.length);
        onProgress?.({ stage: 'maps', done: ++done, total });
      }
    }
    first += count;
  }
  return result;
}

/** A map of rise is a mean of scores, whose least value is no evidence; other maps have a 0 of their own. */
function aboveLeast(maps: AttributionMaps): Tensor<Float32Array> {
  if (maps.method !== 'rise') return maps;
  const area = maps.dims[2] * maps.dims[3];
  const data = maps.data.slice();
  for (let k = 0; k < data.length; k += area) {
    const plane = data.subarray(k, k + area);
    const least = plane.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
    for (let q = 0; q < area; q++) plane[q] -= least;
  }
  return { data, dims: maps.dims };
}

function emptyLike({ dims }: Tensor, count: number): Tensor<Float32Array> {
  return { data: new Float32Array(count * sizeOf(dims)), dims: [count, ...dims] };
}

/** Means over squares of pixels, [1, r, H, W] to [h, w, r]; those at the far edges may be smaller. */
function inCells({ data, dims: [, r, H, W] }: Tensor<Float32Array>): Tensor<Float32Array> {
  const side = Math.ceil(Math.max(H, W) / MOST_CELLS);
  const [h, w] = [Math.ceil(H / side), Math.ceil(W / side)];
  const cells = new Float32Array(h * w * r);
  const pixels = new Float32Array(h * w);
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const cell = Math.floor(y / side) * w + Math.floor(x / side);
      pixels[cell]++;
      for (let i = 0; i < r; i++) cells[cell * r + i] += data[(i * H + y) * W + x];
    }
  }
  return { data: cells.map((sum, k) => sum / pixels[Math.floor(k / r)]), dims: [h, w, r] };
}
