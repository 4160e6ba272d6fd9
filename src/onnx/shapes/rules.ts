// The shape rule of each ONNX op, under the name of the specification.

import { AveragePool, ConvTranspose, convolution, globalPool, LpPool, MaxPool } from './conv-pool.ts';
import { arithmetic, broadcasting, same } from './elementwise.ts';
import { Einsum, Gemm, matmul } from './matmul.ts';
import * as movement from './movement.ts';
import { Attention, BatchNormalization, LayerNormalization, recurrent } from './norm.ts';
import { argReduce, reduce, TopK } from './reduce.ts';
import { GridSample, MaxRoiPool, Resize, RoiAlign, Upsample } from './resize.ts';
import { ConstantOfShape, OneHot, Range, Shape, Size } from './shape-ops.ts';
import type { Call, Dims, PerOutput } from './value.ts';

/** Dims of the one output, or of each; null where they are not known. Contradictions are null, too. */
export type ShapeRule = (call: Call) => Dims | null | PerOutput<Dims>;

const fixed: Record<string, ShapeRule> = {
  Conv: convolution(0, 1),
  ConvInteger: convolution(0, 1),
  QLinearConv: convolution(0, 3),
  ConvTranspose,
  AveragePool,
  LpPool,
  MaxPool,
  MaxRoiPool,
  RoiAlign,
  MatMul: matmul(0, 1),
  MatMulInteger: matmul(0, 1),
  QLinearMatMul: matmul(0, 3),
  Gemm,
  Einsum,
  Concat: movement.Concat,
  DepthToSpace: movement.DepthToSpace,
  Expand: movement.Expand,
  Flatten: movement.Flatten,
  Gather: movement.Gather,
  GatherElements: movement.GatherElements,
  GatherND: movement.GatherND,
  Pad: movement.Pad,
  Reshape: movement.Reshape,
  Slice: movement.Slice,
  SpaceToDepth: movement.SpaceToDepth,
  Split: movement.Split,
  Squeeze: movement.Squeeze,
  Tile: movement.Tile,
  Transpose: movement.Transpose,
  Unsqueeze: movement.Unsqueeze,
  Resize,
  Upsample,
  GridSample,
  Shape,
  Size,
  ConstantOfShape,
  Range,
  OneHot,
  TopK,
  BatchNormalization,
  LayerNormalization,
  Attention,
  Dropout: (c) => ({ outputs: [c.dims(0), c.dims(0)] }),
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Where: broadcasting,
  DynamicQuantizeLinear: (c) => ({ outputs: [c.dims(0), [], []] }),
};

const families: [ShapeRule, string][] = [
  [globalPool, 'GlobalAveragePool GlobalMaxPool GlobalLpPool'],
  [arithmetic, 'Add Sub Mul Div Pow And Or Xor Equal Greater Less'],
  [broadcasting, 'GreaterOrEqual LessOrEqual Mod BitShift BitwiseAnd BitwiseOr BitwiseXor Max Min Mean Sum'],
  [argReduce, 'ArgMax ArgMin'],
  [
    reduce,
    'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare',
  ],
  [
    same,
    'Abs Acos Acosh Asin Asinh Atan Atanh Cast CastLike Ceil Celu Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu ' +
      'HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LeakyRelu Log LogSoftmax Mish Neg Not Reciprocal Relu Round ' +
      'PRelu Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu BitwiseNot',
  ],
  [
    same,
    'GroupNormalization InstanceNormalization LRN LpNormalization ' +
      'MeanVarianceNormalization RMSNormalization RotaryEmbedding',
  ],
  [
    same,
    'Bernoulli DequantizeLinear EyeLike QuantizeLinear RandomNormalLike RandomUniformLike ReverseSequence ' +
      'ScatterElements ScatterND Scatter Trilu',
  ],
];

/** Op type to its rule; an op that is not here has unknown shapes. */
export const shapeRules: ReadonlyMap<string, ShapeRule> = new Map([
  ...families.flatMap(([rule, ops]) => ops.split(' ').map((op): [string, ShapeRule] => [op, rule])),
  ...Object.entries(fixed),
]);
