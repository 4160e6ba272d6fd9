// The rows that show a concept best.

import type { Box } from '../inputs/crops.ts';

/** A row with its place; see {@link bestRows}. */
export interface BestRow {
  readonly row: number;
  readonly input: number;
  readonly box: Box;
  /** Coefficient of the concept. */
  readonly value: number;
}

/**
 * The strongest rows of one concept, strongest first (ties: lower row first), none of them zero.
 * Of crops of one image that cover each other by more than half, only the strongest is kept.
 *
 * @param values - the concept's column of U, [n].
 * @param places - input and box of each row.
 */
export function bestRows(
  values: ArrayLike<number>,
  places: readonly { input: number; box: Box }[],
  count: number,
): BestRow[] {
  const order = Array.from({ length: values.length }, (_, row) => row)
    .filter((row) => values[row] > 0)
    .sort((a, b) => values[b] - values[a] || a - b);
  const kept: BestRow[] = [];
  for (const row of order) {
    if (kept.length === count) break;
    const { input, box } = places[row];
    const covered = kept.some((other) => other.input === input && overlap(other.box, box) > 0.5);
    if (!covered) kept.push({ row, input, box, value: values[row] });
  }
  return kept;
}

/** Area shared by two boxes over the area of the smaller one. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.max(Math.min(a.width * a.height, b.width * b.height), 1);
}
