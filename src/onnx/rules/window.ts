// The geometry of ops that slide a window over k spatial axes, and the transposed slide.
//
// Notation, for each spatial axis: kernel n, stride s, dilation d, pads p (before) and q (after), reach
// r = d·(n − 1) + 1; sizes X before and Y = ⌊(X + p + q − r) / s⌋ + 1 after.

import type { GradCall } from '../differentiate-call.ts';
import { span } from '../differentiate-shapes.ts';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** p of each axis, then q of each. */
  readonly pads: readonly number[];
}

/** The window of the node, from x to y. */
export function windowOf(c: GradCall, kernel: readonly number[], x: string, y: string): Window {
  const k = kernel.length;
  const ones = new Array<number>(k).fill(1);
  const strides = c.ints('strides') ?? ones;
  const dilations = c.ints('dilations') ?? ones;
  const given = c.ints('pads') ?? new Array<number>(2 * k).fill(0);
  const isValid =
    k >= 1 && strides.length === k && dilations.length === k && given.length === 2 * k && c.rank(x) === k + 2;
  const isPositive = [...kernel, ...strides, ...dilations].every((v) => v >= 1) && given.every((p) => p >= 0);
  if (!isValid || !isPositive) throw c.unsupported('a window that does not fit its input');
  const autoPad = c.string('auto_pad', 'NOTSET');
  if (autoPad === 'NOTSET') return { kernel, strides, dilations, pads: given };
  if (autoPad === 'VALID') return { kernel, strides, dilations, pads: given.map(() => 0) };
  const totals = kernel.map((n, i) => {
    const reach = dilations[i] * (n - 1) + 1;
    if (strides[i] === 1) return reach - 1;
    const [X, Y] = [c.size(x, i + 2), c.size(y, i + 2)];
    if (X === null || Y === null) throw c.unsupported(`auto_pad ${autoPad} and a free size`);
    return Math.max(0, (Y - 1) * strides[i] + reach - X);
  });
  return { kernel, strides, dilations, pads: halves(totals, autoPad === 'SAME_UPPER') };
}

/** Pads before and after of given sums; the odd one goes to the end if `upper`. */
function halves(totals: readonly number[], upper: boolean): number[] {
  const before = totals.map((t) => (upper ? Math.floor(t / 2) : Math.ceil(t / 2)));
  return [...before, ...totals.map((t, i) => t - before[i])];
}

/** Whether the transposed slide is a plain one over a padded map. */
export function isPlain(w: Window): boolean {
  const k = w.kernel.length;
  return w.strides.every((s) => s === 1) && w.pads.every((p, i) => p <= reachOf(w, i % k) - 1);
}

/** Pads of the plain slide that transposes a plain one. */
export function plainPads(w: Window): number[] {
  const k = w.kernel.length;
  return w.pads.map((p, i) => reachOf(w, i % k) - 1 - p);
}

export function reachOf(w: Window, axis: number): number {
  return w.dilations[axis] * (w.kernel[axis] - 1) + 1;
}

/** ConvTranspose of `g` (dims of y) by `weights`, with exactly the sizes of x. */
export function transposedSlide(
  c: GradCall,
  g: string,
  weights: string,
  w: Window,
  group: number,
  x: string,
): string {
  const { b } = c;
  const k = w.kernel.length;
  const { strides, dilations } = w;
  const attributes = { kernel_shape: w.kernel, strides, dilations, group };
  const sizes = span(2, k + 2).map((axis) => [c.size(x, axis), c.size(c.y, axis)]);
  if (sizes.every(([X, Y]) => X !== null && Y !== null)) {
    // size without pads, less what x has: q, or if negative what the last window did not reach
    const surplus = sizes.map(([X, Y], i) => (Y! - 1) * strides[i] + reachOf(w, i) - w.pads[i] - X!);
    const output_padding = surplus.map((s) => Math.max(0, -s));
    if (output_padding.some((p, i) => p >= Math.max(strides[i], dilations[i]))) throw c.unsupported('pads');
    const pads = [...w.pads.slice(0, k), ...surplus.map((s) => Math.max(0, s))];
    const some = output_padding.some((p) => p > 0);
    return b.op('ConvTranspose', [g, weights], {
      ...attributes,
      pads,
      output_padding: some ? output_padding : undefined,
    });
  }
  const output_padding = strides.map((s) => s - 1);
  const wide = b.op('ConvTranspose', [g, weights], { ...attributes, pads: w.pads, output_padding });
  const ends = b.op('Slice', [b.shapeOf(x), b.ints([2]), b.ints([k + 2])]);
  return b.op('Slice', [wide, b.ints(new Array<number>(k).fill(0)), ends, b.ints(span(2, k + 2))]);
}
