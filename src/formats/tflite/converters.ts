// Which function imports which operator. A name here is a name of the TFLite schema.

import { conv2d, depthwiseConv2d, transposeConv } from './conv.ts';
import { batchMatmul, fullyConnected } from './dense.ts';
import {
  activation,
  arithmetic,
  type Converter,
  extremum,
  gelu,
  pointwise,
  prelu,
  rsqrt,
  square,
  squaredDifference,
} from './elementwise.ts';
import { concatenation, reshape, split, splitV, transpose } from './movement.ts';
import { l2Normalization, localResponseNormalization, logSoftmax, softmax } from './normalise.ts';
import { mirrorPad, pad } from './pad.ts';
import { averagePool2d, maxPool2d } from './pool.ts';
import { dequantize, fakeQuant, quantize } from './quantise.ts';
import { reduce } from './reduce.ts';
import { depthToSpace, resize, spaceToDepth } from './resize.ts';
import { Activation } from './schema.ts';
import { gather, slice, stridedSlice } from './slice.ts';

const table = {
  ABS: pointwise('Abs'),
  ADD: arithmetic('Add'),
  AVERAGE_POOL_2D: averagePool2d,
  BATCH_MATMUL: batchMatmul,
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTH_TO_SPACE: depthToSpace,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  DEQUANTIZE: dequantize,
  DIV: arithmetic('Div'),
  ELU: pointwise('Elu'),
  EXP: pointwise('Exp'),
  EXPAND_DIMS: reshape,
  FAKE_QUANT: fakeQuant,
  FULLY_CONNECTED: fullyConnected,
  GATHER: gather,
  GELU: gelu,
  HARD_SWISH: pointwise('HardSwish'),
  L2_NORMALIZATION: l2Normalization,
  LEAKY_RELU: pointwise('LeakyRelu', (o) => ({ alpha: { float: o.options.float32(0) } })),
  LOCAL_RESPONSE_NORMALIZATION: localResponseNormalization,
  LOG_SOFTMAX: logSoftmax,
  LOGISTIC: pointwise('Sigmoid'),
  MAX_POOL_2D: maxPool2d,
  MAXIMUM: extremum('Max'),
  MEAN: reduce('ReduceMean', 'GlobalAveragePool'),
  MINIMUM: extremum('Min'),
  MIRROR_PAD: mirrorPad,
  MUL: arithmetic('Mul'),
  NEG: pointwise('Neg'),
  PAD: pad,
  PADV2: pad,
  PRELU: prelu,
  QUANTIZE: quantize,
  REDUCE_MAX: reduce('ReduceMax', 'GlobalMaxPool'),
  REDUCE_MIN: reduce('ReduceMin'),
  RELU: activation(Activation.RELU),
  RELU_N1_TO_1: activation(Activation.RELU_N1_TO_1),
  RELU6: activation(Activation.RELU6),
  RESHAPE: reshape,
  RESIZE_BILINEAR: resize('linear', 2, 3),
  RESIZE_NEAREST_NEIGHBOR: resize('nearest', 0, 1),
  RSQRT: rsqrt,
  SLICE: slice,
  SOFTMAX: softmax,
  SPACE_TO_DEPTH: spaceToDepth,
  SPLIT: split,
  SPLIT_V: splitV,
  SQRT: pointwise('Sqrt'),
  SQUARE: square,
  SQUARED_DIFFERENCE: squaredDifference,
  SQUEEZE: reshape,
  STRIDED_SLICE: stridedSlice,
  SUB: arithmetic('Sub'),
  SUM: reduce('ReduceSum'),
  TANH: pointwise('Tanh'),
  TRANSPOSE: transpose,
  TRANSPOSE_CONV: transposeConv,
} satisfies Record<string, Converter>;

/** Converter by operator name. A map: names come from files. */
export const converters: ReadonlyMap<string, Converter> = new Map(Object.entries(table));
