// The rows that stand for one concept.

import { quantile } from '../../math/stats.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Rows of a concept; see {@link rowsOfConcept}. */
export interface ConceptRows {
  /** Indices into U, strongest first; ties: lower row first. */
  readonly rows: readonly number[];
  /** The percentile of the concept's coefficients that they reach. */
  readonly threshold: number;
  /** Rows that reach it, of which `rows` are at most `most`. */
  readonly found: number;
}

/**
 * The rows whose coefficient on a concept is at or above a percentile of it, and not 0; if they are more
 * than `most`, so many spread evenly over their ranking.
 *
 * @param U - coefficients [n, r].
 * @param percentile - in [0, 100]; the paper takes 90.
 * @see Fel et al., CRAFT (2023), §3.2.
 */
export function rowsOfConcept(U: Tensor, concept: number, percentile: number, most: number): ConceptRows {
  const values = columnOf(U, concept);
  const threshold = quantile(values, percentile / 100);
  const rows = Array.from(values.keys())
    .filter((row) => values[row] >= threshold && values[row] > 0)
    .sort((a, b) => values[b] - values[a] || a - b);
  return { rows: evenly(rows, most), threshold, found: rows.length };
}

/** At most `most` of the items, evenly spaced, first and last among them. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  if (most <= 1) return items.slice(0, most);
  return Array.from({ length: most }, (_, k) => items[Math.round((k * (items.length - 1)) / (most - 1))]);
}

/** Column i of a matrix. */
export function columnOf({ data, dims: [n, r] }: Tensor, i: number): Float64Array {
  return Float64Array.from({ length: n }, (_, row) => data[row * r + i]);
}

/** Some rows of a matrix, in the order given. */
export function takeRows({ data, dims: [, p] }: Tensor, rows: readonly number[]): Tensor<Float32Array> {
  const out = new Float32Array(rows.length * p);
  rows.forEach((row, k) => {
    out.set(data.subarray(row * p, (row + 1) * p), k * p);
  });
  return { data: out, dims: [rows.length, p] };
}
