// Gradients in the dims of the tensor that they are of, where sizes may be free.

import type { GradCall } from './differentiate-call.ts';
import { DataType } from './proto/constants.ts';
import type { Dims } from './shapes/value.ts';

/** `g` with the dims of `x`; the elements are the same and in the same order. */
export function reshapeLike(c: GradCall, g: string, x: string): string {
  const dims = c.dims(x);
  const isSimple = dims && dims.filter((d) => typeof d !== 'number').length <= 1 && !dims.includes(0);
  return isSimple
    ? c.b.reshape(
        g,
        dims.map((d) => (typeof d === 'number' ? d : -1)),
      )
    : c.b.op('Reshape', [g, c.b.shapeOf(x)]);
}

/** `g` repeated along its dims of 1 to the dims of `x`. */
export function expandLike(c: GradCall, g: string, x: string): string {
  const dims = c.fixedDims(x);
  return c.b.op('Expand', [g, dims ? c.b.ints(dims) : c.b.shapeOf(x)]);
}

/** The gradient of broadcasting `x` to the output of the node: `g` summed to the dims of `x`. */
export function sumTo(c: GradCall, g: string, x: string): string {
  return sumToDims(c, g, c.dimsAtPins(c.y), x);
}

/** As {@link sumTo}, for a `g` of other dims than the output; null if they are not known. */
export function sumToDims(c: GradCall, g: string, gDims: Dims[] | null, x: string): string {
  const xDims = c.dimsAtPins(x);
  if (!xDims || !gDims) return sumAtRunTime(c, g, x);
  const lead = gDims[0].length - xDims[0].length;
  const repeated: number[] = [];
  for (const axis of xDims[0].keys()) {
    const isSame = xDims.every((dims, pin) => dims[axis] === gDims[pin][axis + lead]);
    if (isSame) continue;
    // sizes that are 1 for some inputs only
    if (!xDims.every((dims) => dims[axis] === 1)) return sumAtRunTime(c, g, x);
    repeated.push(axis);
  }
  const leading = Array.from({ length: lead }, (_, i) => i);
  return c.b.sum(c.b.sum(g, leading, false), repeated);
}

/** Sums over the axes that turn out to be repeated, when the model runs. */
function sumAtRunTime(c: GradCall, g: string, x: string): string {
  const { b } = c;
  const [shape, wide] = [b.shapeOf(x), b.shapeOf(g)];
  const lead = b.sub(b.shapeOf(wide), b.shapeOf(shape));
  const ones = b.op('Cast', [b.filled(lead, 1)], { to: DataType.INT64 });
  const padded = b.concat([ones, shape], 0);
  const isRepeated = b.op('Not', [b.op('Equal', [padded, wide])]);
  const axes = b.reshape(b.op('NonZero', [isRepeated]), [-1]);
  const summed = b.op('ReduceSum', [g, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return b.op('Reshape', [summed, shape]);
}

/**
 * The gradient of an op that only picks elements of `x`: the op is run on the positions of the elements,
 * and `g` is added up at the positions that it has picked.
 *
 * @param picked - makes the op again, on INT64 positions in the dims of `x`.
 */
export function scatterPicked(
  c: GradCall,
  g: string,
  x: string,
  picked: (positions: string) => string,
): string {
  const { b } = c;
  const size = b.op('ReduceProd', [b.shapeOf(x)], { keepdims: 0 });
  const range = b.op('Range', [b.int(0), size, b.int(1)]);
  const positions = b.op('Reshape', [range, b.shapeOf(x)]);
  const at = b.reshape(picked(positions), [-1]);
  const zeros = b.filled(b.reshape(size, [1]));
  const flat = b.op('ScatterElements', [zeros, at, b.reshape(g, [-1])], { axis: 0, reduction: 'add' });
  return reshapeLike(c, flat, x);
}

/** Number of elements along the axes, a float32 scalar. */
export function countOf(c: GradCall, x: string, axes: readonly number[]): string {
  const { b } = c;
  const sizes = axes.map((axis) => c.size(x, axis));
  if (sizes.every((s) => s !== null)) return b.float(sizes.reduce((n, s) => n * s, 1));
  const dims = b.op('Gather', [b.shapeOf(x), b.ints(axes)], { axis: 0 });
  return b.op('Cast', [b.op('ReduceProd', [dims], { keepdims: 0 })], { to: DataType.FLOAT });
}

/** first, …, end − 1. */
export function span(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}
