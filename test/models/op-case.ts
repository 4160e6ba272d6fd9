// What a case of one op is, and how fast-check draws its inputs: ranks, free axes, broadcasts.

import fc from 'fast-check';
import { GraphBuilder } from './builder.ts';

/** How the values of an input are chosen. */
export type Values = 'any' | 'positive' | 'distinct';

export interface OpInput {
  readonly dims: readonly number[];
  /** Axes whose size is free in the model. */
  readonly free?: readonly number[];
  readonly values?: Values;
}

export interface OpCase {
  readonly opset?: number;
  /** Inputs of the model, x0, x1, …; gradients are taken with respect to all. */
  readonly inputs: readonly OpInput[];
  /** Adds the op; returns the tensor to differentiate. */
  readonly build: (b: GraphBuilder, x: readonly string[]) => string;
}

export type OpCases = fc.Arbitrary<OpCase>;

/** The model of a case; equal free sizes have one name. */
export function modelOf({ inputs, build, opset = 20 }: OpCase): Uint8Array {
  const b = new GraphBuilder(3);
  const names = inputs.map(({ dims, free = [] }, i) =>
    b.input(
      `x${i}`,
      dims.map((d, axis) => (free.includes(axis) ? `size_${d}` : d)),
    ),
  );
  b.output(build(b, names), null);
  return b.bytes(opset, 9);
}

export const size = fc.integer({ min: 1, max: 4 });
/** Sizes that may be free: 1 is fixed, since 1 is broadcast. */
export const wide = fc.integer({ min: 2, max: 4 });

/** Dims of rank 1 to 4 with some axes free. */
export const anyInput = (
  values: Values = 'any',
  min = 1,
  max = 4,
): fc.Arbitrary<OpInput & { free: number[] }> =>
  fc
    .tuple(fc.array(wide, { minLength: min, maxLength: max }), fc.boolean())
    .map(([dims, isFree]) => ({ dims, free: isFree ? [0] : [], values }));

export const unary = (
  op: string,
  values: Values = 'any',
  attributes: Record<string, number | string | { float: number }> = {},
  opset = 20,
): OpCases =>
  anyInput(values).map((input) => ({
    opset,
    inputs: [input],
    build: (b, [x]) => b.node(op, [x], attributes),
  }));

/** Two shapes that broadcast to one: axes of 1, and axes left out. */
export const broadcastPair = (values: [Values, Values] = ['any', 'any']): fc.Arbitrary<OpInput[]> =>
  fc
    .record({
      dims: fc.array(wide, { minLength: 1, maxLength: 4 }),
      ones: fc.array(fc.constantFrom(0, 1, 2), { minLength: 4, maxLength: 4 }),
      dropped: fc.nat(3),
      swap: fc.boolean(),
      isFree: fc.boolean(),
    })
    .map(({ dims, ones, dropped, swap, isFree }) => {
      const one = (which: number) => dims.map((d, i) => (ones[i] === which ? 1 : d));
      const shapes = [one(1), one(2).slice(Math.min(dropped, dims.length))];
      if (swap) shapes.reverse();
      return shapes.map((d, i) => ({
        dims: d,
        free: isFree ? [...d.keys()].filter((axis) => d[axis] > 1) : [],
        values: values[i],
      }));
    });

export const binary = (op: string, values?: [Values, Values]): OpCases =>
  broadcastPair(values).map((inputs): OpCase => ({ inputs, build: (b, x) => b.node(op, x) }));

/** A second use of the same tensor. */
export const withItself = (op: string): OpCases =>
  anyInput('positive').map((input): OpCase => ({ inputs: [input], build: (b, [x]) => b.node(op, [x, x]) }));

export const axisOf = (rank: number, i: number): number => (i % (2 * rank)) - rank;

export const onAxis = (op: string, values: Values = 'any', opset = 20): OpCases =>
  fc.tuple(anyInput(values, 1, 4), fc.nat(7)).map(
    ([input, i]): OpCase => ({
      opset,
      inputs: [input],
      build: (b, [x]) => b.node(op, [x], { axis: axisOf(input.dims.length, i) }),
    }),
  );

export const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Number of elements, to keep difference quotients few. */
export const countOf = (c: OpCase): number => c.inputs.reduce((n, i) => n + product(i.dims), 0);
