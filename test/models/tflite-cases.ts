// Operators whose results by TensorFlow Lite itself are kept in test/golden/formats/tflite-operators.json.

import { bool, float32, int8, int32 } from './tflite-builder.ts';
import { constant, intConstant, noise, type OneOperator } from './tflite-run.ts';

export interface GoldenCase {
  readonly name: string;
  readonly model: OneOperator;
}

/** Padding SAME is 0, VALID 1. */
const conv = (padding: number, stride: number, dilation: number, activation = 0) => [
  int8(0, padding),
  int32(1, stride),
  int32(2, stride),
  int8(3, activation),
  int32(4, dilation),
  int32(5, dilation),
];
const depthwise = (stride: number, dilation: number, multiplier: number) => [
  int8(0, 0),
  int32(1, stride),
  int32(2, stride),
  int32(3, multiplier),
  int8(4, 0),
  int32(5, dilation),
  int32(6, dilation),
];
const pool = (padding: number, stride: number, size: number) => [
  int8(0, padding),
  int32(1, stride),
  int32(2, stride),
  int32(3, size),
  int32(4, size),
];
const weights = (...dims: number[]) => constant(noise(dims, 90 + dims.length));
const map = [1, 6, 7, 3];
const [four, three] = [weights(4), weights(3)];
const pads = intConstant([0, 0, 2, 1, 0, 1, 1, 1], [4, 2]);
const transposeConv = (padding: number, y: number[]) => ({
  op: 'TRANSPOSE_CONV',
  options: [int8(0, padding), int32(1, 2), int32(2, 2)],
  x: [1, 3, 4, 3],
  constants: [weights(2, 3, 3, 3), intConstant(y)],
  inputs: [2, 1, 0],
  y: [y],
});
const masks = (begin: number, end: number, shrink: number) => [
  int32(0, begin),
  int32(1, end),
  int32(4, shrink),
];
const resizes = [
  ['corners', false, false],
  ['centres', false, true],
  ['aligned', true, false],
] as const;

const models: Record<string, OneOperator> = {
  'CONV_2D SAME': {
    op: 'CONV_2D',
    options: conv(0, 2, 1),
    x: map,
    constants: [weights(4, 3, 3, 3), four],
    y: [[1, 3, 4, 4]],
  },
  'CONV_2D even kernel': {
    op: 'CONV_2D',
    options: conv(0, 1, 1, 3),
    x: map,
    constants: [weights(4, 2, 4, 3), four],
    y: [[1, 6, 7, 4]],
  },
  'CONV_2D VALID dilated': {
    op: 'CONV_2D',
    options: conv(1, 1, 2, 1),
    x: map,
    constants: [weights(4, 3, 3, 3), four],
    y: [[1, 2, 3, 4]],
  },
  DEPTHWISE_CONV_2D: {
    op: 'DEPTHWISE_CONV_2D',
    options: depthwise(2, 1, 2),
    x: map,
    constants: [weights(1, 3, 3, 6), weights(6)],
    y: [[1, 3, 4, 6]],
  },
  'DEPTHWISE_CONV_2D dilated': {
    op: 'DEPTHWISE_CONV_2D',
    options: depthwise(1, 2, 1),
    x: map,
    constants: [weights(1, 3, 3, 3), three],
    y: [[1, 6, 7, 3]],
  },
  'TRANSPOSE_CONV SAME even': transposeConv(0, [1, 6, 8, 2]),
  'TRANSPOSE_CONV SAME odd': transposeConv(0, [1, 5, 7, 2]),
  'TRANSPOSE_CONV VALID': transposeConv(1, [1, 7, 9, 2]),
  'AVERAGE_POOL_2D SAME': { op: 'AVERAGE_POOL_2D', options: pool(0, 2, 3), x: map, y: [[1, 3, 4, 3]] },
  'MAX_POOL_2D SAME': { op: 'MAX_POOL_2D', options: pool(0, 2, 3), x: map, y: [[1, 3, 4, 3]] },
  'FULLY_CONNECTED of a map': {
    op: 'FULLY_CONNECTED',
    options: [int8(0, 1)],
    x: map,
    constants: [weights(4, 126), four],
    y: [[1, 4]],
  },
  'FULLY_CONNECTED of tokens': {
    op: 'FULLY_CONNECTED',
    options: [int8(0, 0), bool(2, true)],
    x: [1, 5, 3],
    constants: [weights(4, 3), four],
    y: [[1, 5, 4]],
  },
  BATCH_MATMUL: {
    op: 'BATCH_MATMUL',
    options: [bool(0, false), bool(1, true)],
    x: [1, 5, 3],
    inputs: [0, 0],
    y: [[1, 5, 5]],
  },
  'BATCH_MATMUL adj_x': {
    op: 'BATCH_MATMUL',
    options: [bool(0, true), bool(1, false)],
    x: [1, 5, 3],
    inputs: [0, 0],
    y: [[1, 3, 3]],
  },
  SOFTMAX: { op: 'SOFTMAX', options: [float32(0, 0.5)], x: map, y: [map] },
  LOG_SOFTMAX: { op: 'LOG_SOFTMAX', x: map, y: [map] },
  L2_NORMALIZATION: { op: 'L2_NORMALIZATION', options: [int8(0, 0)], x: map, y: [map] },
  LOCAL_RESPONSE_NORMALIZATION: {
    op: 'LOCAL_RESPONSE_NORMALIZATION',
    options: [int32(0, 2), float32(1, 1.5), float32(2, 0.25), float32(3, 0.75)],
    x: [1, 2, 2, 7],
    y: [[1, 2, 2, 7]],
  },
  MEAN: { op: 'MEAN', options: [bool(0, false)], x: map, constants: [intConstant([1, 2])], y: [[1, 3]] },
  'SUM of channels': {
    op: 'SUM',
    options: [bool(0, true)],
    x: map,
    constants: [intConstant([-1])],
    y: [[1, 6, 7, 1]],
  },
  'ADD a channel': { op: 'ADD', options: [int8(0, 1)], x: map, constants: [three], y: [map] },
  PRELU: { op: 'PRELU', x: map, constants: [weights(1, 1, 3)], y: [map] },
  LEAKY_RELU: { op: 'LEAKY_RELU', options: [float32(0, 0.3)], x: map, y: [map] },
  ELU: { op: 'ELU', x: map, y: [map] },
  HARD_SWISH: { op: 'HARD_SWISH', x: map, y: [map] },
  GELU: { op: 'GELU', options: [bool(0, false)], x: map, y: [map] },
  'GELU approximate': { op: 'GELU', options: [bool(0, true)], x: map, y: [map] },
  PAD: { op: 'PAD', x: map, constants: [pads], y: [[1, 9, 8, 5]] },
  'MIRROR_PAD REFLECT': {
    op: 'MIRROR_PAD',
    options: [int8(0, 0)],
    x: map,
    constants: [pads],
    y: [[1, 9, 8, 5]],
  },
  'MIRROR_PAD SYMMETRIC': {
    op: 'MIRROR_PAD',
    options: [int8(0, 1)],
    x: map,
    constants: [pads],
    y: [[1, 9, 8, 5]],
  },
  RESHAPE: { op: 'RESHAPE', options: [{ field: 0, type: 'ints', value: [1, 126] }], x: map, y: [[1, 126]] },
  TRANSPOSE: { op: 'TRANSPOSE', x: [1, 5, 3], constants: [intConstant([0, 2, 1])], y: [[1, 3, 5]] },
  CONCATENATION: {
    op: 'CONCATENATION',
    options: [int32(0, -1), int8(1, 0)],
    x: map,
    inputs: [0, 0],
    y: [[1, 6, 7, 6]],
  },
  SPLIT: {
    op: 'SPLIT',
    options: [int32(0, 2)],
    x: map,
    constants: [intConstant([1], [])],
    inputs: [1, 0],
    y: [
      [1, 3, 7, 3],
      [1, 3, 7, 3],
    ],
  },
  SLICE: {
    op: 'SLICE',
    x: map,
    constants: [intConstant([0, 1, 0, 1]), intConstant([1, 3, -1, 2])],
    y: [[1, 3, 7, 2]],
  },
  'STRIDED_SLICE backwards': {
    op: 'STRIDED_SLICE',
    options: masks(0b0001, 0b0001, 0),
    x: map,
    constants: [intConstant([0, -1, 6, 0]), intConstant([1, -6, 0, 3]), intConstant([1, -2, -3, 1])],
    y: [[1, 3, 2, 3]],
  },
  'STRIDED_SLICE of a token': {
    op: 'STRIDED_SLICE',
    options: masks(0b101, 0b101, 0b010),
    x: [1, 5, 3],
    constants: [intConstant([0, 0, 0]), intConstant([0, 1, 0]), intConstant([1, 1, 1])],
    y: [[1, 3]],
  },
  GATHER: {
    op: 'GATHER',
    options: [int32(0, 3)],
    x: map,
    constants: [intConstant([2, 0])],
    y: [[1, 6, 7, 2]],
  },
  SPACE_TO_DEPTH: { op: 'SPACE_TO_DEPTH', options: [int32(0, 2)], x: [1, 4, 6, 3], y: [[1, 2, 3, 12]] },
  DEPTH_TO_SPACE: { op: 'DEPTH_TO_SPACE', options: [int32(0, 2)], x: [1, 2, 3, 12], y: [[1, 4, 6, 3]] },
};
for (const [name, align, half] of resizes) {
  for (const [height, width] of [
    [10, 9],
    [3, 4],
  ]) {
    const shared = { x: map, constants: [intConstant([height, width])], y: [[1, height, width, 3]] };
    const suffix = `${name} ${height}×${width}`;
    models[`RESIZE_BILINEAR ${suffix}`] = {
      op: 'RESIZE_BILINEAR',
      options: [bool(2, align), bool(3, half)],
      ...shared,
    };
    models[`RESIZE_NEAREST_NEIGHBOR ${suffix}`] = {
      op: 'RESIZE_NEAREST_NEIGHBOR',
      options: [bool(0, align), bool(1, half)],
      ...shared,
    };
  }
}

export const goldenCases: GoldenCase[] = Object.entries(models).map(([name, model]) => ({ name, model }));

/** The input of a case: one image. */
export const goldenInput = (model: OneOperator) => noise(model.x, 99, -3, 3);
