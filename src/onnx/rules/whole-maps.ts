// Numbers for whole maps: [N, C, 1, 1] spread over [N, C, H, W], and the sum over the map, which is its transpose.

import type { GradCall } from '../differentiate-call.ts';
import { countOf, expandLike } from '../differentiate-shapes.ts';
import { affine, blockedChannels, spread } from './blocked.ts';

/** g with the dims of x, where it has 1 for the axes given, and divided by how many numbers that makes of one. */
export function meanLike(c: GradCall, g: string, x: string, axes: readonly number[]): string {
  const { b } = c;
  const [channels, dims] = [blockedChannels(c, x), c.fixedDims(x)];
  if (channels === null || !dims || String(axes) !== '2,3') {
    return expandLike(c, b.div(g, countOf(c, x, axes)), x);
  }
  const [height, width] = dims.slice(2);
  return spread(b, affine(b, g, channels, 1 / (height * width)), height, width);
}

/** The gradient of repeating x [N, C, 1, 1] to y. */
export function sumOverMap(c: GradCall): string {
  const { b, g } = c;
  const [channels, dims] = [blockedChannels(c, c.x), c.fixedDims(c.y)];
  return channels === null || dims === null
    ? b.sum(g, [2, 3])
    : affine(b, b.op('GlobalAveragePool', [g]), channels, dims[2] * dims[3]);
}
