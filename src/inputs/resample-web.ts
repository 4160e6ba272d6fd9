// Resizing of decoded images where there is no libvips: the resize of a canvas differs from browser to browser.
//
// As libvips does it, with its weights and rounded where it rounds: an axis that shrinks first, down before across, then
// one that grows.

import { CraftError } from '../errors.ts';
import type { Placement } from './placement.ts';
import type { Preprocess } from './preprocess.ts';
import { type Axis, resampleAxis, sameAxis } from './resample-axis.ts';
import { enlarge, type Pixels } from './resample-enlarge.ts';

/** Pixels as a canvas gives them: 4 values each, RGBA, row by row, alpha not multiplied in. */
export interface Rgba {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Values of a row of pixels, interleaved. */
type Row = Float32Array;

/** Rounds what a pass gives, or leaves it. */
type Settle = (row: Row) => void;

/**
 * Resizes an image to a placement and cuts out what the model sees of it.
 *
 * @param image - of any size ≥ 1 × 1.
 * @param seen - width and height of the cut, from (left, top) of the placement on.
 * @param depth - 3: alpha is dropped (flatten the image before), and the bytes are those of libvips; 4: colours are weighted by alpha.
 * @returns height × width pixels of `depth` values.
 * @throws {@link CraftError} `SHAPE` if the data do not fit the size.
 */
export function resample(
  image: Rgba,
  { left, top, ...size }: Placement,
  seen: { width: number; height: number },
  interpolation: Preprocess['interpolation'],
  depth: 3 | 4,
): Uint8Array {
  if (image.data.length !== 4 * image.width * image.height) {
    throw new CraftError(
      'SHAPE',
      `resample: expected ${image.width} × ${image.height} pixels of 4 values; got ${image.data.length} values`,
    );
  }
  const isWhole = depth === 3;
  const sides = {
    x: { length: image.width, size: size.width, start: left, count: seen.width },
    y: { length: image.height, size: size.height, start: top, count: seen.height },
  };
  const grows = sides.x.size > sides.x.length || sides.y.size > sides.y.length;
  const axisOf = (side: Side): Axis => shrunkAxis(grows ? wholeSide(side) : side, interpolation, isWhole);
  const shrunk = shrink(image, axisOf(sides.y), axisOf(sides.x), depth);
  const pixels = grows ? enlarge(shrunk, sides, seen, interpolation, isWhole) : shrunk;
  return isWhole ? Uint8Array.from(pixels.data) : unweighted(pixels.data);
}

/** One axis of the whole resize: the positions `start` … `start + count` of `size` are seen. */
interface Side {
  readonly length: number;
  readonly size: number;
  readonly start: number;
  readonly count: number;
}

/** Where an axis is to grow, it stays as it is at first. */
function shrunkAxis(side: Side, interpolation: Preprocess['interpolation'], isWhole: boolean): Axis {
  return side.size < side.length ? resampleAxis(side, interpolation, isWhole) : sameAxis(side.length, side);
}

/** All of an axis, for what is cut out of it later. */
function wholeSide({ length, size }: Side): Side {
  return { length, size, start: 0, count: Math.min(length, size) };
}

/** First down, then across. */
function shrink(image: Rgba, down: Axis, across: Axis, depth: 3 | 4): Pixels {
  // a row with alpha stays exact until it is a pixel
  const settle: Settle = depth === 3 ? roundAll : () => undefined;
  const rowAt = boxedRows(image, down.box, depth, settle);
  const [width, height] = [across.first.length, down.first.length];
  const row = new Float32Array(image.width * depth);
  const boxed = new Float32Array(across.length * depth);
  const data = new Float32Array(width * height * depth);
  for (let y = 0; y < height; y++) {
    mixRows(rowAt, down, y, row);
    settle(row);
    averageAcross(row, image.width, across.box, boxed, depth);
    settle(boxed);
    mixAcross(boxed, across, depth, data.subarray(y * width * depth, (y + 1) * width * depth));
  }
  settle(data);
  return { data, width, height };
}

/** Rows after boxes of `box` rows are averaged; those that were asked for last are kept. */
function boxedRows(image: Rgba, box: number, depth: 3 | 4, settle: Settle): (y: number) => Row {
  const kept = new Map<number, Row>();
  const size = Math.ceil(image.height / box);
  return (asked) => {
    const y = Math.min(size - 1, Math.max(0, asked));
    const found = kept.get(y);
    if (found) return found;
    const row = new Float32Array(image.width * depth);
    for (let k = 0; k < box; k++) addSource(image, Math.min(image.height - 1, y * box + k), row, depth);
    averaged(row, box, depth);
    if (box > 1) settle(row);
    kept.set(y, row);
    if (kept.size > MOST_ROWS) kept.delete(kept.keys().next().value as number);
    return row;
  };
}

/** More than any filter mixes: 2·3·4 + 1 rows. */
const MOST_ROWS = 32;

/** Adds a row of the image, its colours times alpha where there is one. */
function addSource({ data, width }: Rgba, y: number, row: Row, depth: 3 | 4): void {
  let at = y * width * 4;
  for (let i = 0; i < row.length; i += depth, at += 4) {
    const share = depth === 4 ? data[at + 3] / 255 : 1;
    for (let c = 0; c < 3; c++) row[i + c] += share * data[at + c];
    if (depth === 4) row[i + 3] += data[at + 3];
  }
}

/** Sums of `box` values to their means: of bytes as libvips divides them, by a 24-bit factor that is rounded down. */
function averaged(row: Row, box: number, depth: 3 | 4): void {
  if (box === 1) return;
  const factor = Math.floor(2 ** 24 / box);
  const half = box >> 1;
  for (let i = 0; i < row.length; i++) {
    row[i] = depth === 3 ? Math.floor(((row[i] + half) * factor) / 2 ** 24) : row[i] / box;
  }
}

function averageAcross(row: Row, width: number, box: number, boxed: Row, depth: 3 | 4): void {
  boxed.fill(0);
  const size = boxed.length / depth;
  for (let x = 0; x < size; x++) {
    for (let k = 0; k < box; k++) {
      const from = Math.min(width - 1, x * box + k) * depth;
      for (let c = 0; c < depth; c++) boxed[x * depth + c] += row[from + c];
    }
  }
  averaged(boxed, box, depth);
}

/** Σ w·row of the rows around an output row. */
function mixRows(rowAt: (y: number) => Row, { first, weights, one }: Axis, y: number, row: Row): void {
  const sum = new Float64Array(row.length);
  for (const [k, w] of weights[y].entries()) {
    if (w === 0) continue;
    const source = rowAt(first[y] + k);
    for (let i = 0; i < sum.length; i++) sum[i] += w * source[i];
  }
  for (let i = 0; i < sum.length; i++) row[i] = sum[i] / one;
}

function mixAcross(row: Row, { first, weights, length, one }: Axis, depth: 3 | 4, out: Row): void {
  for (let x = 0; x < first.length; x++) {
    const w = weights[x];
    for (let c = 0; c < depth; c++) {
      let sum = 0;
      for (let k = 0; k < w.length; k++) {
        const at = Math.min(length - 1, Math.max(0, first[x] + k));
        sum += w[k] * row[at * depth + c];
      }
      out[x * depth + c] = sum / one;
    }
  }
}

/** Pixels whose colours were weighted by their alpha, as bytes. */
function unweighted(data: Float32Array): Uint8Array {
  return Uint8Array.from(data, (value, i) => {
    const alpha = data[i | 3];
    return toByte(i % 4 < 3 && alpha > 0 ? (value * 255) / alpha : value);
  });
}

function roundAll(row: Row): void {
  for (let i = 0; i < row.length; i++) row[i] = toByte(row[i]);
}

/** Halves upwards. */
function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}
