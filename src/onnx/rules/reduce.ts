// Gradients of reductions: g is spread over the elements that were reduced.

import type { GradCall, GradRule } from '../differentiate-call.ts';
import { expandLike, span } from '../differentiate-shapes.ts';
import { DataType } from '../proto/constants.ts';
import { meanLike } from './whole-maps.ts';

interface Reduction {
  readonly c: GradCall;
  /** Axes that are reduced. */
  readonly axes: readonly number[];
  /** g and y with dims of 1 for the axes that are reduced. */
  readonly g: string;
  readonly y: string;
}

const reduction =
  (of: (r: Reduction) => string): GradRule =>
  (c) => {
    const axes = axesOf(c);
    const kept = (t: string): string => (c.int('keepdims', 1) ? t : c.b.unsqueeze(t, axes));
    return [of({ c, axes, g: kept(c.g), y: kept(c.y) })];
  };

function axesOf(c: GradCall): number[] {
  const rank = c.rank(c.x);
  const given = c.constant(1);
  if (c.has(1) && !given) throw c.unsupported('axes that are not constant');
  if (given && given.length > 0) return given.map((a) => c.axis(a, rank)).sort((a, b) => a - b);
  return c.int('noop_with_empty_axes', 0) ? [] : span(0, rank);
}

export const ReduceSum = reduction(({ c, g }) => expandLike(c, g, c.x));
export const ReduceMean = reduction(({ c, axes, g }) => meanLike(c, g, c.x, axes));
export const ReduceSumSquare = reduction(({ c, g }) => c.b.mul(c.b.times(c.x, 2), g));
export const ReduceL1 = reduction(({ c, g }) => c.b.mul(c.b.op('Sign', [c.x]), g));

/** x / y · g; 0 at the origin, where the norm has no slope. */
export const ReduceL2 = reduction(({ c, g, y }) => {
  const { b } = c;
  return b.mul(c.x, b.masked(b.isPositive(y), b.div(g, y)));
});

/** y = ln Σ x. */
export const ReduceLogSum = reduction(({ c, g, y }) =>
  expandLike(c, c.b.mul(g, c.b.op('Exp', [c.b.neg(y)])), c.x),
);

export const ReduceLogSumExp = reduction(({ c, g, y }) => c.b.mul(c.b.op('Exp', [c.b.sub(c.x, y)]), g));

/** g is shared by the elements that are the largest; of ReduceMin, the smallest. */
export const ReduceMax = reduction(({ c, axes, g, y }) => shareAmongEqual(c, axes, g, y));

export function shareAmongEqual(c: GradCall, axes: readonly number[], g: string, y: string): string {
  const { b } = c;
  const isChosen = b.op('Equal', [c.x, y]);
  const count = b.sum(b.op('Cast', [isChosen], { to: DataType.FLOAT }), axes);
  return b.masked(isChosen, b.div(g, count));
}

/** The product of the other elements: y / x, unless there is a zero. */
export const ReduceProd = reduction(({ c, axes, g }) => {
  const { b, x } = c;
  const isZero = b.op('Equal', [x, b.float(0)]);
  const zeros = b.sum(b.op('Cast', [isZero], { to: DataType.FLOAT }), axes);
  const nonZero = b.where(isZero, b.float(1), x);
  const product = axes.length ? b.op('ReduceProd', [nonZero, b.ints(axes)], { keepdims: 1 }) : nonZero;
  // zeros among the other elements
  const others = b.sub(zeros, b.op('Cast', [isZero], { to: DataType.FLOAT }));
  const hasNone = b.op('Equal', [others, b.float(0)]);
  return b.mul(g, b.masked(hasNone, b.div(product, nonZero)));
});
