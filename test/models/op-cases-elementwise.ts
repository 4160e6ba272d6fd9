// Cases of arithmetic, activations and functions of one number.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import {
  anyInput,
  binary,
  broadcastPair,
  type OpCase,
  type OpCases,
  onAxis,
  unary,
  wide,
  withItself,
} from './op-case.ts';

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

export const elementwise = {
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
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus'),
  Softsign: unary('Softsign'),
  Gelu: fc.oneof(unary('Gelu'), unary('Gelu', 'any', { approximate: 'tanh' })),
  Mish: unary('Mish'),
  Swish: unary('Swish', 'any', { alpha: { float: 1.4 } }, 24),
  Softmax: fc.oneof(onAxis('Softmax'), onAxis('Softmax', 'any', 11)),
  LogSoftmax: fc.oneof(onAxis('LogSoftmax'), onAxis('LogSoftmax', 'any', 11)),
} satisfies Partial<Record<OpType, OpCases>>;
