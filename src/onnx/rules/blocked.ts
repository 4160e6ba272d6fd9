// Elementwise steps on image maps that stay in the runtime's blocked layout.
//
// ONNX Runtime keeps the maps between Convs in blocks of channels (NCHWc) and knows that layout for Conv,
// Add, Mul, Concat, Relu, Sigmoid, Tanh and pools only. Anything else, such as Where, costs a copy of the
// map out of the blocks and one back: more than the gradient of the Conv. So the slope of an activation is
// made of depthwise 1 × 1 Convs, with the activation that the runtime joins to them.

import type { GradCall } from '../differentiate-call.ts';

/** Maps of fewer channels than a block are not kept in blocks. */
const MIN_CHANNELS = 8;

/** Ops whose outputs are kept in blocks if their inputs are. */
const KEEPS_BLOCKS = new Set(
  (
    'Add Sum Mul Concat Relu LeakyRelu Sigmoid Tanh Clip BatchNormalization MaxPool AveragePool ' +
    'Dropout Identity'
  ).split(' '),
);

/** Channels of a map that is in blocks, as far as the graph tells: [N, C, H, W] made by a Conv; else null. */
export function blockedChannels(c: GradCall, tensor: string): number | null {
  if (c.dims(tensor)?.length !== 4) return null;
  const channels = c.size(tensor, 1);
  if (channels === null || channels < MIN_CHANNELS) return null;
  let at = tensor;
  for (;;) {
    const node = c.producer(at);
    if (node?.opType === 'Conv') return channels;
    if (!node || !KEEPS_BLOCKS.has(node.opType)) return null;
    at = node.input[0];
  }
}

/** scale · x + shift. */
export function affine(c: GradCall, x: string, channels: number, scale: number, shift: number): string {
  const { b } = c;
  const filled = (dims: readonly number[], value: number): string => b.constantOf(dims, value);
  const inputs = [x, filled([channels, 1, 1, 1], scale)];
  if (shift !== 0) inputs.push(filled([channels], shift));
  return b.op('Conv', inputs, { kernel_shape: [1, 1], group: channels });
}

/** The step above any float that is not tiny: 2¹⁰⁰ · y is 1 or more from y = 8e-31 on. */
const STEEP = 2 ** 100;

/** 1 where y > 0, 0 where y = 0, for y ≥ 0. */
export function positiveMask(c: GradCall, y: string, channels: number): string {
  return clip01(c, affine(c, y, channels, STEEP, 0));
}

function clip01({ b }: GradCall, x: string): string {
  return b.op('Clip', [x, b.float(0), b.float(1)]);
}

/**
 * 1 where low < y < high, 0 where y is one of them, for y in between: the distance from the middle, and a step
 * of one unit in the last place. null if that distance is not the same float at both ends.
 */
export function insideMask(
  c: GradCall,
  y: string,
  channels: number,
  low: number,
  high: number,
): string | null {
  const middle = Math.fround((low + high) / 2);
  const half = Math.fround(high - middle);
  if (half !== Math.fround(middle - low) || !(half > 0) || !Number.isFinite(half)) return null;
  const steep = 2 ** (23 - Math.floor(Math.log2(half)));
  const distance = c.b.op('LeakyRelu', [affine(c, y, channels, 1, -middle)], { alpha: { float: -1 } });
  return clip01(c, affine(c, distance, channels, -steep, half * steep));
}
