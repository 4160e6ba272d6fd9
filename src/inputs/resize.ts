// Bilinear resize of float images, as torch.nn.functional.interpolate(mode='bilinear',
// align_corners=False, antialias=False) does it: the reference resizes crops with it.
//
// A batch is seen as planes of rows of pixels with `depth` values each: [N, C, h, w] is N·C planes
// of depth 1, [N, h, w, C] is N planes of depth C. One loop serves both.

import { CraftError } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

export type ImageLayout = 'NCHW' | 'NHWC';

/** Dims of a batch of images, whatever its layout. */
export interface ImageDims {
  count: number;
  channels: number;
  height: number;
  width: number;
}

/** For each output position, the two source positions that it mixes and the share of the second. */
interface Taps {
  length: number; // of the source axis
  low: Int32Array;
  high: Int32Array;
  share: Float32Array;
}

/**
 * Reads the dims of a batch of images.
 *
 * @throws {@link CraftError} `SHAPE` unless `batch` has four dims, each ≥ 1 but the first.
 */
export function imageDims(batch: Tensor, layout: ImageLayout, where: string): ImageDims {
  checkTensor(batch, where);
  const { dims } = batch;
  if (dims.length !== 4 || dims.slice(1).some((d) => d < 1)) {
    throw new CraftError(
      'SHAPE',
      `${where}: expected a batch of images [${[...layout].join(', ')}]; got dims [${dims}]`,
    );
  }
  return layout === 'NCHW'
    ? { count: dims[0], channels: dims[1], height: dims[2], width: dims[3] }
    : { count: dims[0], height: dims[1], width: dims[2], channels: dims[3] };
}

/** The dims of a tensor for these images. */
export function dimsOf({ count, channels, height, width }: ImageDims, layout: ImageLayout): number[] {
  return layout === 'NCHW' ? [count, channels, height, width] : [count, height, width, channels];
}

/**
 * Resizes a batch of images. A size that does not change gives the same values.
 *
 * @param x - images [N, C, h, w] or, with layout `NHWC`, [N, h, w, C].
 * @param size - width and height of the result in pixels, at least 1; layout, default `NCHW`.
 * @returns a new tensor of the same layout, float32.
 * @throws {@link CraftError} `SHAPE` if `x` is not a batch of images, `VALUE` if a size is not a whole
 *   number ≥ 1.
 */
export function resizeBilinear(
  x: Tensor,
  size: { width: number; height: number; layout?: ImageLayout },
): Tensor<Float32Array> {
  const { width, height, layout = 'NCHW' } = size;
  const from = imageDims(x, layout, 'resizeBilinear');
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new CraftError(
      'VALUE',
      `resizeBilinear: expected a width and height of whole numbers ≥ 1; got ${width} × ${height}`,
    );
  }

  const to = { ...from, width, height };
  const data = new Float32Array(to.count * to.channels * width * height);
  const resize = boxResizer(from, to, layout);
  const whole = { x: 0, y: 0, width: from.width, height: from.height };
  for (let n = 0; n < from.count; n++) resize(x.data, n, whole, data, n);
  return { data, dims: dimsOf(to, layout) };
}

/** A plane as its data, the index of the box's first value, and its strides in values. */
interface Plane {
  data: ArrayLike<number>;
  corner: number;
  rowLength: number;
  depth: number;
}

/** Resizes the box of image `n` of `source` into image `m` of `target`. */
export type BoxResizer = (
  source: ArrayLike<number>,
  n: number,
  box: { x: number; y: number; width: number; height: number },
  target: Float32Array,
  m: number,
) => void;

/**
 * A function that cuts a box out of an image and resizes it to a whole image, with its tables kept
 * between calls. `from` and `to` have the same number of channels; their `count` is not read.
 */
export function boxResizer(from: ImageDims, to: ImageDims, layout: ImageLayout): BoxResizer {
  const planes = layout === 'NCHW' ? from.channels : 1;
  const depth = layout === 'NCHW' ? 1 : from.channels;
  const sourcePlane = from.height * from.width * depth;
  const targetPlane = to.height * to.width * depth;
  const rows = [new Float32Array(to.width * depth), new Float32Array(to.width * depth)];
  let across = taps(from.width, to.width);
  let down = taps(from.height, to.height);

  return (source, n, box, target, m) => {
    if (across.length !== box.width) across = taps(box.width, to.width);
    if (down.length !== box.height) down = taps(box.height, to.height);
    for (let c = 0; c < planes; c++) {
      const corner = (n * planes + c) * sourcePlane + (box.y * from.width + box.x) * depth;
      const start = (m * planes + c) * targetPlane;
      const read = { data: source, corner, rowLength: from.width * depth, depth };
      resizePlane(read, across, down, rows, target, start);
    }
  };
}

/** Source position of output pixel i: max(0, (i + ½)·length/size − ½), as torch computes it. */
function taps(length: number, size: number): Taps {
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  const share = new Float32Array(size);
  const scale = Math.fround(length / size);
  for (let i = 0; i < size; i++) {
    const at = Math.max(0, scale * (i + 0.5) - 0.5);
    low[i] = Math.min(Math.floor(at), length - 1);
    high[i] = Math.min(low[i] + 1, length - 1);
    share[i] = at - low[i];
  }
  return { length, low, high, share };
}

/**
 * Resizes one plane: every source row that is needed is stretched once, and two of them are mixed
 * for every output row. `rows` is the room for those two.
 */
function resizePlane(
  source: Plane,
  across: Taps,
  down: Taps,
  rows: Float32Array[],
  target: Float32Array,
  start: number,
): void {
  const held = [-1, -1]; // the source rows that `rows` holds
  const length = across.low.length * source.depth;
  for (let y = 0; y < down.low.length; y++) {
    const first = down.low[y];
    const second = down.high[y];
    if (held[1] === first && first !== second) {
      rows.reverse();
      held.reverse();
    }
    if (held[0] !== first) stretchRow(source, first, across, rows[0]);
    if (held[1] !== second) stretchRow(source, second, across, rows[1]);
    held[0] = first;
    held[1] = second;
    mixRows(rows[0], rows[1], down.share[y], target, start + y * length);
  }
}

/** Writes (1 − share)·a + share·b from `start` on. */
function mixRows(a: Float32Array, b: Float32Array, share: number, target: Float32Array, start: number): void {
  const rest = 1 - share;
  for (let i = 0; i < a.length; i++) target[start + i] = rest * a[i] + share * b[i];
}

/** Stretches row `y` of the box to the output's width. */
function stretchRow(
  { data, corner, rowLength, depth }: Plane,
  y: number,
  { low, high, share }: Taps,
  row: Float32Array,
): void {
  const start = corner + y * rowLength;
  let at = 0;
  for (let x = 0; x < low.length; x++) {
    const a = start + low[x] * depth;
    const b = start + high[x] * depth;
    const s = share[x];
    for (let c = 0; c < depth; c++) row[at++] = (1 - s) * data[a + c] + s * data[b + c];
  }
}
