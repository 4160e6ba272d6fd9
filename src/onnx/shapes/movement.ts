// Shapes of ops that move elements and do not change them.

import { axisOf, broadcast, type Call, type Dims, type PerOutput, product } from './value.ts';

/** 0 copies the dim of the data (unless `allowzero`), −1 takes what is left. */
export function Reshape(c: Call): Dims | null {
  const data = c.dims(0);
  const shape = c.list(1, 'shape');
  if (shape === null || shape === 'unknown') return null;
  const copied = shape.map((d, i) => (d === 0 && !c.int('allowzero', 0) ? (data?.[i] ?? Number.NaN) : d));
  const free = copied.indexOf(-1);
  if (free < 0) return data && product(data) !== product(copied) ? null : copied;
  if (!data) return null;
  const rest = product(copied.toSpliced(free, 1));
  return copied.with(free, rest === 0 ? 0 : product(data) / rest);
}

/** A matrix: dims before `axis` times dims from it on. */
export function Flatten(c: Call): Dims | null {
  const data = c.dims(0);
  if (!data) return null;
  const axis = c.int('axis', 1);
  const at = axis < 0 ? axis + data.length : axis;
  return [product(data.slice(0, at)), product(data.slice(at))];
}

export function Transpose(c: Call): Dims | null {
  const data = c.dims(0);
  if (!data) return null;
  const perm = c.ints('perm') ?? data.map((_, i) => data.length - 1 - i);
  return perm.length === data.length ? perm.map((p) => data[p]) : null;
}

export function Squeeze(c: Call): Dims | null {
  const data = c.dims(0);
  const axes = c.list(1, 'axes');
  if (!data || axes === 'unknown') return null;
  if (axes === null) return data.filter((d) => d !== 1);
  const gone = new Set(axes.map((a) => axisOf(a, data.length)));
  return gone.has(Number.NaN) ? null : data.filter((_, i) => !gone.has(i));
}

export function Unsqueeze(c: Call): Dims | null {
  const data = c.dims(0);
  const axes = c.list(1, 'axes');
  if (!data || axes === 'unknown' || axes === null) return null;
  const rank = data.length + axes.length;
  const added = new Set(axes.map((a) => axisOf(a, rank)));
  if (added.has(Number.NaN) || added.size !== axes.length) return null;
  let next = 0;
  return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : data[next++]));
}

export function Concat(c: Call): Dims | null {
  const shapes = c.inputs.map((_, i) => c.dims(i));
  if (shapes.length === 0 || shapes.some((s) => s === null || s.length !== shapes[0]?.length)) return null;
  const [first] = shapes as Dims[];
  const axis = axisOf(c.int('axis', c.opset < 4 ? 1 : Number.NaN), first.length);
  if (Number.isNaN(axis)) return null;
  return first.with(
    axis,
    shapes.reduce((sum, s) => sum + s![axis], 0),
  );
}

/** Sizes of the parts of a Split along a dim of `size`; null if they are not known. */
export function splitSizes(c: Call, size: number): readonly number[] | null {
  const given = c.list(1, 'split');
  if (given === 'unknown') return null;
  if (given) return given;
  const parts = c.int('num_outputs', c.node.output.length);
  const part = Math.ceil(size / parts);
  // the last part is the smaller one
  return Array.from({ length: parts }, (_, i) => Math.min(part, size - i * part));
}

export function Split(c: Call): PerOutput<Dims> {
  const data = c.dims(0);
  const axis = data ? axisOf(c.int('axis', 0), data.length) : Number.NaN;
  const sizes = data && !Number.isNaN(axis) ? splitSizes(c, data[axis]) : null;
  return { outputs: sizes ? sizes.map((size) => data!.with(axis, size)) : [] };
}

/** Start, step and count of a Slice for each axis that it names. */
export function sliceRanges(
  c: Call,
  data: Dims,
): { axis: number; start: number; step: number; count: number }[] | null {
  const starts = c.list(1, 'starts');
  const ends = c.list(2, 'ends');
  const axes = c.list(3, 'axes') ?? (Array.isArray(starts) ? starts.map((_, i) => i) : null);
  const steps = c.has(4) ? c.values(4) : Array.isArray(starts) ? starts.map(() => 1) : null;
  if (!Array.isArray(starts) || !Array.isArray(ends) || !Array.isArray(axes) || !steps) return null;
  const ranges = axes.map((a, i) => {
    const axis = axisOf(a, data.length);
    const size = data[axis];
    const step = steps[i];
    const wrap = (v: number): number => (v < 0 ? v + size : v);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const start = Math.min(Math.max(wrap(starts[i]), 0), step > 0 ? size : size - 1);
    const end = Math.min(Math.max(wrap(ends[i]), low), high);
    return { axis, start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
  return ranges.every((r) => Number.isInteger(r.axis) && Number.isInteger(r.count)) ? ranges : null;
}

export function Slice(c: Call): Dims | null {
  const data = c.dims(0);
  const ranges = data ? sliceRanges(c, data) : null;
  if (!data || !ranges) return null;
  const out = [...data];
  for (const { axis, count } of ranges) out[axis] = count;
  return out;
}

/** Begin of each dim, then end of each; negative pads crop. */
export function Pad(c: Call): Dims | null {
  const data = c.dims(0);
  const pads = c.list(1, c.carries('paddings') ? 'paddings' : 'pads');
  if (!data || pads === null || pads === 'unknown') return null;
  const axes = c.has(3) ? c.values(3) : data.map((_, i) => i);
  if (!axes || pads.length !== 2 * axes.length) return null;
  const out = [...data];
  axes.forEach((a, i) => {
    out[axisOf(a, data.length)] += pads[i] + pads[axes.length + i];
  });
  return out;
}

/** Indices replace the axis. */
export function Gather(c: Call): Dims | null {
  const data = c.dims(0);
  const indices = c.dims(1);
  if (!data || !indices) return null;
  const axis = axisOf(c.int('axis', 0), data.length);
  return Number.isNaN(axis) ? null : data.toSpliced(axis, 1, ...indices);
}

export function GatherElements(c: Call): Dims | null {
  return c.dims(1);
}

export function GatherND(c: Call): Dims | null {
  const data = c.dims(0);
  const indices = c.dims(1);
  if (!data || !indices || indices.length === 0) return null;
  const taken = c.int('batch_dims', 0) + indices[indices.length - 1];
  return [...indices.slice(0, -1), ...data.slice(taken)];
}

export function Expand(c: Call): Dims | null {
  const data = c.dims(0);
  const shape = c.values(1);
  return data && shape ? broadcast([data, shape]) : null;
}

export function Tile(c: Call): Dims | null {
  const data = c.dims(0);
  const repeats = c.values(1);
  return data && repeats?.length === data.length ? data.map((d, i) => d * repeats[i]) : null;
}

export function DepthToSpace(c: Call): Dims | null {
  const data = c.dims(0);
  const block = c.int('blocksize', Number.NaN);
  if (data?.length !== 4) return null;
  return [data[0], data[1] / (block * block), data[2] * block, data[3] * block];
}

export function SpaceToDepth(c: Call): Dims | null {
  const data = c.dims(0);
  const block = c.int('blocksize', Number.NaN);
  if (data?.length !== 4) return null;
  return [data[0], data[1] * block * block, data[2] / block, data[3] / block];
}
