// Gradients of arithmetic with broadcasting, and of functions of one number.

import type { GradCall, Gradients, GradRule } from '../differentiate-call.ts';
import { sumTo } from '../differentiate-shapes.ts';
import { DataType } from '../proto/constants.ts';

export function Add(c: GradCall): Gradients {
  return c.each((x) => sumTo(c, c.g, x));
}

export function Sub(c: GradCall): Gradients {
  return c.each((x, i) => sumTo(c, i === 0 ? c.g : c.b.neg(c.g), x));
}

export function Mul(c: GradCall): Gradients {
  return c.each((x, i) => sumTo(c, c.b.mul(c.g, c.input(1 - i)), x));
}

/** y = a / b: ∂a = g / b, ∂b = −g · y / b. */
export function Div(c: GradCall): Gradients {
  const { b, g, y } = c;
  const divisor = c.input(1);
  return c.each((x, i) => sumTo(c, i === 0 ? b.div(g, divisor) : b.neg(b.div(b.mul(g, y), divisor)), x));
}

export function Mean(c: GradCall): Gradients {
  const share = c.b.times(c.g, 1 / c.node.input.length);
  return c.each((x) => sumTo(c, share, x));
}

/** y = xᵖ: ∂x = g · p · xᵖ⁻¹, ∂p = g · y · ln x where x > 0. */
export function Pow(c: GradCall): Gradients {
  const { b, g, x, y } = c;
  const ofExponent = (): string => b.masked(b.isPositive(x), b.mul(g, b.mul(y, b.op('Log', [x]))));
  return c.each((input, i) => sumTo(c, i === 0 ? b.mul(g, powerSlope(c)) : ofExponent(), input));
}

/** p · xᵖ⁻¹. */
function powerSlope(c: GradCall): string {
  const { b, x, y } = c;
  const values = c.constant(1);
  if (values?.length !== 1) {
    const p = c.typeOf(c.input(1)) === DataType.FLOAT ? c.input(1) : b.op('Cast', [c.input(1)], { to: 1 });
    const slope = b.mul(p, b.op('Pow', [x, b.sub(p, b.float(1))]));
    // 0 · 0⁻¹ is not a number
    return b.where(b.op('Equal', [p, b.float(0)]), b.float(0), slope);
  }
  const [p] = values;
  if (p === 0 || p === 1) return b.float(p);
  if (p === 2) return b.times(x, 2);
  if (p === 0.5) return b.div(b.float(0.5), y);
  return b.times(b.op('Pow', [x, b.float(p - 1)]), p);
}

/** All of g to the first input that is the largest (of Min: the smallest): one subgradient where several are. */
export function Max(c: GradCall): Gradients {
  const { b } = c;
  let taken: string | null = null;
  return c.node.input.map((x, i) => {
    const isChosen = b.op('Equal', [x, c.y]);
    const isFirst: string = taken ? b.op('And', [isChosen, b.op('Not', [taken])]) : isChosen;
    taken = taken ? b.op('Or', [taken, isChosen]) : isChosen;
    return c.needs(i) ? sumTo(c, b.masked(isFirst, c.g), x) : null;
  });
}

export function Where(c: GradCall): Gradients {
  const { b, g } = c;
  const condition = c.input(0);
  const zero = b.float(0);
  return c.each((x, i) => sumTo(c, i === 1 ? b.where(condition, g, zero) : b.where(condition, zero, g), x));
}

/** A function of one number, from its slope ∂y/∂x. */
const slope =
  (of: (c: GradCall) => string): GradRule =>
  (c) => [c.b.mul(c.g, of(c))];

export const Neg: GradRule = (c) => [c.b.neg(c.g)];
export const Abs = slope(({ b, x }) => b.op('Sign', [x]));
export const Exp = slope(({ y }) => y);
export const Log: GradRule = (c) => [c.b.div(c.g, c.x)];
export const Sqrt: GradRule = (c) => [c.b.div(c.b.times(c.g, 0.5), c.y)];
export const Reciprocal = slope(({ b, y }) => b.neg(b.square(y)));
export const Sin = slope(({ b, x }) => b.op('Cos', [x]));
export const Cos = slope(({ b, x }) => b.neg(b.op('Sin', [x])));
export const Tan = slope(({ b, y }) => b.add(b.float(1), b.square(y)));
export const Atan = slope(({ b, x }) => b.op('Reciprocal', [b.add(b.float(1), b.square(x))]));
export const Sinh = slope(({ b, x }) => b.op('Cosh', [x]));
export const Cosh = slope(({ b, x }) => b.op('Sinh', [x]));
/** 2/√π · exp(−x²). */
export const Erf = slope(({ b, x }) => b.times(b.op('Exp', [b.neg(b.square(x))]), 2 / Math.sqrt(Math.PI)));
