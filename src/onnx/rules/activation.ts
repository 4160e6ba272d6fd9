// Gradients of activations. At a kink, a subgradient: that of the left side.

import type { GradCall, Gradients, GradRule } from '../differentiate-call.ts';
import { sumTo } from '../differentiate-shapes.ts';
import { affine, blockedChannels, isAbove, isInside } from './blocked.ts';

/** From the gradient with respect to the one input. */
const unary =
  (of: (c: GradCall) => string): GradRule =>
  (c) => [of(c)];

/** From the slope ∂y/∂x. */
const slope = (of: (c: GradCall) => string): GradRule => unary((c) => c.b.mul(c.g, of(c)));

// by y, not x: the runtime may then join the activation with what is before it
export const Relu = slope((c) => isAbove(c.b, c.y, 0));

export const LeakyRelu = unary((c) => {
  const { b, g, x } = c;
  const alpha = c.float('alpha', 0.01);
  const channels = blockedChannels(c, x);
  return channels === null
    ? b.where(b.isPositive(x), g, b.times(g, alpha))
    : b.mul(g, affine(b, isAbove(b, x, 0), channels, 1 - alpha, alpha));
});

export function PRelu(c: GradCall): Gradients {
  const { b, g, x } = c;
  const isPositive = b.isPositive(x);
  return c.each((input, i) =>
    i === 0
      ? b.where(isPositive, g, b.mul(g, c.input(1)))
      : sumTo(c, b.where(isPositive, b.float(0), b.mul(g, x)), input),
  );
}

export const ThresholdedRelu = unary(({ b, g, y }) =>
  b.masked(b.op('Not', [b.op('Equal', [y, b.float(0)])]), g),
);

/** y = α(eˣ − 1) where x ≤ 0, of slope y + α. */
export const Elu = unary((c) => leftSlope(c, c.b.add(c.y, c.b.float(c.float('alpha', 1))), 1));

/** y = γα(eˣ − 1) where x ≤ 0, of slope y + γα; γ on the right. */
export const Selu = unary((c) => {
  const gamma = c.float('gamma', 1.0507009873554805);
  const alpha = c.float('alpha', 1.6732632423543772);
  return leftSlope(c, c.b.add(c.y, c.b.float(gamma * alpha)), gamma);
});

/** y = α(e^(x/α) − 1) where x ≤ 0, of slope y/α + 1. */
export const Celu = unary((c) =>
  leftSlope(c, c.b.add(c.b.times(c.y, 1 / c.float('alpha', 1)), c.b.float(1)), 1),
);

function leftSlope({ b, g, x }: GradCall, left: string, right: number): string {
  return b.where(b.isPositive(x), b.times(g, right), b.mul(g, left));
}

/** What is not clipped has y = x. */
export const Clip = unary((c) => {
  const { b, g, x, y } = c;
  const mask = blockedInside(c, c.constant(1)?.[0], c.constant(2)?.[0]);
  return mask === null ? b.masked(b.op('Equal', [x, y]), g) : b.mul(g, mask);
});

function blockedInside(c: GradCall, low: number | undefined, high: number | undefined): string | null {
  const channels = blockedChannels(c, c.y);
  if (channels === null || low === undefined || high === undefined) return null;
  return isInside(c.b, c.y, channels, low, high);
}

export const Sigmoid = slope((c) => c.b.mul(c.y, oneMinus(c, c.y)));

function oneMinus(c: GradCall, s: string): string {
  const channels = blockedChannels(c, c.y);
  return channels === null ? c.b.sub(c.b.float(1), s) : affine(c.b, s, channels, -1, 1);
}

export const Tanh = slope(({ b, y }) => b.sub(b.float(1), b.square(y)));
export const Softplus = slope(({ b, x }) => b.op('Sigmoid', [x]));

/** 1 / (1 + |x|)². */
export const Softsign = unary(({ b, g, x }) => b.div(g, b.square(b.add(b.float(1), b.op('Abs', [x])))));

export const HardSigmoid = unary((c) => {
  const { b, g, y } = c;
  const alpha = c.float('alpha', 0.2);
  const channels = blockedChannels(c, y);
  const mask = blockedInside(c, 0, 1);
  if (channels !== null && mask !== null) return b.mul(g, affine(b, mask, channels, alpha));
  const isBetween = b.op('And', [b.isPositive(y), b.op('Less', [y, b.float(1)])]);
  return b.masked(isBetween, b.times(g, alpha));
});

/** y = x · t with t = tanh(softplus(x)): slope t + x · σ(x) · (1 − t²). */
export const Mish = slope(({ b, x }) => {
  const t = b.op('Tanh', [b.op('Softplus', [x])]);
  const inner = b.mul(b.op('Sigmoid', [x]), b.sub(b.float(1), b.square(t)));
  return b.add(t, b.mul(x, inner));
});

/** y = x · s with s = σ(αx): slope s + α · y · (1 − s). */
export const Swish = slope((c) => {
  const { b, x, y } = c;
  const alpha = c.float('alpha', 1);
  const s = b.op('Sigmoid', [b.times(x, alpha)]);
  return b.add(s, b.times(b.mul(y, b.sub(b.float(1), s)), alpha));
});

export const Gelu = slope((c) => (c.string('approximate', 'none') === 'tanh' ? tanhGelu(c) : erfGelu(c)));

/** Φ(x) + x · φ(x), the distribution and the density of the normal distribution. */
function erfGelu({ b, x }: GradCall): string {
  const cdf = b.times(b.add(b.float(1), b.op('Erf', [b.times(x, Math.SQRT1_2)])), 0.5);
  const density = b.times(b.op('Exp', [b.times(b.square(x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return b.add(cdf, b.mul(x, density));
}

/** y = x/2 · (1 + t), t = tanh(k(x + 0.044715 x³)): slope (1 + t)/2 + x/2 · (1 − t²) · k(1 + 3 · 0.044715 x²). */
function tanhGelu({ b, x }: GradCall): string {
  const k = Math.sqrt(2 / Math.PI);
  const squared = b.square(x);
  const one = b.float(1);
  const t = b.op('Tanh', [b.mul(b.times(x, k), b.add(one, b.times(squared, 0.044715)))]);
  const inner = b.times(b.add(one, b.times(squared, 3 * 0.044715)), k);
  const rise = b.mul(b.mul(x, b.sub(one, b.square(t))), inner);
  return b.times(b.add(b.add(one, t), rise), 0.5);
}

/** g · y − y · Σ g · y along the axis. */
export const Softmax = unary((c) => {
  const { b, g, y } = c;
  const weighted = b.mul(g, y);
  return b.sub(weighted, b.mul(y, b.sum(weighted, [c.int('axis', -1)])));
});

/** g − eʸ · Σ g along the axis. */
export const LogSoftmax = unary((c) => {
  const { b, g, y } = c;
  return b.sub(g, b.mul(b.op('Exp', [y]), b.sum(g, [c.int('axis', -1)])));
});
