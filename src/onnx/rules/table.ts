// The gradient rule of each ONNX op, under the name of the specification.

import type { GradRule } from '../differentiate-call.ts';
import { isStandard } from '../graph.ts';
import type { NodeProto } from '../proto/onnx_pb.ts';
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import { Conv, ConvTranspose } from './conv.ts';
import * as indexing from './indexing.ts';
import * as matmul from './matmul.ts';
import * as movement from './movement.ts';
import * as norm from './norm.ts';
import * as pool from './pool.ts';
import { DequantizeLinear, QuantizeLinear } from './quantise.ts';
import * as reduce from './reduce.ts';
import { Resize } from './resize.ts';

const rules = {
  Celu: activation.Celu,
  Clip: activation.Clip,
  Elu: activation.Elu,
  Gelu: activation.Gelu,
  HardSigmoid: activation.HardSigmoid,
  LeakyRelu: activation.LeakyRelu,
  LogSoftmax: activation.LogSoftmax,
  Mish: activation.Mish,
  PRelu: activation.PRelu,
  Relu: activation.Relu,
  Selu: activation.Selu,
  Sigmoid: activation.Sigmoid,
  Softmax: activation.Softmax,
  Softplus: activation.Softplus,
  Softsign: activation.Softsign,
  Swish: activation.Swish,
  Tanh: activation.Tanh,
  ThresholdedRelu: activation.ThresholdedRelu,
  Abs: arithmetic.Abs,
  Add: arithmetic.Add,
  Atan: arithmetic.Atan,
  Cos: arithmetic.Cos,
  Cosh: arithmetic.Cosh,
  Div: arithmetic.Div,
  Erf: arithmetic.Erf,
  Exp: arithmetic.Exp,
  Log: arithmetic.Log,
  Max: arithmetic.Max,
  Mean: arithmetic.Mean,
  Min: arithmetic.Max,
  Mul: arithmetic.Mul,
  Neg: arithmetic.Neg,
  Pow: arithmetic.Pow,
  Reciprocal: arithmetic.Reciprocal,
  Sin: arithmetic.Sin,
  Sinh: arithmetic.Sinh,
  Sqrt: arithmetic.Sqrt,
  Sub: arithmetic.Sub,
  Sum: arithmetic.Add,
  Tan: arithmetic.Tan,
  Where: arithmetic.Where,
  Conv,
  ConvTranspose,
  Gather: indexing.Gather,
  GatherElements: indexing.GatherElements,
  GatherND: indexing.GatherND,
  Slice: indexing.Slice,
  TopK: indexing.TopK,
  Einsum: matmul.Einsum,
  Gemm: matmul.Gemm,
  MatMul: matmul.MatMul,
  Cast: movement.Cast,
  Concat: movement.Concat,
  CumSum: movement.CumSum,
  DepthToSpace: movement.DepthToSpace,
  Dropout: movement.Dropout,
  Expand: movement.Expand,
  Flatten: movement.Flatten,
  Identity: movement.Identity,
  Pad: movement.Pad,
  Reshape: movement.Reshape,
  SpaceToDepth: movement.SpaceToDepth,
  Split: movement.Split,
  Squeeze: movement.Squeeze,
  Tile: movement.Tile,
  Transpose: movement.Transpose,
  Trilu: movement.Trilu,
  Unsqueeze: movement.Unsqueeze,
  BatchNormalization: norm.BatchNormalization,
  GroupNormalization: norm.GroupNormalization,
  InstanceNormalization: norm.InstanceNormalization,
  LRN: norm.LRN,
  LayerNormalization: norm.LayerNormalization,
  LpNormalization: norm.LpNormalization,
  RMSNormalization: norm.RMSNormalization,
  AveragePool: pool.AveragePool,
  GlobalAveragePool: pool.GlobalAveragePool,
  GlobalMaxPool: pool.GlobalMaxPool,
  MaxPool: pool.MaxPool,
  QuantizeLinear,
  DequantizeLinear,
  ReduceL1: reduce.ReduceL1,
  ReduceL2: reduce.ReduceL2,
  ReduceLogSum: reduce.ReduceLogSum,
  ReduceLogSumExp: reduce.ReduceLogSumExp,
  ReduceMax: reduce.ReduceMax,
  ReduceMean: reduce.ReduceMean,
  ReduceMin: reduce.ReduceMax,
  ReduceProd: reduce.ReduceProd,
  ReduceSum: reduce.ReduceSum,
  ReduceSumSquare: reduce.ReduceSumSquare,
  Resize,
} satisfies Record<string, GradRule>;

/** Ops of the default operator set that have a gradient. */
export type OpType = keyof typeof rules;

const table: Record<OpType, GradRule> = rules;

export const gradRules: ReadonlyMap<string, GradRule> = new Map(Object.entries(table));

export function ruleOf(node: NodeProto): GradRule | undefined {
  return isStandard(node) ? gradRules.get(node.opType) : undefined;
}

/** Ops whose output does not change with small changes of their input: the gradient is 0 there. */
export const FLAT_OPS: ReadonlySet<string> = new Set(
  (
    'Shape Size ArgMax ArgMin NonZero Equal Greater Less GreaterOrEqual LessOrEqual Not And Or Xor IsInf IsNaN ' +
    'Floor Ceil Round Sign ConstantOfShape Range EyeLike OneHot BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot ' +
    'RandomNormalLike RandomUniformLike Bernoulli Multinomial NonMaxSuppression Unique Hardmax'
  ).split(' '),
);

/** Ops that may move quantised numbers between QuantizeLinear and DequantizeLinear. */
export const QUANTISED_OPS: ReadonlySet<string> = new Set(
  (
    'Identity Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather Expand MaxPool ' +
    'SpaceToDepth DepthToSpace'
  ).split(' '),
);
