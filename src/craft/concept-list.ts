// The concepts of a fit, ordered by importance and described by numbers.

import type { Box } from '../inputs/crops.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { hoyerSparsity } from '../math/stats.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bestRows } from './best-rows.ts';
import type { Fit } from './craft.ts';
import type { RowSource } from './encode.ts';
import type { Concept } from './explanation.ts';
import type { Importance } from './importance.ts';

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
  { width, height }: Preprocess,
): Concept[] {
  const [n, r] = fit.U.dims;
  const places = fit.crops.map((source) => placeOf(source, fit.grid, width, height));
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

/** The part of the input that a row stands for: its crop, its cell of the latent's grid, or all of it. */
function placeOf(
  { input, box, location }: RowSource,
  grid: Fit['grid'],
  width: number,
  height: number,
): { input: number; box: Box } {
  if (box) return { input, box };
  if (location === null || !grid) return { input, box: { x: 0, y: 0, width, height } };
  const [rows, columns] = grid;
  const x = Math.floor(((location % columns) * width) / columns);
  const y = Math.floor((Math.floor(location / columns) * height) / rows);
  const cell = { width: Math.ceil(width / columns), height: Math.ceil(height / rows) };
  return {
    input,
    box: { x, y, width: Math.min(cell.width, width - x), height: Math.min(cell.height, height - y) },
  };
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
