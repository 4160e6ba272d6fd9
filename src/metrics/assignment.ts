// The assignment problem: each row one column, at the least total cost.

/**
 * Hungarian algorithm by shortest augmenting paths with potentials, O(n² m).
 *
 * @param cost - [n, m] row-major, n ≤ m, finite.
 * @returns the column of each row, all different.
 * @see Kuhn, The Hungarian method for the assignment problem (1955); Jonker and Volgenant (1987).
 */
export function assign(cost: ArrayLike<number>, n: number, m: number): Int32Array {
  const u = new Float64Array(n + 1);
  const v = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1); // row + 1 of each column; column 0 is where a path starts
  const before = new Int32Array(m + 1);
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row;
    let column = 0;
    const least = new Float64Array(m + 1).fill(Infinity);
    const done = new Uint8Array(m + 1);
    do {
      done[column] = 1;
      const from = rowOf[column];
      let [delta, next] = [Infinity, 0];
      for (let j = 1; j <= m; j++) {
        if (done[j]) continue;
        const reduced = cost[(from - 1) * m + j - 1] - u[from] - v[j];
        if (reduced < least[j]) [least[j], before[j]] = [reduced, column];
        if (least[j] < delta) [delta, next] = [least[j], j];
      }
      for (let j = 0; j <= m; j++) {
        if (done[j]) {
          u[rowOf[j]] += delta;
          v[j] -= delta;
        } else least[j] -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]];
      column = before[column];
    }
  }
  const columns = new Int32Array(n);
  for (let j = 1; j <= m; j++) if (rowOf[j] > 0) columns[rowOf[j] - 1] = j - 1;
  return columns;
}
