// Gradients of convolutions with respect to the data.
//
// Notation: weights [M, C/group, n…] of Conv, [C, M/group, n…] of ConvTranspose; x [N, C, X…], y [N, M, Y…].

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { span } from '../differentiate-shapes.ts';
import { affine, blockedChannels } from './blocked.ts';
import { isPlain, plainPads, reachOf, transposedSlide, type Window, windowOf } from './window.ts';

export function Conv(c: GradCall): Gradients {
  const { b, g, x } = c;
  const weights = c.input(1);
  const dims = weightDims(c, weights);
  const window = windowOf(c, dims.slice(2), x, c.y);
  const group = groupOf(c, dims[0]);
  if (isPlain(window)) {
    const { kernel, dilations } = window;
    const attributes = { kernel_shape: kernel, dilations, group, pads: plainPads(window) };
    return [b.op('Conv', [g, flipped(c, weights, dims, group)], attributes)];
  }
  const isDepthwise = group > 1 && dims[1] === 1;
  const spread = isDepthwise ? spreadConv(c, dims, window, group) : null;
  if (spread !== null) return [spread];
  const slid = transposedSlide(c, g, weights, window, group, x);
  // in blocks again for the sum with what comes by other ways
  const channels = c.readers(x) > 1 ? blockedChannels(c, x) : null;
  return [channels === null ? slid : affine(b, slid, channels, 1)];
}

function weightDims(c: GradCall, weights: string): number[] {
  const dims = c.fixedDims(weights);
  if (!dims || dims.length < 3) throw c.unsupported('weights of unknown dims');
  return dims;
}

function groupOf(c: GradCall, channels: number): number {
  const group = c.int('group', 1);
  if (group >= 1 && channels % group === 0) return group;
  throw c.unsupported(`group ${group} of ${channels} channels`);
}

/** [M, C/group, n…] → [C, M/group, n…] with the kernel turned round; the runtime folds it into a constant. */
function flipped(c: GradCall, weights: string, dims: readonly number[], group: number): string {
  const { b } = c;
  const [M, Cg, ...kernel] = dims;
  const axes = span(2, dims.length).filter((axis) => dims[axis] > 1);
  const every = (value: number): string => b.ints(axes.map(() => value));
  // from the last element to the first, and past it
  const turned =
    axes.length > 0
      ? b.op('Slice', [weights, every(-1), every(-(2 ** 31)), b.ints(axes), every(-1)])
      : weights;
  if (group === 1) return b.transpose(turned, [1, 0, ...span(2, dims.length)]);
  if (Cg === 1 && M === group) return turned;
  const grouped = b.reshape(turned, [group, M / group, Cg, ...kernel]);
  const swapped = b.transpose(grouped, [0, 2, 1, ...span(3, dims.length + 1)]);
  return b.reshape(swapped, [group * Cg, M / group, ...kernel]);
}

/**
 * A strided depthwise Conv: g with zeros behind its elements, then a plain Conv. The runtime has fast depthwise Convs
 * and slow depthwise ConvTransposes. null if sizes are free, or pads do not fit what was reached.
 */
function spreadConv(c: GradCall, dims: readonly number[], w: Window, group: number): string | null {
  const k = w.kernel.length;
  const sizes = span(0, k).map((i) => c.size(c.y, i + 2) ?? Number.NaN);
  const before = w.pads.slice(0, k).map((p, i) => reachOf(w, i) - 1 - p);
  const after = sizes.map((Y, i) => (c.size(c.x, i + 2) ?? Number.NaN) + w.pads[i] - Y * w.strides[i]);
  if (![...before, ...after].every((p) => p >= 0)) return null;
  return c.b.op('Conv', [spreadOut(c, dims[0], sizes, w.strides), flipped(c, c.input(1), dims, group)], {
    kernel_shape: w.kernel,
    dilations: w.dilations,
    group,
    pads: [...before, ...after],
  });
}

/**
 * g [N, M, Y…] with s − 1 zeros behind each element of an axis: [N, M, Y·s …]. Channels last, so that whole rows of
 * channels are copied; the runtime joins the transposes with the steps out of its blocks of channels and back.
 */
function spreadOut(c: GradCall, M: number, sizes: readonly number[], strides: readonly number[]): string {
  const { b } = c;
  const k = sizes.length;
  const last = k - 1;
  const rows = b.transpose(c.g, [0, ...span(2, k + 2), 1]);
  // [N, Y, 1, …, Y, M]: zeros are added to each 1, and to M
  const split = b.reshape(rows, [-1, ...sizes.flatMap((Y, i) => (i < last ? [Y, 1] : [Y])), M]);
  const ends = strides.flatMap((s, i) => [0, i < last ? s - 1 : (s - 1) * M]);
  const pads = b.ints([...new Array<number>(2 * k + 1).fill(0), 0, ...ends]);
  const padded = b.reshape(b.op('Pad', [split, pads]), [-1, ...sizes.map((Y, i) => Y * strides[i]), M]);
  return b.transpose(padded, [0, k + 1, ...span(1, k + 1)]);
}

/** The Conv of the same weights. */
export function ConvTranspose(c: GradCall): Gradients {
  const { b, g, x, y } = c;
  const weights = c.input(1);
  const dims = weightDims(c, weights);
  const kernel = dims.slice(2);
  const k = kernel.length;
  const extra = c.ints('output_padding') ?? new Array<number>(k).fill(0);
  // as a window it goes from y to x
  const isGiven = c.string('auto_pad', 'NOTSET') !== 'NOTSET' || c.ints('output_shape') !== null;
  if (isGiven) throw c.unsupported('auto_pad or output_shape');
  const { strides, dilations, pads } = windowOf(c, kernel, y, x);
  if (extra.some((e, i) => e >= strides[i])) throw c.unsupported(`output_padding ${extra}`);
  const group = groupOf(c, dims[0]);
  return [b.op('Conv', [g, weights], { kernel_shape: kernel, strides, dilations, group, pads })];
}
