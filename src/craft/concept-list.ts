// The concepts of a fit, ordered by importance and described by numbers.

import type { Box } from '../inputs/crops.ts';
import { hoyerSparsity } from '../math/stats.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bestRows } from './best-rows.ts';
import type { PlainConcept } from './concept-schema.ts';
import type { Fit } from './fit.ts';
import type { Importance } from './importance.ts';
import type { RowSource } from './row-list.ts';

const BEST_ROWS = 10;
/** A concept counts as present in a row above this share of its largest coefficient. */
const PRESENT = 0.1;

/** Concepts by falling importance; ties keep the order of the fit. */
export function conceptOrder(total: ArrayLike<number>): number[] {
  return Array.from({ length: total.length }, (_, i) => i).sort((a, b) => total[b] - total[a] || a - b);
}

/** Describes each concept; `order[id]` is its index in the fit. */
export function conceptsOf(
  fit: Fit,
  importance: Importance,
  order: readonly number[],
  view: View,
): PlainConcept[] {
  const [n, r] = fit.U.dims;
  const places = fit.crops.map((source) => placeOf(source, fit.grid, view));
  return order.map((i, id) => {
    const values = Float64Array.from({ length: n }, (_, row) => fit.U.data[row * r + i]);
    const largest = values.reduce((most, u) => Math.max(most, u), 0);
    const present = values.filter((u) => u > PRESENT * largest).length;
    const probability = importance.aboveNext[i];
    return {
      id,
      importance: { value: importance.total[i], lower: importance.lower[i], upper: importance.upper[i] },
      effect: importance.effect[i],
      prevalence: present / n,
      sparsity: hoyerSparsity(values),
      aboveNext: Number.isFinite(probability) ? probability : null,
      label: null,
      bestRows: bestRows(values, places, BEST_ROWS),
    };
  });
}

/** What an input is shown in: its size, and the side of a shown part, in pixels. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly patchSize: number;
}

/**
 * The part of the input that shows a row: its crop, all of the input, or for a cell of the latent's grid a
 * square of the crops' size around it, as a cell alone is too small to see what is there.
 */
function placeOf(
  { input, box, location }: RowSource,
  grid: Fit['grid'],
  { width, height, patchSize }: View,
): { input: number; box: Box } {
  if (box) return { input, box };
  if (location === null || !grid) return { input, box: { x: 0, y: 0, width, height } };
  const [rows, columns] = grid;
  const [row, column] = [Math.floor(location / columns), location % columns];
  const [x, shownWidth] = around((column + 0.5) / columns, width, Math.max(patchSize, width / columns));
  const [y, shownHeight] = around((row + 0.5) / rows, height, Math.max(patchSize, height / rows));
  return { input, box: { x, y, width: shownWidth, height: shownHeight } };
}

/** Start and length of a stretch of `size` around a share of `total`, inside it, in whole pixels. */
function around(share: number, total: number, size: number): [number, number] {
  const length = Math.min(Math.ceil(size), total);
  const start = Math.round(share * total - length / 2);
  return [Math.max(0, Math.min(start, total - length)), length];
}

/** The rows of a matrix in another order. */
export function reorderRows(t: Tensor, order: readonly number[]): Tensor {
  const p = t.dims[1];
  const data = t.data.slice();
  order.forEach((from, to) => {
    data.set(t.data.subarray(from * p, (from + 1) * p), to * p);
  });
  return { data, dims: t.dims };
}

/** The last axis of a tensor in another order. */
export function reorderColumns(t: Tensor, order: readonly number[]): Tensor {
  const r = order.length;
  const data = t.data.slice();
  for (let k = 0; k < data.length; k += r) {
    for (let to = 0; to < r; to++) data[k + to] = t.data[k + order[to]];
  }
  return { data, dims: t.dims };
}
