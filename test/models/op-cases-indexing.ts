// Cases of ops that pick elements by index.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import type { GraphBuilder } from './builder.ts';
import { axisOf, type OpCase, type OpCases, size, wide } from './op-case.ts';

const rows = (b: GraphBuilder, x: string): string =>
  b.node('Gather', [b.node('Shape', [x]), b.ints([0])], { axis: 0 });

const Slice: OpCases = fc
  .record({
    n: fc.integer({ min: 2, max: 7 }),
    start: fc.integer({ min: -6, max: 5 }),
    end: fc.constantFrom(-3, -1, 2, 5, 2 ** 31, 2 ** 40),
    step: fc.constantFrom(1, 1, 2, 3),
    isBack: fc.boolean(),
    isFree: fc.boolean(),
    isOld: fc.boolean(),
    isComputed: fc.boolean(),
  })
  .map(
    ({ n, start, end, step, isBack, isFree, isOld, isComputed }): OpCase => ({
      opset: isOld ? 9 : 20,
      // a free axis is long enough for the constants
      inputs: [{ dims: [3, isFree ? 7 : n], free: isFree ? [0, 1] : [0] }],
      // the whole beside it, so that no case is empty
      build: (b, [x]) => {
        // from the end to a place from the start would be empty at the sizes that shapes are inferred for
        const last = isFree && start < 0 && end > 0 ? 2 ** 31 : end;
        const steps = isBack ? [-1, -(2 ** 40), -step] : [start, last, step];
        // as shape arithmetic makes it: no constant
        const ints = (v: number): string =>
          isComputed && Math.abs(v) < 10
            ? b.node('Sub', [b.node('Add', [b.ints([v]), rows(b, x)]), rows(b, x)])
            : b.ints([v]);
        const part = isOld
          ? b.node('Slice', [x], { starts: [start], ends: [Math.min(last, 2 ** 31)], axes: [1] })
          : b.node('Slice', [x, ints(steps[0]), ints(steps[1]), b.ints([1]), b.ints([steps[2]])]);
        return b.node('Concat', [part, b.node('Exp', [x])], { axis: 1 });
      },
    }),
  );

const Gather: OpCases = fc
  .record({
    dims: fc.array(wide, { minLength: 1, maxLength: 3 }),
    axis: fc.nat(5),
    index: fc.array(fc.integer({ min: -2, max: 1 }), { minLength: 1, maxLength: 4 }),
    rank: fc.constantFrom(0, 1, 2),
    isFree: fc.boolean(),
  })
  .map(
    ({ dims, axis, index, rank, isFree }): OpCase => ({
      inputs: [{ dims, free: isFree ? [...dims.keys()] : [] }],
      build: (b, [x]) => {
        const indices =
          rank === 0
            ? b.ints(index.slice(0, 1), [])
            : rank === 1
              ? b.ints(index)
              : b.ints(index, [index.length, 1]);
        return b.node('Gather', [x, indices], { axis: axisOf(dims.length, axis) });
      },
    }),
  );

export const indexing = {
  Slice,
  Gather,
  GatherElements: fc.tuple(wide, fc.array(fc.nat(1), { minLength: 6, maxLength: 6 })).map(
    ([n, index]): OpCase => ({
      inputs: [{ dims: [2, n] }],
      build: (b, [x]) => b.node('GatherElements', [x, b.ints(index, [2, 3])], { axis: 1 }),
    }),
  ),
  GatherND: fc.tuple(wide, fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }), fc.nat(1)).map(
    ([n, index, batch]): OpCase => ({
      inputs: [{ dims: [2, 2, n] }],
      build: (b, [x]) => b.node('GatherND', [x, b.ints(index, [2, 2])], { batch_dims: batch }),
    }),
  ),
  TopK: fc.tuple(size, wide, fc.nat(1)).map(
    ([n, k, largest]): OpCase => ({
      inputs: [{ dims: [n, 5], values: 'distinct', free: n > 1 ? [0] : [] }],
      build: (b, [x]) => b.nodes('TopK', [x, b.ints([k])], ['values', 'places'], { axis: -1, largest })[0],
    }),
  ),
} satisfies Partial<Record<OpType, OpCases>>;
