// Resize of 8-bit pixels with antialias, for a browser: libvips, which resizes in Node, is not there, and the
// resize of a canvas differs from browser to browser.
//
// Separable: an output pixel is Σ w·pixel over the source pixels that fall on it, w from a filter that is as wide
// as one output pixel where the image shrinks, and as one source pixel where it grows. First down, then across,
// as libvips' reduce does it, with its filters, rounded where it rounds.

import { CraftError } from '../errors.ts';
import type { Placement } from './placement.ts';
import type { Preprocess } from './preprocess.ts';

type Interpolation = Preprocess['interpolation'];

/** Pixels as a canvas gives them: 4 values each, RGBA, row by row, alpha not multiplied in. */
export interface Rgba {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

interface Filter {
  /** Where it ends, in units of its pixel. */
  readonly support: number;
  weight(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const FILTERS: Record<Exclude<Interpolation, 'nearest'>, Filter> = {
  bilinear: { support: 1, weight: (x) => 1 - Math.abs(x) },
  // Catmull-Rom: a = −½
  bicubic: {
    support: 2,
    weight(x) {
      const d = Math.abs(x);
      return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
    },
  },
  lanczos: { support: 3, weight: (x) => sinc(x) * sinc(x / 3) },
};

/** Positions within a pixel that libvips keeps weights for where it reduces. */
const STEPS = 64;

/** For each output position: the first source position that it mixes, and the weights from there on. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float32Array[];
}

/**
 * Resizes an image to a placement and cuts out what the model sees of it.
 *
 * @param image - of any size ≥ 1 × 1.
 * @param seen - width and height of the cut, from (left, top) of the placement on.
 * @param depth - 3: alpha is dropped (flatten the image before); 4: colours are weighted by it.
 * @returns height × width pixels of `depth` values.
 * @throws {@link CraftError} `SHAPE` if the data do not fit the size.
 */
export function resample(
  image: Rgba,
  { left, top, ...size }: Placement,
  seen: { width: number; height: number },
  interpolation: Interpolation,
  depth: 3 | 4,
): Uint8Array {
  if (image.data.length !== 4 * image.width * image.height) {
    throw new CraftError(
      'SHAPE',
      `resample: expected ${image.width} × ${image.height} pixels of 4 values; got ${image.data.length} values`,
    );
  }
  const down = tapsOf(image.height, size.height, top, seen.height, interpolation);
  const across = tapsOf(image.width, size.width, left, seen.width, interpolation);
  const row = new Float32Array(image.width * depth);
  const out = new Uint8Array(seen.width * seen.height * depth);
  for (let y = 0; y < seen.height; y++) {
    mixRows(image, down.first[y], down.weights[y], row, depth);
    if (depth === 3) for (let i = 0; i < row.length; i++) row[i] = toByte(row[i]); // as between libvips' two passes
    mixColumns(row, across, out.subarray(y * seen.width * depth, (y + 1) * seen.width * depth), depth);
  }
  return out;
}

/** Σ w·row of the source rows from `first` on, their colours times alpha where there is one. */
function mixRows(
  { data, width }: Rgba,
  first: number,
  weights: Float32Array,
  row: Float32Array,
  depth: 3 | 4,
): void {
  row.fill(0);
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k];
    let at = (first + k) * width * 4;
    for (let i = 0; i < row.length; i += depth, at += 4) {
      const share = depth === 4 ? (w * data[at + 3]) / 255 : w;
      row[i] += share * data[at];
      row[i + 1] += share * data[at + 1];
      row[i + 2] += share * data[at + 2];
      if (depth === 4) row[i + 3] += w * data[at + 3];
    }
  }
}

function mixColumns(row: Float32Array, { first, weights }: Taps, out: Uint8Array, depth: 3 | 4): void {
  const sum = new Float64Array(4);
  for (let x = 0; x < first.length; x++) {
    sum.fill(0);
    const w = weights[x];
    let at = first[x] * depth;
    for (let k = 0; k < w.length; k++) for (let c = 0; c < depth; c++) sum[c] += w[k] * row[at++];
    const unweight = depth === 4 && sum[3] > 0 ? 255 / sum[3] : 1;
    for (let c = 0; c < depth; c++) out[x * depth + c] = toByte(c < 3 ? sum[c] * unweight : sum[c]);
  }
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** Taps of the output positions `start` … `start + count`, for an axis of `length` resized to `size`. */
function tapsOf(
  length: number,
  size: number,
  start: number,
  count: number,
  interpolation: Interpolation,
): Taps {
  const first = new Int32Array(count);
  const weights = Array.from({ length: count }, (_, i) => {
    // in source pixels, whose centres are at k + ½; libvips enlarges with half an output pixel less
    const centre = ((start + i + (size > length ? 0 : 0.5)) * length) / size;
    if (interpolation === 'nearest') {
      const found = size > length ? Math.ceil(centre) - 1 : Math.floor(centre);
      first[i] = Math.min(length - 1, Math.max(0, found));
      return Float32Array.of(1);
    }
    const { support, weight } = FILTERS[interpolation];
    const stretch = Math.max(1, length / size);
    const middle = size > length ? centre : Math.round(centre * STEPS) / STEPS;
    first[i] = Math.max(0, Math.ceil(middle - support * stretch - 0.5));
    const last = Math.min(length - 1, Math.floor(middle + support * stretch - 0.5));
    const found = Float64Array.from({ length: last - first[i] + 1 }, (_, k) =>
      weight((first[i] + k + 0.5 - middle) / stretch),
    );
    const total = found.reduce((sum, w) => sum + w, 0);
    return Float32Array.from(found, (w) => w / total);
  });
  return { first, weights };
}
