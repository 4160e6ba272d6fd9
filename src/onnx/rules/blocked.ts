// Elementwise steps on image maps that stay in the runtime's blocked layout.
//
// ONNX Runtime keeps the maps between Convs in blocks of channels (NCHWc) and knows that layout for Conv, Add, Mul,
// Concat, Relu, Sigmoid, HardSigmoid, Tanh, pools and Resize by whole numbers only. Anything else, such as Where or a
// number that is added, costs a copy of the map out of the blocks and one back: more than the gradient of a Conv. So
// steps are steep HardSigmoids, and what is linear is a depthwise 1 × 1 Conv, which the runtime joins with a sum and
// a HardSigmoid behind it.

import type { Emitter } from '../differentiate-emit.ts';
import type { NodeProto } from '../proto/onnx_pb.ts';
import type { Dim } from '../shapes/infer.ts';

/** Maps of fewer channels than a block are not kept in blocks. */
const MIN_CHANNELS = 8;

/** Ops whose outputs are kept in blocks if their inputs are. */
const KEEPS_BLOCKS = new Set(
  (
    'Add Sum Mul Concat Relu LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Clip BatchNormalization MaxPool ' +
    'AveragePool Dropout Identity'
  ).split(' '),
);

/** Networks have a few such ops in a row; dense ones join some 50 maps. */
const MAX_HOPS = 100;

/** What is known of tensors. */
interface Tensors {
  dims(tensor: string): readonly Dim[] | null;
  /** The node that makes it. */
  producer(tensor: string): NodeProto | undefined;
}

/** Channels of a map that is in blocks, as far as the graph tells: [N, C, H, W] made by a Conv; else null. */
export function blockedChannels(tensors: Tensors, tensor: string): number | null {
  const dims = tensors.dims(tensor);
  const channels = dims?.length === 4 ? dims[1] : null;
  if (typeof channels !== 'number' || channels < MIN_CHANNELS) return null;
  let at = tensor;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const node = tensors.producer(at);
    if (node?.opType === 'Conv') return channels;
    if (!node || !KEEPS_BLOCKS.has(node.opType)) return null;
    at = node.input[0];
  }
  return null;
}

/** scale · x + shift, of a map of so many channels. */
export function affine(b: Emitter, x: string, channels: number, scale: number, shift = 0): string {
  const inputs = [x, b.constantOf([channels, 1, 1, 1], scale)];
  if (shift !== 0) inputs.push(b.constantOf([channels], shift));
  return b.op('Conv', inputs, { kernel_shape: [1, 1], group: channels });
}

/** scale · x + shift + other: one pass, too. */
export function affinePlus(
  b: Emitter,
  x: string,
  channels: number,
  scale: number,
  shift: number,
  other: string,
): string {
  return b.add(affine(b, x, channels, scale, shift), other);
}

/** x [N, C, 1, 1] repeated to [N, C, height, width]. */
export function spread(b: Emitter, x: string, height: number, width: number): string {
  const scales = b.floats([1, 1, height, width]);
  return b.op('Resize', [x, '', scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

/** The steepest step: 2¹⁰⁰ · x is 1 or more from x = 8e-31 on. */
const STEEP = 2 ** 100;

/** One over the distance from a float to the next one above (direction 1) or below (−1). */
function steepness(at: number, direction: 1 | -1): number {
  const bits = new Int32Array(new Float32Array([at]).buffer);
  if (at === 0) return STEEP;
  bits[0] += at > 0 ? direction : -direction;
  return Math.min(STEEP, 1 / Math.abs(new Float32Array(bits.buffer)[0] - at));
}

/** 1 where x > at, 0 elsewhere; `at` is a float. Exact, since whole multiples of the last place are counted. */
export function isAbove(b: Emitter, x: string, at: number): string {
  const alpha = steepness(at, 1);
  return b.op('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: -alpha * at } });
}

/** 1 where x ≥ at, 0 elsewhere. */
function isAtLeast(b: Emitter, x: string, at: number): string {
  const alpha = steepness(at, -1);
  return b.op('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: 1 - alpha * at } });
}

/** 1 where x² < square, 0 elsewhere; null unless the square of such numbers neither vanishes nor overflows. */
export function isWithin(b: Emitter, x: string, square: number): string | null {
  const bound = Math.fround(square);
  if (!(bound >= 2 ** -20 && bound <= 2 ** 40)) return null;
  const alpha = steepness(bound, -1);
  return b.op('HardSigmoid', [b.square(x)], { alpha: { float: -alpha }, beta: { float: alpha * bound } });
}

/** 1 where low < y < high, 0 where y is one of them, for y in between. null if they are not a range of floats. */
export function isInside(b: Emitter, y: string, channels: number, low: number, high: number): string | null {
  const below = Math.fround(2 * (high - low));
  const isRange = low < high && [low, high, below].every((v) => Number.isFinite(Math.fround(v)));
  // where y = high, y − below < low
  return isRange ? isAbove(b, affinePlus(b, isAtLeast(b, y, high), channels, -below, 0, y), low) : null;
}
