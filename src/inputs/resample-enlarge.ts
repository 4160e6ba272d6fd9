// Enlarging as libvips does it: every output pixel is a mix of the 2 × 2 or 4 × 4 source pixels around its place, with
// weights in whole 4096ths.

import type { Preprocess } from './preprocess.ts';

/** Values of pixels, interleaved, `depth` each. */
export interface Pixels {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The size of an axis after it, and the first position of it that is seen. */
export interface Growth {
  readonly size: number;
  readonly start: number;
}

/** Where output positions fall along an axis: the pixel at or before each, and how far after its middle. */
interface Places {
  readonly pixel: Int32Array;
  readonly fraction: Float64Array;
}

const ONE = 4096;
/** Positions within a pixel that the weights of bicubic are kept for. */
const STEPS = 64;
/** libvips counts from a border of one pixel. It matters for the last bit of a place. */
const BORDER = 1;

/**
 * Makes an image larger along at least one axis. As in libvips, all of it moves by half a pixel of the result, along an
 * axis that keeps its size too.
 *
 * @param seen - width and height of the result.
 * @param isWhole - values are bytes, and so are those of the result; else all is exact.
 */
export function enlarge(
  image: Pixels,
  { x, y }: { x: Growth; y: Growth },
  seen: { width: number; height: number },
  interpolation: Preprocess['interpolation'],
  isWhole: boolean,
): Pixels {
  const depth = image.data.length / (image.width * image.height);
  const scales = [1 / (image.width / x.size), 1 / (image.height / y.size)];
  const inverse = 1 / (scales[0] * scales[1]); // of the matrix, as libvips inverts it
  const shift = interpolation === 'nearest' ? 0 : 0.5;
  const across = placesOf(x, seen.width, inverse * scales[1], shift, true);
  const down = placesOf(y, seen.height, inverse * scales[0], shift, false);
  const mix = MIXERS[interpolation](image, depth, isWhole);
  const data = new Float32Array(seen.width * seen.height * depth);
  for (let k = 0, at = 0; k < seen.height; k++) {
    for (let j = 0; j < seen.width; j++, at += depth) {
      const place = [across.pixel[j], across.fraction[j], down.pixel[k], down.fraction[k]] as const;
      for (let c = 0; c < depth; c++) data[at + c] = mix(...place, c);
    }
  }
  return { data, ...seen };
}

/** @param isSummed - libvips adds step to step along a row, and multiplies from row to row. */
function placesOf({ start }: Growth, count: number, step: number, shift: number, isSummed: boolean): Places {
  const pixel = new Int32Array(count);
  const fraction = new Float64Array(count);
  let place = -shift + BORDER;
  for (let k = 0; k < start + count; k++) {
    if (!isSummed) place = step * k - shift + BORDER;
    if (k >= start) {
      const whole = Math.floor(place);
      pixel[k - start] = whole - BORDER;
      fraction[k - start] = place - whole;
    }
    place += step;
  }
  return { pixel, fraction };
}

/** The value of one channel at a place. */
type Mix = (x: number, fx: number, y: number, fy: number, c: number) => number;

const lookUp = ({ data, width, height }: Pixels, depth: number) => {
  return (x: number, y: number, c: number): number => {
    const column = Math.min(width - 1, Math.max(0, x));
    const row = Math.min(height - 1, Math.max(0, y));
    return data[(row * width + column) * depth + c];
  };
};

function nearest(image: Pixels, depth: number): Mix {
  const at = lookUp(image, depth);
  return (x, _fx, y, _fy, c) => at(x, y, c);
}

function bilinear(image: Pixels, depth: number, isWhole: boolean): Mix {
  const at = lookUp(image, depth);
  const whole = isWhole ? Math.floor : (value: number): number => value;
  return (x, fx, y, fy, c) => {
    const [a, b] = [whole(fx * ONE), whole(fy * ONE)];
    const right = whole(((ONE - b) * a) / ONE);
    const both = whole((b * a) / ONE);
    const sum =
      (ONE - b - right) * at(x, y, c) +
      right * at(x + 1, y, c) +
      (b - both) * at(x, y + 1, c) +
      both * at(x + 1, y + 1, c);
    return isWhole ? toByte(sum) : sum / ONE;
  };
}

function bicubic(image: Pixels, depth: number, isWhole: boolean): Mix {
  const at = lookUp(image, depth);
  const weights = Array.from({ length: STEPS + 1 }, (_, step) => catmullRom(step / STEPS, isWhole));
  const weightsAt = (fraction: number): readonly number[] =>
    weights[(Math.trunc(2 * STEPS * fraction) + 1) >> 1];
  const settle = isWhole ? round : (sum: number): number => sum / ONE;
  return (x, fx, y, fy, c) => {
    const [wx, wy] = [weightsAt(fx), weightsAt(fy)];
    let sum = 0;
    for (let j = 0; j < 4; j++) {
      let row = 0;
      for (let i = 0; i < 4; i++) row += wx[i] * at(x - 1 + i, y - 1 + j, c);
      sum += wy[j] * settle(row);
    }
    return isWhole ? toByte(sum) : sum / ONE;
  };
}

/** libvips has no wider filter to enlarge by. */
const MIXERS = { nearest, bilinear, bicubic, lanczos: bicubic } as const;

/** Weights of the pixels before, at, after and two after a place `f` of a pixel on, in 4096ths. */
function catmullRom(f: number, isWhole: boolean): number[] {
  const half = (1 - f) * -0.5 * f;
  const [before, last] = [(1 - f) * half, f * half];
  const found = [before, 1 - f - before + (last - before), f - last - (last - before), last];
  return found.map((w) => (isWhole ? Math.trunc(w * ONE) : w * ONE));
}

function round(sum: number): number {
  return Math.floor((sum + ONE / 2) / ONE);
}

function toByte(sum: number): number {
  return Math.min(255, Math.max(0, round(sum)));
}
