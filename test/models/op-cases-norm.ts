// Cases of normalisations.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import { anyInput, type OpCase, type OpCases, onAxis, size, wide } from './op-case.ts';

/** x [N, C, …] with scale and bias [C]. */
const perChannel = (op: string, extra: Record<string, number>, opset = 20, channels = 4): OpCases =>
  fc.tuple(size, fc.array(wide, { minLength: 1, maxLength: 2 }), fc.boolean()).map(
    ([n, spatial, isFree]): OpCase => ({
      opset,
      inputs: [{ dims: [n, channels, ...spatial], free: isFree ? [0, 2].filter((a) => a > 0 || n > 1) : [] }],
      build: (b, [x]) => {
        const count = op === 'GroupNormalization' && opset < 21 ? extra.num_groups : channels;
        return b.node(op, [x, b.weights([count]), b.weights([count])], {
          ...extra,
          epsilon: { float: 0.01 },
        });
      },
    }),
  );

export const norms = {
  BatchNormalization: fc.tuple(size, fc.array(wide, { maxLength: 2 }), fc.constantFrom(9, 20)).map(
    ([n, spatial, opset]): OpCase => ({
      opset,
      inputs: [{ dims: [n, 3, ...spatial] }],
      build: (b, [x]) =>
        b.node('BatchNormalization', [
          x,
          b.weights([3]),
          b.weights([3]),
          b.weights([3]),
          b.floats([0.5, 1, 2], [3]),
        ]),
    }),
  ),
  LayerNormalization: fc
    .tuple(anyInput('any', 2, 4), fc.nat(7), fc.boolean())
    .map(([input, i, hasBias]): OpCase => {
      const rank = input.dims.length;
      const axis = 1 + (i % (rank - 1));
      const inner = input.dims.slice(axis);
      return {
        inputs: [input],
        build: (b, [x]) =>
          b.node('LayerNormalization', [x, b.weights(inner), ...(hasBias ? [b.weights(inner)] : [])], {
            axis: i % 2 ? axis : axis - rank,
            epsilon: { float: 0.01 },
          }),
      };
    }),
  InstanceNormalization: perChannel('InstanceNormalization', {}),
  GroupNormalization: fc.oneof(
    perChannel('GroupNormalization', { num_groups: 2 }, 18),
    perChannel('GroupNormalization', { num_groups: 2 }, 21),
  ),
  RMSNormalization: anyInput('any', 2, 3).map(
    (input): OpCase => ({
      opset: 23,
      inputs: [input],
      build: (b, [x]) =>
        b.node('RMSNormalization', [x, b.weights(input.dims.slice(1))], {
          axis: 1,
          epsilon: { float: 0.01 },
        }),
    }),
  ),
  LpNormalization: onAxis('LpNormalization'),
  // onnxruntime takes odd sizes only
  LRN: fc.tuple(fc.constantFrom(1, 3, 5), wide).map(
    ([n, channels]): OpCase => ({
      inputs: [{ dims: [2, channels, 2, 3], free: [0] }],
      build: (b, [x]) =>
        b.node('LRN', [x], { size: n, alpha: { float: 0.3 }, beta: { float: 0.75 }, bias: { float: 1.5 } }),
    }),
  ),
} satisfies Partial<Record<OpType, OpCases>>;
