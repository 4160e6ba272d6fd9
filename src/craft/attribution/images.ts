// Batches of images as the maps need them: repeated, cut, and summed over channels.

import { type ImageLayout, imageDims } from '../../inputs/resize.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** Images of a batch in a layout. */
export interface Images {
  readonly data: Float32Array;
  readonly count: number;
  /** Values of one image. */
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly layout: ImageLayout;
  /** Dims of one image. */
  readonly dims: readonly number[];
}

/** @throws {@link CraftError} `SHAPE` unless the batch has four dims. */
export function imagesOf(batch: Tensor, layout: ImageLayout): Images {
  const { count, channels, height, width } = imageDims(batch, layout, 'attributionMaps: inputs');
  const data = batch.data instanceof Float32Array ? batch.data : Float32Array.from(batch.data);
  const dims = batch.dims.slice(1);
  return { data, count, size: sizeOf(dims), height, width, channels, layout, dims };
}

/** Values of image n. */
export function valuesOf(images: Images, n: number): Float32Array {
  return images.data.subarray(n * images.size, (n + 1) * images.size);
}

/** Images as the tensor that the model takes. */
export function tensorOf(images: Images, data: Float32Array = images.data): Tensor<Float32Array> {
  return { data, dims: [data.length / images.size, ...images.dims] };
}

/** The items `which` of a tensor along its first axis, in this order, as often as they are named. */
export function pick({ data, dims: [, ...rest] }: Tensor, which: readonly number[]): Tensor<Float32Array> {
  const size = sizeOf(rest);
  const out = new Float32Array(which.length * size);
  which.forEach((n, k) => {
    out.set(data.subarray(n * size, (n + 1) * size), k * size);
  });
  return { data: out, dims: [which.length, ...rest] };
}

/** From the values of a pixel's channels to one. */
export type ChannelRule = (sofar: number, value: number) => number;

export const largestSize: ChannelRule = (sofar, value) => Math.max(sofar, Math.abs(value));
export const sum: ChannelRule = (sofar, value) => sofar + value;

/**
 * One value a pixel from one a channel.
 *
 * @param values - of one image, in its layout.
 * @param out - receives [H · W], from `start` on.
 */
export function overChannels(
  values: ArrayLike<number>,
  { channels, height, width, layout }: Images,
  rule: ChannelRule,
  out: Float32Array,
  start: number,
): void {
  const area = height * width;
  const [step, stride] = layout === 'NCHW' ? [1, area] : [channels, 1];
  for (let k = 0; k < area; k++) {
    let value = 0;
    for (let c = 0, at = k * step; c < channels; c++, at += stride) value = rule(value, values[at]);
    out[start + k] = value;
  }
}

/**
 * Mixes an image with the baseline, pixel by pixel: m · x + (1 − m) · baseline.
 *
 * @param mask - m [H · W].
 * @param out - receives the image in its layout, from `start` on.
 */
export function masked(
  image: Float32Array,
  { channels, height, width, layout }: Images,
  mask: ArrayLike<number>,
  baseline: number,
  out: Float32Array,
  start: number,
): void {
  const area = height * width;
  const [step, stride] = layout === 'NCHW' ? [1, area] : [channels, 1];
  for (let k = 0; k < area; k++) {
    const m = mask[k];
    for (let c = 0, at = k * step; c < channels; c++, at += stride) {
      out[start + at] = m * image[at] + (1 - m) * baseline;
    }
  }
}
