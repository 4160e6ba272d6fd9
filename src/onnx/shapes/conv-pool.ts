// Shapes of ops that slide a window: dims [N, C, D_1 … D_k].

import type { Call, Dims, PerOutput } from './value.ts';

/** Geometry of a window over k spatial dims. */
interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  /** Begin of each dim, then end of each. */
  pads: readonly number[];
  autoPad: string;
}

function windowOf(c: Call, kernel: readonly number[]): Window | null {
  const k = kernel.length;
  const strides = c.ints('strides') ?? new Array<number>(k).fill(1);
  const dilations = c.ints('dilations') ?? new Array<number>(k).fill(1);
  const pads = c.ints('pads') ?? new Array<number>(2 * k).fill(0);
  const fits = strides.length === k && dilations.length === k && pads.length === 2 * k;
  if (!fits || strides.some((s) => s < 1)) return null;
  return { kernel, strides, dilations, pads, autoPad: c.string('auto_pad', 'NOTSET') };
}

/** Positions of a window: ⌊(D + pads − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
function slide(spatial: Dims, w: Window, ceil: boolean): number[] {
  const k = spatial.length;
  return spatial.map((size, i) => {
    const reach = w.dilations[i] * (w.kernel[i] - 1) + 1;
    if (w.autoPad.startsWith('SAME')) return Math.ceil(size / w.strides[i]);
    const before = w.autoPad === 'VALID' ? 0 : w.pads[i];
    const after = w.autoPad === 'VALID' ? 0 : w.pads[k + i];
    const steps = (size + before + after - reach) / w.strides[i];
    if (!ceil) return Math.floor(steps) + 1;
    const positions = Math.ceil(steps) + 1;
    // a window that would start in the padding after the data is left out
    return (positions - 1) * w.strides[i] >= size + before ? positions - 1 : positions;
  });
}

/** A convolution with the data at input `x` and the weights [M, C/group, k…] at input `w`. */
export const convolution =
  (x: number, w: number) =>
  (c: Call): Dims | null => {
    const data = c.dims(x);
    const weights = c.dims(w);
    if (!data || !weights || data.length < 3 || weights.length !== data.length) return null;
    const window = windowOf(c, c.ints('kernel_shape') ?? weights.slice(2));
    if (!window || window.kernel.length !== data.length - 2) return null;
    return [data[0], weights[0], ...slide(data.slice(2), window, false)];
  };

/** Weights of ConvTranspose are [C, M/group, k…]. */
export function ConvTranspose(c: Call): Dims | null {
  const data = c.dims(0);
  const weights = c.dims(1);
  if (!data || !weights || data.length < 3 || weights.length !== data.length) return null;
  const k = data.length - 2;
  const window = windowOf(c, c.ints('kernel_shape') ?? weights.slice(2));
  if (!window || window.kernel.length !== k) return null;
  const extra = c.ints('output_padding') ?? new Array<number>(k).fill(0);
  const fixed = c.ints('output_shape');
  const spatial = data.slice(2).map((size, i) => {
    if (fixed) return fixed[fixed.length - k + i];
    if (window.autoPad.startsWith('SAME')) return size * window.strides[i];
    const reach = window.dilations[i] * (window.kernel[i] - 1) + 1;
    const pads = window.autoPad === 'VALID' ? 0 : window.pads[i] + window.pads[k + i];
    return window.strides[i] * (size - 1) + extra[i] + reach - pads;
  });
  return [data[0], weights[1] * c.int('group', 1), ...spatial];
}

function pool(c: Call): Dims | null {
  const data = c.dims(0);
  const kernel = c.ints('kernel_shape');
  if (!data || !kernel || data.length !== kernel.length + 2) return null;
  const window = windowOf(c, kernel);
  if (!window) return null;
  return [data[0], data[1], ...slide(data.slice(2), window, c.int('ceil_mode', 0) === 1)];
}

export const AveragePool = pool;
export const LpPool = pool;

/** Values and, if asked for, the indices of the largest. */
export function MaxPool(c: Call): PerOutput<Dims> {
  const dims = pool(c);
  return { outputs: [dims, dims] };
}

/** One value for each channel: all spatial dims become 1. */
export function globalPool(c: Call): Dims | null {
  const data = c.dims(0);
  return data && data.length >= 2 ? data.map((d, i) => (i < 2 ? d : 1)) : null;
}
