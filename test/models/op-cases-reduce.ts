// Cases of reductions: any axes, kept or not, as an attribute or as an input.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import { anyInput, type OpCase, type OpCases, type Values, wide } from './op-case.ts';

/** Axes as an attribute before version 18 (ReduceSum: 13), or as an input; all of them if none are given. */
const reduce = (op: string, values: Values = 'any'): OpCases =>
  fc
    .tuple(
      anyInput(values, 1, 4),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([input, chosen, keep, isOld, isNegative]) => {
      const rank = input.dims.length;
      const axes = [...input.dims.keys()].filter((i) => chosen[i]).map((a) => (isNegative ? a - rank : a));
      const keepdims = Number(keep);
      return {
        opset: isOld ? 12 : 20,
        inputs: [input],
        build: (b, [x]) => {
          if (axes.length === 0) return b.node(op, [x], { keepdims });
          return isOld ? b.node(op, [x], { axes, keepdims }) : b.node(op, [x, b.ints(axes)], { keepdims });
        },
      };
    });

export const reductions = {
  ReduceMean: reduce('ReduceMean'),
  ReduceSum: reduce('ReduceSum'),
  ReduceMax: reduce('ReduceMax', 'distinct'),
  ReduceMin: reduce('ReduceMin', 'distinct'),
  // in small tensors: a product of 256 factors has no difference quotient in float32
  ReduceProd: fc.tuple(wide, wide, fc.nat(1)).map(
    ([n, c, axis]): OpCase => ({
      inputs: [{ dims: [n, c] }],
      build: (b, [x]) => b.node('ReduceProd', [x, b.ints([axis])]),
    }),
  ),
  ReduceL1: reduce('ReduceL1'),
  ReduceL2: reduce('ReduceL2'),
  ReduceSumSquare: reduce('ReduceSumSquare'),
  ReduceLogSum: reduce('ReduceLogSum', 'positive'),
  ReduceLogSumExp: reduce('ReduceLogSumExp'),
} satisfies Partial<Record<OpType, OpCases>>;
