// Cases of ops that move elements.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import { anyInput, type OpCase, type OpCases, onAxis, size, unary, wide } from './op-case.ts';

const reshapes: Record<'Reshape' | 'Flatten' | 'Squeeze' | 'Unsqueeze' | 'Expand' | 'Tile', OpCases> = {
  Reshape: anyInput().map(
    (input): OpCase => ({ inputs: [input], build: (b, [x]) => b.node('Reshape', [x, b.ints([-1])]) }),
  ),
  Flatten: onAxis('Flatten'),
  Squeeze: fc.tuple(wide, wide, fc.boolean()).map(
    ([a, c, isOld]): OpCase => ({
      opset: isOld ? 11 : 20,
      inputs: [{ dims: [a, 1, c], free: [0, 2] }],
      build: (b, [x]) =>
        isOld ? b.node('Squeeze', [x], { axes: [1] }) : b.node('Squeeze', [x, b.ints([-2])]),
    }),
  ),
  Unsqueeze: fc.tuple(wide, wide, fc.boolean()).map(
    ([a, c, isOld]): OpCase => ({
      opset: isOld ? 11 : 20,
      inputs: [{ dims: [a, c], free: [0, 1] }],
      build: (b, [x]) =>
        isOld ? b.node('Unsqueeze', [x], { axes: [0, 3] }) : b.node('Unsqueeze', [x, b.ints([1, 3])]),
    }),
  ),
  Expand: fc.tuple(wide, wide, wide).map(
    ([a, c, d]): OpCase => ({
      inputs: [{ dims: [a, 1, c], free: [0] }],
      build: (b, [x]) => b.node('Expand', [x, b.ints([d, 1, d, c])]),
    }),
  ),
  Tile: fc.tuple(anyInput(), fc.array(size, { minLength: 4, maxLength: 4 })).map(
    ([input, repeats]): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('Tile', [x, b.ints(repeats.slice(0, input.dims.length))]),
    }),
  ),
};

const Transpose: OpCases = fc
  .tuple(anyInput(), fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([input, keys, isDefault]) => {
    const perm = [...input.dims.keys()].sort((a, b) => keys[a] - keys[b] || a - b);
    return { inputs: [input], build: (b, [x]) => b.node('Transpose', [x], isDefault ? {} : { perm }) };
  });

const Concat: OpCases = fc.tuple(wide, wide, wide, fc.boolean()).map(
  ([a, c, d, isFree]): OpCase => ({
    inputs: [
      { dims: [a, c, 2], free: isFree ? [0, 1] : [] },
      { dims: [a, d, 2], free: isFree ? [0, 1] : [] },
    ],
    // one of them twice, and a constant
    build: (b, [x, y]) => {
      const constant = isFree ? [] : [b.weights([a, 1, 2])];
      return b.node('Concat', [x, y, ...constant, x], { axis: -2 });
    },
  }),
);

const Split: OpCases = fc.tuple(wide, size, size, fc.constantFrom(11, 13, 18), fc.boolean()).map(
  ([a, c, d, opset, one]): OpCase => ({
    opset,
    inputs: [{ dims: [a, c + d], free: [0] }],
    build: (b, [x]) => {
      const sizes = opset < 13 ? [x] : [x, b.ints([c, d])];
      const [y, z] = b.nodes(
        'Split',
        sizes,
        ['y', 'z'],
        opset < 13 ? { axis: 1, split: [c, d] } : { axis: 1 },
      );
      return one ? b.node('Exp', [z]) : b.node('MatMul', [b.node('Transpose', [y]), z]);
    },
  }),
);

const Pad: OpCases = fc
  .record({
    mode: fc.constantFrom('constant', 'constant', 'reflect', 'edge', 'wrap'),
    pads: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }),
    isOld: fc.boolean(),
  })
  .map(({ mode, pads, isOld }) => {
    const isPlain = mode === 'constant';
    const [p, q, r, s] = isPlain ? pads : pads.map((v) => Math.abs(v));
    const list = [0, p, q, 0, r, s];
    return {
      opset: isOld && mode !== 'wrap' ? 10 : 20,
      inputs: [{ dims: [2, 4, 5], free: [0] }],
      build: (b, [x]) => {
        if (isOld && mode !== 'wrap') return b.node('Pad', [x], { mode, pads: list, value: { float: 0.5 } });
        const inputs = isPlain
          ? [x, b.ints([p, q, r, s]), b.floats([0.5], []), b.ints([1, -1])]
          : [x, b.ints(list)];
        return b.node('Pad', inputs, { mode });
      },
    };
  });

const toDepth = (op: 'SpaceToDepth' | 'DepthToSpace'): OpCases =>
  fc.tuple(size, fc.constantFrom('DCR', 'CRD'), fc.boolean()).map(
    ([n, mode, isFree]): OpCase => ({
      inputs: [{ dims: op === 'SpaceToDepth' ? [n, 2, 4, 6] : [n, 8, 2, 3], free: isFree ? [2, 3] : [] }],
      build: (b, [x]) => b.node(op, [x], op === 'SpaceToDepth' ? { blocksize: 2 } : { blocksize: 2, mode }),
    }),
  );

export const movement = {
  ...reshapes,
  Transpose,
  Concat,
  Split,
  Pad,
  Identity: unary('Identity'),
  Dropout: fc.oneof(unary('Dropout', 'any', { ratio: { float: 0.5 } }, 11), unary('Dropout')),
  Cast: anyInput().map(
    (input): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('Cast', [b.node('Cast', [x], { to: 11 })], { to: 1 }),
    }),
  ),
  CumSum: fc.tuple(anyInput('any', 2, 3), fc.nat(1), fc.nat(1), fc.nat(1)).map(
    ([input, axis, exclusive, reverse]): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('CumSum', [x, b.ints([axis], [])], { exclusive, reverse }),
    }),
  ),
  Trilu: fc.tuple(anyInput('any', 2, 3), fc.nat(1), fc.integer({ min: -1, max: 1 })).map(
    ([input, upper, k]): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('Trilu', [x, b.ints([k], [])], { upper }),
    }),
  ),
  SpaceToDepth: toDepth('SpaceToDepth'),
  DepthToSpace: toDepth('DepthToSpace'),
} satisfies Partial<Record<OpType, OpCases>>;
