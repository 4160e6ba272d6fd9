// How the pixels along one axis of an image become fewer, as libvips does it.
//
// A shrink by 4 or more first averages whole boxes of pixels, so that a factor from 2 to 4 is left. Then an output
// pixel is Σ w·pixel over the source pixels that fall on it, w from a filter that is as wide as one output pixel. libvips
// keeps weights for 64 positions within a pixel, and as
// whole 4096ths that are rounded towards 0: with the same, bytes come out the same.

import type { Preprocess } from './preprocess.ts';

type Interpolation = Preprocess['interpolation'];

/** One axis of a resize that shrinks or stays. */
export interface Axis {
  /** Source pixels that are averaged into one before anything else; 1: none. */
  readonly box: number;
  /** Pixels after that. */
  readonly length: number;
  /** For each output position, the first pixel that it mixes; may lie before the image, whose edge goes on there. */
  readonly first: Int32Array;
  /** From there on, in units of `one`. */
  readonly weights: readonly Float64Array[];
  /** Weights add up to it, or nearly: 4096 where they are whole numbers, else 1. */
  readonly one: number;
}

interface Filter {
  /** Where it ends, in units of its pixel. */
  readonly support: number;
  weight(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const FILTERS: Record<Exclude<Interpolation, 'nearest'>, Filter> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Catmull-Rom; summed in the order of libvips, as a last bit can be a whole 4096th
  bicubic: {
    support: 2,
    weight(x) {
      const d = Math.abs(x);
      if (d > 2) return 0;
      const [d2, d3] = [d * d, d * d * d];
      return d <= 1 ? (9 * d3 - 15 * d2 + 6) / 6 : (-3 * d3 + 15 * d2 - 24 * d + 12) / 6;
    },
  },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Positions within a pixel that weights are kept for. */
const STEPS = 64;
/** Whole weights add up to it, but for what is rounded off. */
const ONE = 4096;
/** A filter is left to shrink at least so much after the boxes. */
const GAP = 2;

/**
 * @param length - of the source axis, resized to a smaller `size`; the output positions `start` … `start + count` are seen.
 * @param isWhole - weights are whole 4096ths; else exact.
 */
export function resampleAxis(
  { length, size, start, count }: { length: number; size: number; start: number; count: number },
  interpolation: Interpolation,
  isWhole: boolean,
): Axis {
  const positions = Array.from({ length: count }, (_, i) => start + i);
  if (interpolation === 'nearest') return nearest(length, size, positions);
  const filter = FILTERS[interpolation];
  const box = Math.max(1, Math.floor(length / size / GAP));
  // the inverse of an inverse, as it comes to libvips
  const whole = 1 / (1 / (length / size));
  const factor = whole / box;
  const shift = 0.5 + (1 + (size * whole - length) / box) / 2 - 1;
  const points = 2 * roundEven(filter.support * factor) + 1;
  const kept = new Map<number, Float64Array>();
  const weightsAt = (step: number): Float64Array => {
    const found = kept.get(step) ?? shrinkWeights(filter, factor, points, step / STEPS, isWhole);
    kept.set(step, found);
    return found;
  };
  const places = placesOf(start + count, factor, 0.5 * factor - shift).slice(start);
  return {
    box,
    length: Math.ceil(length / box),
    first: Int32Array.from(places, (place) => Math.trunc(place) - (points - 1) / 2),
    weights: places.map((place) => weightsAt(((Math.trunc(2 * STEPS * place) & (2 * STEPS - 1)) + 1) >> 1)),
    one: isWhole ? ONE : 1,
  };
}

/** Places `factor` apart, summed as libvips sums them: one on the border of two steps follows from its last bit. */
function placesOf(count: number, factor: number, first: number): number[] {
  const places: number[] = [];
  for (let k = 0, place = first; k < count; k++, place += factor) places.push(place);
  return places;
}

/** Weights of `points` pixels around a place that is `fraction` of a pixel on. */
function shrinkWeights(
  { weight }: Filter,
  factor: number,
  points: number,
  fraction: number,
  isWhole: boolean,
): Float64Array {
  const middle = fraction + points / 2 - 1;
  const found = Float64Array.from({ length: points }, (_, i) => weight((i - middle) / factor));
  const total = found.reduce((sum, w) => sum + w, 0);
  return found.map((w) => (isWhole ? Math.trunc((w / total) * ONE) : w / total));
}

function nearest(length: number, size: number, positions: readonly number[]): Axis {
  const first = Int32Array.from(positions, (k) => Math.floor(((k + 0.5) * length) / size));
  return { box: 1, length, first, weights: positions.map(() => Float64Array.of(1)), one: 1 };
}

/** Every pixel as it is. */
export function sameAxis(length: number, { start, count }: { start: number; count: number }): Axis {
  const first = Int32Array.from({ length: count }, (_, i) => start + i);
  return { box: 1, length, first, weights: Array.from(first, () => Float64Array.of(1)), one: 1 };
}

/** To the nearest whole number, halves to the even one. */
function roundEven(x: number): number {
  const rounded = Math.round(x);
  return x % 1 === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
