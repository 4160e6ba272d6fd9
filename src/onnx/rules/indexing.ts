// Gradients of ops that pick elements by index: g is added up where the elements came from.

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { scatterPicked, span } from '../differentiate-shapes.ts';
import { DataType } from '../proto/constants.ts';

export function Slice(c: GradCall): Gradients {
  const { b, g, x } = c;
  const pads = slicedOff(c);
  if (!pads) return [scatterPicked(c, g, x, (at) => b.op('Slice', [at, ...c.node.input.slice(1)]))];
  if (pads.every((p) => p === 0)) return [g];
  const isFixed = pads.every((p) => typeof p === 'number');
  const list = isFixed
    ? b.ints(pads)
    : b.concat(
        pads.map((p) => (typeof p === 'number' ? b.ints([p]) : p)),
        0,
      );
  return [b.op('Pad', [g, list])];
}

/**
 * How many elements a Slice of step 1 drops: before each axis, then after; the name of an INT64 vector of one
 * where the size of the axis or the range is not known before the model runs. null for other Slices.
 */
function slicedOff(c: GradCall): (number | string)[] | null {
  const rank = c.rank(c.x);
  const axes = c.has(3) ? c.constant(3) : span(0, c.size(c.input(1), 0) ?? 0);
  const isUnit = !c.has(4) || c.constant(4)?.every((s) => s === 1);
  if (!axes || axes.length === 0 || !isUnit) return null;
  const pads = new Array<number | string>(2 * rank).fill(0);
  for (const [i, given] of axes.entries()) {
    const axis = c.axis(given, rank);
    [pads[axis], pads[rank + axis]] = droppedFrom(c, axis, i);
  }
  return pads;
}

/** What the i-th range drops before and after it. */
function droppedFrom(c: GradCall, axis: number, i: number): [number | string, number | string] {
  const { b, x, g } = c;
  const [start, end, size] = [c.constant(1)?.[i], c.constant(2)?.[i], c.size(x, axis)];
  if (start !== undefined && end !== undefined && size !== null) {
    const clamp = (v: number): number => Math.min(size, Math.max(0, v < 0 ? v + size : v));
    return [clamp(start), size - Math.max(clamp(start), clamp(end))];
  }
  const whole = b.sizeOf(x, axis);
  if (start === 0) return [0, b.sub(whole, b.sizeOf(g, axis))];
  const before = b.op('Min', [b.op('Max', [fromBegin(c, i, whole), b.ints([0])]), whole]);
  return [before, b.sub(b.sub(whole, before), b.sizeOf(g, axis))];
}

/** Where the i-th range begins, counted from the begin of the axis. */
function fromBegin(c: GradCall, i: number, whole: string): string {
  const { b } = c;
  const start = c.constant(1)?.[i];
  if (start !== undefined) return start < 0 ? b.add(whole, b.ints([start])) : b.ints([start]);
  const starts = c.input(1);
  const wide = c.typeOf(starts) === DataType.INT64 ? starts : b.op('Cast', [starts], { to: DataType.INT64 });
  const from = b.op('Gather', [wide, b.ints([i])], { axis: 0 });
  return b.where(b.op('Less', [from, b.ints([0])]), b.add(from, whole), from);
}

export function Gather(c: GradCall): Gradients {
  const { b, g, x } = c;
  const indices = c.input(1);
  const rank = c.rank(x);
  const axis = c.axis(c.int('axis', 0), rank);
  const pads = pickedOne(c, axis, rank);
  if (pads) return [b.op('Pad', [b.unsqueeze(g, [axis]), pads])];
  if (axis === 0 && c.rank(indices) >= 1) return [scatterRows(c)];
  return [scatterPicked(c, g, x, (at) => b.op('Gather', [at, indices], { axis }))];
}

/** Pads around the one place that a scalar index takes; null for other indices. */
function pickedOne(c: GradCall, axis: number, rank: number): string | null {
  const { b, x } = c;
  const [index] = c.constant(1) ?? [];
  if (index === undefined || c.rank(c.input(1)) !== 0) return null;
  const size = c.size(x, axis);
  if (size === null && index < 0) return null;
  const before = index < 0 ? index + size! : index;
  const zeros = (n: number): number[] => new Array<number>(n).fill(0);
  if (size !== null) {
    const after = [...zeros(axis), size - 1 - before, ...zeros(rank - axis - 1)];
    return b.ints([...zeros(axis), before, ...zeros(rank - axis - 1), ...after]);
  }
  const after = b.sub(b.sizeOf(x, axis), b.ints([before + 1]));
  const parts = [b.ints([...zeros(axis), before, ...zeros(rank - 1)]), after, b.ints(zeros(rank - axis - 1))];
  return b.concat(axis === rank - 1 ? parts.slice(0, 2) : parts, 0);
}

/** Rows of an embedding: one row of g for each index. */
function scatterRows(c: GradCall): string {
  const { b, g, x } = c;
  const indices = c.input(1);
  const wide =
    c.typeOf(indices) === DataType.INT64 ? indices : b.op('Cast', [indices], { to: DataType.INT64 });
  return b.op('ScatterND', [b.zerosLike(x), b.unsqueeze(wide, [-1]), g], { reduction: 'add' });
}

export function GatherElements(c: GradCall): Gradients {
  const axis = c.int('axis', 0);
  return [c.b.op('ScatterElements', [c.b.zerosLike(c.x), c.input(1), c.g], { axis, reduction: 'add' })];
}

export function GatherND(c: GradCall): Gradients {
  const { b, g, x } = c;
  const batch = c.int('batch_dims', 0);
  return [scatterPicked(c, g, x, (at) => b.op('GatherND', [at, c.input(1)], { batch_dims: batch }))];
}

/** The values go back to where their indices say. */
export function TopK(c: GradCall): Gradients {
  const { b } = c;
  const axis = c.int('axis', -1);
  return [b.op('ScatterElements', [b.zerosLike(c.x), c.forwardOutput(1), c.g], { axis })];
}
