// Rows of U by the coefficient of one concept.

/** Rows that are sorted at first; then twice as many, as long as more are asked for. */
const FIRST = 256;

/**
 * Rows of one concept, strongest first (ties: lower row first), none of them zero. Sorts no more of them than are
 * drawn.
 *
 * @param values - the concept's column of U, [n].
 */
export function* strongestRows(values: Float64Array): Generator<number> {
  const sorted = values.slice().sort(); // rising
  let above = Number.POSITIVE_INFINITY;
  for (let size = FIRST; above > 0; size *= 2) {
    const least = sorted[Math.max(0, sorted.length - size)] ?? 0;
    const rows: number[] = [];
    for (let row = 0; row < values.length; row++) {
      const u = values[row];
      if (u > 0 && u >= least && u < above) rows.push(row);
    }
    yield* rows.sort((a, b) => values[b] - values[a] || a - b);
    above = size >= sorted.length ? 0 : least;
  }
}

/** A column of U [n, r]. */
export function columnOf(
  { data, dims: [n, r] }: { readonly data: ArrayLike<number>; readonly dims: readonly number[] },
  i: number,
): Float64Array {
  const values = new Float64Array(n);
  for (let row = 0; row < n; row++) values[row] = data[row * r + i];
  return values;
}
