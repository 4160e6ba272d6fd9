// A classifier whose last layer has merged two concepts by construction, and images that show them apart.
//
// Three kinds of pixels, each a direction of the six channels: a = (1,1,0,0,0,0), b = (0,0,1,1,0,0),
// c = (0,0,0,0,1,1). The earlier layer is the image itself (or means of blocks of it); the layer of the
// concepts adds channels 0 to 3, so that a and b are one there, and 4 to 5. The class score is
// 2·(a or b) − c, a mean over the locations.

import type { InputBatch } from '../../src/craft/batches.ts';
import type { CraftOptions } from '../../src/craft/options.ts';
import { random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export const SIDE = 6;
const CHANNELS = 6;
const PIXELS = SIDE * SIDE;

/** Kind of every pixel of every image, 0 = a, 1 = b, 2 = c: [images, 36]. */
export type Kinds = Uint8Array;

/** Images [count, 6, 6, 6] of pixels of one kind each, of strengths from 1 to 2; `noise` is added to every channel. */
export function makeImages(
  count: number,
  { seed = 0, noise = 0, kinds = 3 } = {},
): { images: Tensor<Float32Array>; kinds: Kinds } {
  const rng = random(seed);
  const data = new Float32Array(count * CHANNELS * PIXELS);
  const found = new Uint8Array(count * PIXELS);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < PIXELS; k++) {
      const kind = rng.below(kinds) + (3 - kinds);
      found[n * PIXELS + k] = kind;
      const strength = 1 + rng.uniform();
      for (let c = 0; c < CHANNELS; c++) {
        const own = c >> 1 === kind ? strength : 0;
        data[(n * CHANNELS + c) * PIXELS + k] = own + noise * rng.uniform();
      }
    }
  }
  return { images: { data, dims: [count, CHANNELS, SIDE, SIDE] }, kinds: found };
}

/** Means of blocks of `size` × `size` pixels: [N, 6, 6/size, 6/size]. */
function blocks({ data, dims: [N] }: Tensor, size: number): Tensor<Float32Array> {
  const side = SIDE / size;
  const out = new Float32Array(N * CHANNELS * side * side);
  for (let k = 0; k < data.length; k++) {
    const [y, x] = [Math.floor((k % PIXELS) / SIDE), k % SIDE];
    const to = Math.floor(k / PIXELS) * side * side + Math.floor(y / size) * side + Math.floor(x / size);
    out[to] += data[k] / (size * size);
  }
  return { data: out, dims: [N, CHANNELS, side, side] };
}

/** Channels 0–3 and 4–5 added: [N, 2, h, w]. */
function merged({ data, dims: [N, C, h, w] }: Tensor): Tensor<Float32Array> {
  const area = h * w;
  const out = new Float32Array(N * 2 * area);
  for (let k = 0; k < data.length; k++) {
    const channel = Math.floor(k / area) % C;
    const n = Math.floor(k / (area * C));
    out[(n * 2 + (channel < 4 ? 0 : 1)) * area + (k % area)] += data[k];
  }
  return { data: out, dims: [N, 2, h, w] };
}

/** 2·z0 − z1, mean over locations, [N, 1]. */
function score({ data, dims: [N, , h, w] }: Tensor): Tensor<Float32Array> {
  const area = h * w;
  const out = new Float32Array(N);
  for (let k = 0; k < data.length; k++) {
    const isFirst = Math.floor(k / area) % 2 === 0;
    out[Math.floor(k / (2 * area))] += ((isFirst ? 2 : -1) * data[k]) / area;
  }
  return { data: out, dims: [N, 1] };
}

/**
 * The classifier; `block` is the side of a location of the last layer in pixels.
 *
 * @param onRun - told every time that g of a layer runs, with the number of inputs.
 */
export function twoInOne(block = 1, onRun: (layer: string, inputs: number) => void = () => {}): CraftOptions {
  const earlier = [
    { tensor: 'pixels', name: 'pixels', op: 'Conv', dims: [null, 6, 6, 6], grid: [6, 6] as const },
  ];
  const tensorOf = (batch: InputBatch): Tensor => batch as Tensor;
  return {
    inputToLatent(batch) {
      onRun('merged', tensorOf(batch).dims[0]);
      return merged(blocks(tensorOf(batch), block));
    },
    latentToLogit: score,
    earlier,
    async at(layer) {
      if (layer !== 'pixels') throw new Error(`no layer ${layer}`);
      return {
        inputToLatent(batch) {
          onRun('pixels', tensorOf(batch).dims[0]);
          return tensorOf(batch);
        },
        latentToLogit: (latent) => score(merged(blocks(latent, block))),
        earlier: [],
        at: async () => {
          throw new Error('no layer before');
        },
      };
    },
    patchSize: 1,
    batchSize: 16,
    numberOfConcepts: 2,
  };
}

/** Directions of the kinds in the six channels, of norm 1. */
export const DIRECTIONS = [0, 1, 2].map((kind) =>
  Float64Array.from({ length: CHANNELS }, (_, c) => (c >> 1 === kind ? Math.SQRT1_2 : 0)),
);

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let c = 0; c < a.length; c++) {
    ab += a[c] * b[c];
    aa += a[c] ** 2;
    bb += b[c] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
