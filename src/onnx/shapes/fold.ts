// Values of small tensors, so that Shape → Gather → Concat → Reshape resolves: what such chains use.

import { tensorOf } from '../attributes.ts';
import { DataType } from '../proto/constants.ts';
import { valuesOf } from '../tensor-values.ts';
import { broadcastOffset, forEachIndex, stridesOf } from './indexing.ts';
import { sliceRanges, splitSizes } from './movement.ts';
import { reducedAxes } from './reduce.ts';
import { shapeSlice } from './shape-ops.ts';
import { axisOf, type Call, type Dims, type PerOutput, product } from './value.ts';

/** Values of the outputs, given their dims; null where they are not known. */
type FoldRule = (call: Call, dims: Dims) => readonly number[] | PerOutput<readonly number[]> | null;

const isInteger = (c: Call): boolean => {
  const type = c.type(0);
  return type !== DataType.FLOAT && type !== DataType.DOUBLE && type !== DataType.FLOAT16;
};

const broadcastBy =
  (combine: (c: Call, values: number[]) => number): FoldRule =>
  (c, dims) => {
    const inputs = c.inputs.map((_, i) => ({
      values: c.values(i)!,
      dims: c.dims(i)!,
      strides: stridesOf(c.dims(i)!),
    }));
    const out: number[] = [];
    forEachIndex(dims, (at) => {
      out.push(
        combine(
          c,
          inputs.map((x) => x.values[broadcastOffset(x.dims, x.strides, at)]),
        ),
      );
    });
    return out;
  };

const binary = (f: (a: number, b: number) => number): FoldRule => broadcastBy((_, [a, b]) => f(a, b));
const unary =
  (f: (a: number) => number): FoldRule =>
  (c) =>
    c.values(0)!.map(f);
const keep: FoldRule = (c) => c.values(0);

const Cast: FoldRule = (c) => {
  const to = c.int('to', 0);
  const floating = to === DataType.FLOAT || to === DataType.DOUBLE || to === DataType.FLOAT16;
  if (to === DataType.BOOL) return c.values(0)!.map((v) => (v ? 1 : 0));
  return floating ? c.values(0) : c.values(0)!.map(Math.trunc);
};

const Concat: FoldRule = (c, dims) => {
  const axis = axisOf(c.int('axis', Number.NaN), dims.length);
  const outer = product(dims.slice(0, axis));
  const out: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < c.inputs.length; i++) {
      const values = c.values(i)!;
      const run = values.length / outer;
      for (let k = 0; k < run; k++) out.push(values[o * run + k]);
    }
  }
  return out;
};

const Gather: FoldRule = (c) => {
  const data = c.dims(0)!;
  const axis = axisOf(c.int('axis', 0), data.length);
  const inner = product(data.slice(axis + 1));
  const outer = product(data.slice(0, axis));
  const out: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (const index of c.values(1)!) {
      const at = axisOf(index, data[axis]);
      for (let k = 0; k < inner; k++) out.push(c.values(0)![(o * data[axis] + at) * inner + k]);
    }
  }
  return out;
};

const Slice: FoldRule = (c, dims) => {
  const data = c.dims(0)!;
  const ranges = sliceRanges(c, data)!;
  const strides = stridesOf(data);
  const out: number[] = [];
  forEachIndex(dims, (at) => {
    let offset = 0;
    for (let i = 0; i < at.length; i++) {
      const range = ranges.find((r) => r.axis === i);
      offset += (range ? range.start + at[i] * range.step : at[i]) * strides[i];
    }
    out.push(c.values(0)![offset]);
  });
  return out;
};

const Split: FoldRule = (c) => {
  const data = c.dims(0)!;
  if (data.length !== 1) return null;
  let start = 0;
  return { outputs: splitSizes(c, data[0])!.map((size) => c.values(0)!.slice(start, (start += size))) };
};

const Expand: FoldRule = (c, dims) => {
  const data = c.dims(0)!;
  const strides = stridesOf(data);
  const out: number[] = [];
  forEachIndex(dims, (at) => out.push(c.values(0)![broadcastOffset(data, strides, at)]));
  return out;
};

const Tile: FoldRule = (c, dims) => {
  const data = c.dims(0)!;
  const strides = stridesOf(data);
  const out: number[] = [];
  forEachIndex(dims, (at) => {
    out.push(c.values(0)![at.reduce((sum, v, i) => sum + (v % data[i]) * strides[i], 0)]);
  });
  return out;
};

const Transpose: FoldRule = (c, dims) => {
  const perm = c.ints('perm') ?? dims.map((_, i) => dims.length - 1 - i);
  const strides = stridesOf(c.dims(0)!);
  const out: number[] = [];
  forEachIndex(dims, (at) => {
    out.push(c.values(0)![perm.reduce((sum, p, i) => sum + at[i] * strides[p], 0)]);
  });
  return out;
};

const ConstantOfShape: FoldRule = (c, dims) => {
  const value = tensorOf(c.node, 'value');
  const [fill = 0] = value ? (valuesOf(value, 1) ?? [Number.NaN]) : [0];
  return new Array<number>(product(dims)).fill(fill);
};

/** A reduction of a whole tensor to one number, with neutral element `start`. */
const reduceAll =
  (f: (a: number, b: number) => number, start: number): FoldRule =>
  (c) => {
    const data = c.dims(0)!;
    return reducedAxes(c, data.length)?.length === data.length ? [c.values(0)!.reduce(f, start)] : null;
  };

/** Rules whose inputs must all have values. */
export const foldRules: ReadonlyMap<string, FoldRule> = new Map(
  Object.entries<FoldRule>({
    Identity: keep,
    Reshape: keep,
    Flatten: keep,
    Squeeze: keep,
    Unsqueeze: keep,
    Cast,
    Concat,
    Gather,
    Slice,
    Split,
    Expand,
    Tile,
    Transpose,
    ConstantOfShape,
    Range: (c, dims) => Array.from({ length: dims[0] }, (_, i) => c.values(0)![0] + i * c.values(2)![0]),
    Add: binary((a, b) => a + b),
    Sub: binary((a, b) => a - b),
    Mul: binary((a, b) => a * b),
    Div: broadcastBy((c, [a, b]) => (isInteger(c) ? Math.trunc(a / b) : a / b)),
    Pow: binary((a, b) => a ** b),
    // the sign of the divisor for integers, of the dividend with fmod
    Mod: broadcastBy((c, [a, b]) => (c.int('fmod', 0) ? a % b : a - b * Math.floor(a / b))),
    Max: broadcastBy((_, values) => values.reduce((a, b) => Math.max(a, b))),
    Min: broadcastBy((_, values) => values.reduce((a, b) => Math.min(a, b))),
    Equal: binary((a, b) => Number(a === b)),
    Greater: binary((a, b) => Number(a > b)),
    Less: binary((a, b) => Number(a < b)),
    GreaterOrEqual: binary((a, b) => Number(a >= b)),
    LessOrEqual: binary((a, b) => Number(a <= b)),
    And: binary((a, b) => Number(a && b)),
    Or: binary((a, b) => Number(a || b)),
    Not: unary((a) => Number(!a)),
    Where: broadcastBy((_, [condition, a, b]) => (condition ? a : b)),
    Neg: unary((a) => -a),
    Abs: unary(Math.abs),
    Floor: unary(Math.floor),
    Ceil: unary(Math.ceil),
    Sqrt: unary(Math.sqrt),
    ReduceProd: reduceAll((a, b) => a * b, 1),
    ReduceSum: reduceAll((a, b) => a + b, 0),
    ReduceMax: reduceAll((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    ReduceMin: reduceAll((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  }),
);

/** Values of the outputs of a node that reads nothing but the shape of its input; null for others. */
export function shapeValues(c: Call): readonly number[] | null {
  if (c.node.opType === 'Shape') return shapeSlice(c);
  const dims = c.node.opType === 'Size' ? c.dims(0) : null;
  return dims ? [product(dims)] : null;
}
