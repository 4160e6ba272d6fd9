// Shapes of reductions, arg-reductions and selections along an axis.

import { axisOf, type Call, type Dims, type PerOutput } from './value.ts';

/**
 * Axes of a reduction in [0, rank), sorted out of an input or an attribute; null if they are not known.
 * None given: all, or none at all with `noop_with_empty_axes`.
 */
export function reducedAxes(c: Call, rank: number): number[] | null {
  const axes = c.list(1, 'axes');
  if (axes === 'unknown') return null;
  if (axes === null || axes.length === 0) {
    return c.int('noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  const found = axes.map((a) => axisOf(a, rank));
  return found.some(Number.isNaN) ? null : found;
}

export function reduce(c: Call): Dims | null {
  const data = c.dims(0);
  if (!data) return null;
  const axes = reducedAxes(c, data.length);
  if (!axes) return null;
  if (c.int('keepdims', 1)) return data.map((d, i) => (axes.includes(i) ? 1 : d));
  return data.filter((_, i) => !axes.includes(i));
}

export function argReduce(c: Call): Dims | null {
  const data = c.dims(0);
  if (!data) return null;
  const axis = axisOf(c.int('axis', 0), data.length);
  if (Number.isNaN(axis)) return null;
  return c.int('keepdims', 1) ? data.with(axis, 1) : data.toSpliced(axis, 1);
}

/** The k largest along an axis: values and indices. */
export function TopK(c: Call): PerOutput<Dims> {
  const data = c.dims(0);
  const k = c.has(1) ? c.values(1)?.[0] : c.int('k', Number.NaN);
  if (!data || k === undefined) return { outputs: [] };
  const axis = axisOf(c.int('axis', -1), data.length);
  const dims = Number.isNaN(axis) ? null : data.with(axis, k);
  return { outputs: [dims, dims] };
}
