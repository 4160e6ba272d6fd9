// Gradients of normalisations with respect to the data.
//
// Notation: x̂ = (x − mean) · inv with inv = 1/√(variance + ε), y = scale · x̂ + bias, ĝ = scale · g. All of
// those that take mean and variance from the data have ∂x = inv · (ĝ − mean(ĝ) − x̂ · mean(ĝ · x̂)).

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { reshapeLike, span } from '../differentiate-shapes.ts';

/** With the statistics of training, so a factor for each channel. */
export function BatchNormalization(c: GradCall): Gradients {
  const { b, g } = c;
  if (c.int('training_mode', 0)) throw c.unsupported('training_mode');
  const variance = b.add(c.input(4), b.float(c.float('epsilon', 1e-5)));
  const factor = b.div(c.input(1), b.op('Sqrt', [variance]));
  return [b.mul(g, perChannel(c, factor))];
}

/** [C] → [1, C, 1 …]. */
function perChannel(c: GradCall, vector: string): string {
  return c.b.reshape(vector, [1, -1, ...span(2, c.rank(c.x)).map(() => 1)]);
}

export function LayerNormalization(c: GradCall): Gradients {
  const { b, g, x } = c;
  const rank = c.rank(x);
  const axes = span(c.axis(c.int('axis', -1), rank), rank);
  const [mean, inv] = [c.forwardOutput(1), c.forwardOutput(2)];
  const normal = b.mul(b.sub(x, mean), inv);
  return [centred(c, b.mul(g, c.input(1)), normal, inv, axes)];
}

/** inv · (ĝ − mean(ĝ) − x̂ · mean(ĝ · x̂)). */
function centred(c: GradCall, g: string, normal: string, inv: string, axes: readonly number[]): string {
  const { b } = c;
  const along = b.mul(normal, b.mean(b.mul(g, normal), axes));
  return b.mul(inv, b.sub(b.sub(g, b.mean(g, axes)), along));
}

/** x̂ and inv over the axes. */
function normalise(c: GradCall, x: string, axes: readonly number[]): { normal: string; inv: string } {
  const { b } = c;
  const deviation = b.sub(x, b.mean(x, axes));
  const variance = b.add(b.mean(b.square(deviation), axes), b.float(c.float('epsilon', 1e-5)));
  const inv = b.op('Reciprocal', [b.op('Sqrt', [variance])]);
  return { normal: b.mul(deviation, inv), inv };
}

export function InstanceNormalization(c: GradCall): Gradients {
  const axes = span(2, c.rank(c.x));
  const { normal, inv } = normalise(c, c.x, axes);
  return [centred(c, c.b.mul(c.g, perChannel(c, c.input(1))), normal, inv, axes)];
}

/** Mean and variance of each group of channels: [N, C, …] as [N, groups, rest]. */
export function GroupNormalization(c: GradCall): Gradients {
  const { b, g, x } = c;
  const groups = c.int('num_groups', 0);
  const channels = c.size(x, 1);
  if (channels === null || !(groups >= 1) || channels % groups !== 0) {
    throw c.unsupported(`num_groups ${groups} of ${channels ?? 'a free number of'} channels`);
  }
  const scale = c.input(1);
  // before version 21 one for each group
  const isPerGroup = c.size(scale, 0) === groups && groups !== channels;
  const scales = isPerGroup
    ? b.reshape(b.op('Expand', [b.unsqueeze(scale, [1]), b.ints([groups, channels / groups])]), [-1])
    : scale;
  const grouped = (t: string): string => b.op('Reshape', [t, b.ints([0, groups, -1])]);
  const { normal, inv } = normalise(c, grouped(x), [2]);
  return [reshapeLike(c, centred(c, grouped(b.mul(g, perChannel(c, scales))), normal, inv, [2]), x)];
}

/** x̂ = x · inv with inv = 1/√(mean(x²) + ε): ∂x = inv · (ĝ − x̂ · mean(ĝ · x̂)). */
export function RMSNormalization(c: GradCall): Gradients {
  const { b, x } = c;
  const rank = c.rank(x);
  const axes = span(c.axis(c.int('axis', -1), rank), rank);
  const meanSquare = b.add(b.mean(b.square(x), axes), b.float(c.float('epsilon', 1e-5)));
  const inv = b.op('Reciprocal', [b.op('Sqrt', [meanSquare])]);
  const normal = b.mul(x, inv);
  const g = b.mul(c.g, c.input(1));
  return [b.mul(inv, b.sub(g, b.mul(normal, b.mean(b.mul(g, normal), axes))))];
}

/** y = x / ‖x‖: ∂x = (g − y · Σ g · y) / ‖x‖. */
export function LpNormalization(c: GradCall): Gradients {
  const { b, g, x, y } = c;
  const axes = [c.int('axis', -1)];
  const p = c.int('p', 2);
  if (p !== 2) throw c.unsupported(`p ${p}`);
  const norm = b.op('ReduceL2', [x, b.ints(axes)], { keepdims: 1 });
  return [b.div(b.sub(g, b.mul(y, b.sum(b.mul(g, y), axes))), norm)];
}

/** Wider bands of channels are not written out; networks have 5. */
const MAX_BAND = 255;

/**
 * y = x · s^−β with s = bias + α/size · Σ x² over the channels near: ∂x = g · s^−β − 2αβ/size · x · Σ g · x ·
 * s^−β−1 over the channels that are near to.
 */
export function LRN(c: GradCall): Gradients {
  const { b, g, x } = c;
  const size = c.int('size', 1);
  const scale = c.float('alpha', 1e-4) / size;
  const beta = c.float('beta', 0.75);
  const before = Math.floor((size - 1) / 2);
  const after = Math.ceil((size - 1) / 2);
  const near = sumOverChannels(c, b.square(x), before, after);
  const s = b.add(b.times(near, scale), b.float(c.float('bias', 1)));
  const power = b.op('Pow', [s, b.float(-beta)]);
  const inner = sumOverChannels(c, b.mul(b.mul(g, x), b.div(power, s)), after, before);
  return [b.sub(b.mul(g, power), b.times(b.mul(x, inner), 2 * scale * beta))];
}

/** Σ over the channels from i − before to i + after. */
function sumOverChannels(c: GradCall, t: string, before: number, after: number): string {
  const { b } = c;
  if (before + after >= MAX_BAND) throw c.unsupported(`size ${before + after + 1}`);
  const rank = c.rank(c.x);
  const pads = new Array<number>(2 * rank).fill(0);
  pads[1] = before;
  pads[rank + 1] = after;
  const padded = b.op('Pad', [t, b.ints(pads)]);
  const parts = span(0, before + after + 1).map((i) =>
    b.op('Slice', [
      padded,
      b.ints([i]),
      i === before + after ? b.ints([2 ** 31]) : b.ints([i - before - after]),
      b.ints([1]),
    ]),
  );
  return parts.length === 1 ? parts[0] : b.op('Sum', parts);
}
