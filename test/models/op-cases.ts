// Small models of one op each, drawn by fast-check: shapes, axes, strides, groups, pads and broadcasts for every
// op that has a gradient.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import { GraphBuilder } from './builder.ts';
import { convCases, poolCases } from './op-cases-window.ts';

/** How the values of an input are chosen. */
type Values = 'any' | 'positive' | 'distinct';

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

const size = fc.integer({ min: 1, max: 4 });
/** Sizes that may be free: 1 is fixed, since 1 is broadcast. */
const wide = fc.integer({ min: 2, max: 4 });

/** Dims of rank 1 to 4 with some axes free. */
const anyInput = (values: Values = 'any', min = 1, max = 4): fc.Arbitrary<OpInput & { free: number[] }> =>
  fc
    .tuple(fc.array(wide, { minLength: min, maxLength: max }), fc.boolean())
    .map(([dims, isFree]) => ({ dims, free: isFree ? [0] : [], values }));

const unary = (
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
const broadcastPair = (values: [Values, Values] = ['any', 'any']): fc.Arbitrary<OpInput[]> =>
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

const binary = (op: string, values?: [Values, Values]): OpCases =>
  broadcastPair(values).map((inputs): OpCase => ({ inputs, build: (b, x) => b.node(op, x) }));

/** A second use of the same tensor. */
const withItself = (op: string): OpCases =>
  anyInput('positive').map((input): OpCase => ({ inputs: [input], build: (b, [x]) => b.node(op, [x, x]) }));

const axisOf = (rank: number, i: number): number => (i % (2 * rank)) - rank;

const onAxis = (op: string, values: Values = 'any', opset = 20): OpCases =>
  fc.tuple(anyInput(values, 1, 4), fc.nat(7)).map(
    ([input, i]): OpCase => ({
      opset,
      inputs: [input],
      build: (b, [x]) => b.node(op, [x], { axis: axisOf(input.dims.length, i) }),
    }),
  );

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

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

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

const Slice: OpCases = fc
  .record({
    n: fc.integer({ min: 2, max: 7 }),
    start: fc.integer({ min: -6, max: 5 }),
    end: fc.constantFrom(-3, -1, 2, 5, 2 ** 31, 2 ** 40),
    step: fc.constantFrom(1, 1, 2, 3),
    isBack: fc.boolean(),
    isFree: fc.boolean(),
    isOld: fc.boolean(),
  })
  .map(
    ({ n, start, end, step, isBack, isFree, isOld }): OpCase => ({
      opset: isOld ? 9 : 20,
      // a free axis is long enough for the constants
      inputs: [{ dims: [3, isFree ? 7 : n], free: isFree ? [0, 1] : [0] }],
      // the whole beside it, so that no case is empty
      build: (b, [x]) => {
        // from the end to a place from the start would be empty at the sizes that shapes are inferred for
        const last = isFree && start < 0 && end > 0 ? 2 ** 31 : end;
        const steps = isBack ? [-1, -(2 ** 40), -step] : [start, last, step];
        const part = isOld
          ? b.node('Slice', [x], { starts: [start], ends: [Math.min(last, 2 ** 31)], axes: [1] })
          : b.node('Slice', [x, b.ints([steps[0]]), b.ints([steps[1]]), b.ints([1]), b.ints([steps[2]])]);
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

const movement = {
  ...reshapes,
  Transpose,
  Concat,
  Split,
  Slice,
  Gather,
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

const Where: OpCases = broadcastPair().map(
  (inputs): OpCase => ({
    inputs,
    build: (b, [x, y]) => {
      const zero = b.floats([0], []);
      return b.node('Where', [b.node('Greater', [y, zero]), x, y]);
    },
  }),
);

const Pow: OpCases = fc.oneof(
  binary('Pow', ['positive', 'any']),
  fc.tuple(anyInput('positive'), fc.constantFrom(0, 1, 2, 3, 0.5, -1.5)).map(
    ([input, p]): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('Pow', [x, b.floats([p], [])]),
    }),
  ),
);

const Clip: OpCases = fc.tuple(anyInput(), fc.boolean(), fc.boolean(), fc.boolean()).map(
  ([input, hasMin, hasMax, isOld]): OpCase => ({
    opset: isOld ? 9 : 20,
    inputs: [input],
    build: (b, [x]) => {
      const [min, max] = [-1, 1.5];
      if (isOld) {
        return b.node('Clip', [x], {
          ...(hasMin ? { min: { float: min } } : {}),
          ...(hasMax ? { max: { float: max } } : {}),
        });
      }
      return b.node('Clip', [x, hasMin ? b.floats([min], []) : '', hasMax ? b.floats([max], []) : '']);
    },
  }),
);

const elementwise = {
  Add: fc.oneof(binary('Add'), withItself('Add')),
  Sub: fc.oneof(binary('Sub'), withItself('Sub')),
  Mul: fc.oneof(binary('Mul'), withItself('Mul')),
  Div: binary('Div', ['any', 'positive']),
  Sum: broadcastPair().map((inputs): OpCase => ({ inputs, build: (b, [x, y]) => b.node('Sum', [x, y, x]) })),
  Mean: broadcastPair().map(
    (inputs): OpCase => ({ inputs, build: (b, [x, y]) => b.node('Mean', [y, x, y]) }),
  ),
  // values of the first lie between those of the second
  Max: fc.oneof(binary('Max', ['any', 'positive']), withItself('Max')),
  Min: fc.oneof(binary('Min', ['any', 'positive']), withItself('Min')),
  Pow,
  Where,
  Clip,
  Neg: unary('Neg'),
  Abs: unary('Abs'),
  Exp: unary('Exp'),
  Log: unary('Log', 'positive'),
  Sqrt: unary('Sqrt', 'positive'),
  Reciprocal: unary('Reciprocal', 'positive'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  // away from the pole
  Tan: anyInput().map(
    (input): OpCase => ({
      inputs: [input],
      build: (b, [x]) => b.node('Tan', [b.node('Mul', [x, b.floats([0.3], [])])]),
    }),
  ),
  Atan: unary('Atan'),
  Sinh: unary('Sinh'),
  Cosh: unary('Cosh'),
  Erf: unary('Erf'),
  Relu: unary('Relu'),
  LeakyRelu: unary('LeakyRelu', 'any', { alpha: { float: 0.2 } }),
  PRelu: fc.tuple(wide, wide).map(
    ([n, c]): OpCase => ({
      inputs: [{ dims: [n, c, 2], free: [0] }, { dims: [c, 1] }],
      build: (b, x) => b.node('PRelu', x),
    }),
  ),
  ThresholdedRelu: unary('ThresholdedRelu', 'any', { alpha: { float: 0.5 } }),
  Elu: unary('Elu', 'any', { alpha: { float: 0.7 } }),
  Selu: unary('Selu'),
  Celu: unary('Celu', 'any', { alpha: { float: 1.3 } }),
  Sigmoid: unary('Sigmoid'),
  HardSigmoid: unary('HardSigmoid', 'any', { alpha: { float: 0.25 }, beta: { float: 0.5 } }),
  HardSwish: unary('HardSwish'),
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus'),
  Softsign: unary('Softsign'),
  Gelu: fc.oneof(unary('Gelu'), unary('Gelu', 'any', { approximate: 'tanh' })),
  Mish: unary('Mish'),
  Swish: unary('Swish', 'any', { alpha: { float: 1.4 } }, 24),
  Softmax: fc.oneof(onAxis('Softmax'), onAxis('Softmax', 'any', 11)),
  LogSoftmax: fc.oneof(onAxis('LogSoftmax'), onAxis('LogSoftmax', 'any', 11)),
} satisfies Partial<Record<OpType, OpCases>>;

const reductions = {
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

const Gemm: OpCases = fc
  .record({
    n: size,
    k: size,
    m: size,
    transA: fc.nat(1),
    transB: fc.nat(1),
    bias: fc.constantFrom('', 'row', 'column'),
  })
  .map(
    ({ n, k, m, transA, transB, bias }): OpCase => ({
      inputs: [
        { dims: transA ? [k, n] : [n, k] },
        { dims: transB ? [m, k] : [k, m] },
        ...(bias ? [{ dims: bias === 'row' ? [m] : [n, 1] }] : []),
      ],
      build: (b, x) => b.node('Gemm', x, { transA, transB, alpha: { float: 0.5 }, beta: { float: 2 } }),
    }),
  );

const MatMul: OpCases = fc.oneof(
  fc
    .record({
      batch: fc.array(wide, { maxLength: 2 }),
      ones: fc.nat(2),
      dropped: fc.nat(2),
      n: size,
      k: wide,
      m: size,
      isFree: fc.boolean(),
    })
    .map(({ batch, ones, dropped, n, k, m, isFree }): OpCase => {
      const left = batch.map((d, i) => (ones === i ? 1 : d));
      const right = batch.slice(Math.min(dropped, batch.length));
      const free = (dims: readonly number[]) => (isFree ? [...dims.keys()].filter((i) => dims[i] > 1) : []);
      const [a, c] = [
        [...left, n, k],
        [...right, k, m],
      ];
      return {
        inputs: [
          { dims: a, free: free(a) },
          { dims: c, free: free(c) },
        ],
        build: (b, x) => b.node('MatMul', x),
      };
    }),
  // vectors on either side, and constants
  fc.constantFrom([[3], [3, 4]], [[3], [2, 3, 4]], [[2, 3], [3]], [[2, 4, 3], [3]], [[3], [3]]).map(
    (dims): OpCase => ({
      inputs: dims.map((d) => ({ dims: d })),
      build: (b, x) => b.node('MatMul', x),
    }),
  ),
  fc.tuple(fc.array(wide, { minLength: 1, maxLength: 3 }), fc.boolean()).map(
    ([lead, isFree]): OpCase => ({
      inputs: [{ dims: [...lead, 3], free: isFree ? [...lead.keys()] : [] }],
      build: (b, [x]) => b.node('MatMul', [x, b.weights([3, 4])]),
    }),
  ),
);

const Einsum: OpCases = fc
  .constantFrom<[string, number[][]]>(
    [
      'bij,kj->bik',
      [
        [2, 3, 4],
        [5, 4],
      ],
    ],
    [
      'bij,bjk',
      [
        [2, 3, 4],
        [2, 4, 2],
      ],
    ],
    ['ij->j', [[3, 4]]],
    [
      'bhid, bhjd -> bhij',
      [
        [1, 2, 3, 2],
        [1, 2, 4, 2],
      ],
    ],
    [
      'ij,jk,kl->il',
      [
        [2, 3],
        [3, 2],
        [2, 4],
      ],
    ],
    ['ij,k->k', [[2, 3], [4]]],
  )
  .map(
    ([equation, dims]): OpCase => ({
      inputs: dims.map((d) => ({ dims: d })),
      build: (b, x) => b.node('Einsum', x, { equation }),
    }),
  );

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

const norms = {
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

const Resize: OpCases = fc
  .record({
    mode: fc.constantFrom('nearest', 'linear', 'cubic'),
    transform: fc.constantFrom('half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'),
    nearest: fc.constantFrom('round_prefer_floor', 'floor', 'ceil', 'round_prefer_ceil'),
    height: fc.constantFrom(2, 4, 7),
    width: fc.constantFrom(3, 5, 8),
    byScale: fc.boolean(),
    opset: fc.constantFrom(10, 13, 20),
    isFree: fc.boolean(),
  })
  .map(
    ({ mode, transform, nearest, height, width, byScale, opset, isFree }): OpCase => ({
      opset,
      inputs: [{ dims: [2, 2, 4, 5], free: isFree ? [0, 2, 3] : [0] }],
      build: (b, [x]) => {
        if (opset < 11) {
          const scales = b.floats([1, 1, 2, 1.5], [4]);
          return b.node('Resize', [x, scales], { mode: mode === 'cubic' ? 'linear' : mode });
        }
        const attributes = { mode, coordinate_transformation_mode: transform, nearest_mode: nearest };
        if (byScale || isFree)
          return b.node('Resize', [x, '', b.floats([1, 1, height / 4, 1.3], [4])], attributes);
        if (opset < 18) {
          const batch = b.node('Slice', [b.node('Shape', [x]), b.ints([0]), b.ints([2])]);
          const sizes = b.node('Concat', [batch, b.ints([height, width])], { axis: 0 });
          return b.node('Resize', [x, '', '', sizes], attributes);
        }
        return b.node('Resize', [x, '', '', b.ints([height, width])], { ...attributes, axes: [2, 3] });
      },
    }),
  );

/** Straight through: the gradient of what would be there without rounding, so it is tested by its closed form. */
export type DifferenceTested = Exclude<OpType, 'QuantizeLinear' | 'DequantizeLinear'>;

export const opCases = {
  ...elementwise,
  ...reductions,
  ...movement,
  ...norms,
  ...convCases,
  ...poolCases,
  Gemm,
  MatMul,
  Einsum,
  Resize,
} satisfies Record<DifferenceTested, OpCases>;

/** Number of elements, to keep difference quotients few. */
export const countOf = (c: OpCase): number => c.inputs.reduce((n, i) => n + product(i.dims), 0);
