// The gradient rule of each ONNX op, under the name of the specification.

import type { GradRule } from '../differentiate-call.ts';
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import * as conv from './conv.ts';
import * as indexing from './indexing.ts';
import * as matmul from './matmul.ts';
import * as movement from './movement.ts';
import * as norm from './norm.ts';
import { AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool } from './pool.ts';
import * as quantise from './quantise.ts';
import {
  ReduceL1,
  ReduceL2,
  ReduceLogSum,
  ReduceLogSumExp,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceProd,
  ReduceSum,
  ReduceSumSquare,
} from './reduce.ts';
import * as resize from './resize.ts';

const rules = {
  ...activation,
  ...arithmetic,
  ...conv,
  ...indexing,
  ...matmul,
  ...movement,
  ...norm,
  ...quantise,
  ...resize,
  AveragePool,
  GlobalAveragePool,
  GlobalMaxPool,
  MaxPool,
  ReduceL1,
  ReduceL2,
  ReduceLogSum,
  ReduceLogSumExp,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceProd,
  ReduceSum,
  ReduceSumSquare,
} satisfies Record<string, GradRule>;

/** Ops of the default operator set that have a gradient. */
export type OpType = keyof typeof rules;

const table: Record<OpType, GradRule> = rules;

export const gradRules: ReadonlyMap<string, GradRule> = new Map(Object.entries(table));

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
