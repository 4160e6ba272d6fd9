// Gradients of convolutions with respect to the data.
//
// Notation: weights [M, C/group, n…] of Conv, [C, M/group, n…] of ConvTranspose; x [N, C, X…], y [N, M, Y…].

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { span } from '../differentiate-shapes.ts';
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
  return [
    (isDepthwise ? spreadConv(c, dims, window, group) : null) ??
      transposedSlide(c, g, weights, window, group, x),
  ];
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
 * A strided depthwise Conv: g with zeros between its elements, then a plain Conv. The runtime has fast
 * depthwise Convs and slow depthwise ConvTransposes. null if sizes are free or pads wider than the reach.
 */
function spreadConv(c: GradCall, dims: readonly number[], w: Window, group: number): string | null {
  const k = w.kernel.length;
  const spread = w.strides.map((s, i) => ((c.size(c.y, i + 2) ?? Number.NaN) - 1) * s + 1);
  const before = w.pads.slice(0, k).map((p, i) => reachOf(w, i) - 1 - p);
  const after = spread.map((size, i) => (c.size(c.x, i + 2) ?? Number.NaN) + w.pads[i] - size);
  if (![...before, ...after].every((p) => p >= 0)) return null;
  return c.b.op('Conv', [spreadOut(c, w.strides, spread), flipped(c, c.input(1), dims, group)], {
    kernel_shape: w.kernel,
    dilations: w.dilations,
    group,
    pads: [...before, ...after],
  });
}

/**
 * g [N, M, Y…] with zeros between its elements: [N, M, (Y − 1)·s + 1 …]. MaxUnpool is the one op of the runtime
 * that writes elements to given places of a map, one by one.
 */
function spreadOut(c: GradCall, strides: readonly number[], sizes: readonly number[]): string {
  const { b, g, y } = c;
  const k = sizes.length;
  const area = sizes.reduce((n, s) => n * s, 1);
  // the first place of each map, then the places in it: [N, M, 1 …] + [Y, 1 …] + … + [Y]
  const leading = b.op('Slice', [b.shapeOf(y), b.ints([0]), b.ints([2])]);
  const maps = b.op('ReduceProd', [leading], { keepdims: 0 });
  const starts = b.op('Range', [b.int(0), b.op('Mul', [maps, b.int(area)]), b.int(area)]);
  const ones = b.ints(sizes.map(() => 1));
  let places = b.op('Reshape', [starts, b.concat([leading, ones], 0)]);
  let step = area;
  for (const [i, size] of sizes.entries()) {
    step /= size;
    const jump = strides[i] * step;
    const row = b.op('Range', [b.int(0), b.int(c.size(y, i + 2)! * jump), b.int(jump)]);
    places = b.add(places, b.reshape(row, [-1, ...span(i + 1, k).map(() => 1)]));
  }
  const dims = b.concat([leading, b.ints(sizes)], 0);
  const spread = b.op('MaxUnpool', [g, places, dims], { kernel_shape: sizes.map(() => 1), strides });
  // says again what the runtime does not infer
  return b.reshape(spread, [c.size(y, 0) ?? -1, c.size(y, 1) ?? 0, ...sizes]);
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
