// The matrix products of a factorisation, in float64 on row-major arrays. A [n, p] is long, so it is
// read in blocks of rows; U [n, r] and W [r, p] are thin. Loops are tiled to keep partial sums in
// registers; the order of summation is fixed, so the same input gives the same bits.

import type { Tensor } from '../tensor/tensor.ts';

/** Rows in a block: 32 rows of 2048 float64 fill half a megabyte, what a core's cache holds. */
const BLOCK_ROWS = 32;

/** Rows `start` … `start + count` of a matrix, in float64; `data` is reused by the next block. */
export interface RowBlock {
  start: number;
  count: number;
  data: Float64Array;
}

/** Walks over the rows of A in order, converting each block to float64 once. */
export function* rowBlocks(A: Tensor): Generator<RowBlock> {
  const [n, p] = A.dims;
  const buffer = A.data instanceof Float64Array ? undefined : new Float64Array(BLOCK_ROWS * p);
  for (let start = 0; start < n; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, n - start);
    const rows = A.data.subarray(start * p, (start + count) * p);
    if (buffer) buffer.set(rows);
    yield { start, count, data: buffer ?? (rows as Float64Array) };
  }
}

/** out [n, m] = X Yᵀ for X [n, p], Y [m, p]: dot products of rows, 2 × 4 at a time. */
export function timesTranspose(
  X: Float64Array,
  n: number,
  Y: Float64Array,
  m: number,
  p: number,
  out: Float64Array,
): void {
  const n2 = n - (n % 2);
  const m4 = m - (m % 4);
  for (let i = 0; i < n2; i += 2) {
    const x0 = i * p;
    const x1 = x0 + p;
    for (let j = 0; j < m4; j += 4) {
      const y0 = j * p;
      const y1 = y0 + p;
      const y2 = y1 + p;
      const y3 = y2 + p;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let k = 0; k < p; k++) {
        const a = X[x0 + k];
        const b = X[x1 + k];
        const c0 = Y[y0 + k];
        const c1 = Y[y1 + k];
        const c2 = Y[y2 + k];
        const c3 = Y[y3 + k];
        s00 += a * c0;
        s01 += a * c1;
        s02 += a * c2;
        s03 += a * c3;
        s10 += b * c0;
        s11 += b * c1;
        s12 += b * c2;
        s13 += b * c3;
      }
      const o = i * m + j;
      out[o] = s00;
      out[o + 1] = s01;
      out[o + 2] = s02;
      out[o + 3] = s03;
      out[o + m] = s10;
      out[o + m + 1] = s11;
      out[o + m + 2] = s12;
      out[o + m + 3] = s13;
    }
    for (let j = m4; j < m; j++) {
      out[i * m + j] = dot(X, x0, Y, j * p, p);
      out[(i + 1) * m + j] = dot(X, x1, Y, j * p, p);
    }
  }
  if (n2 < n) for (let j = 0; j < m; j++) out[n2 * m + j] = dot(X, n2 * p, Y, j * p, p);
}

/** Σ_k x[xStart + k] · y[yStart + k] over `length` elements. */
export function dot(
  x: Float64Array,
  xStart: number,
  y: Float64Array,
  yStart: number,
  length: number,
): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += x[xStart + k] * y[yStart + k];
  return sum;
}

/** out [m, p] += Xᵀ Y for X [n, m], Y [n, p]: four rows of Y at a time into two rows of out. */
export function addTransposeTimes(
  X: Float64Array,
  n: number,
  m: number,
  Y: Float64Array,
  p: number,
  out: Float64Array,
): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let t = 0;
    for (; t + 2 <= m; t += 2) addFourRowsToTwo(X, i * m + t, m, Y, i * p, p, out, t * p);
    if (t < m) for (let q = i; q < i + 4; q++) addScaled(X[q * m + t], Y, q * p, p, out, t * p);
  }
  for (; i < n; i++) for (let t = 0; t < m; t++) addScaled(X[i * m + t], Y, i * p, p, out, t * p);
}

function addFourRowsToTwo(
  X: Float64Array,
  x: number,
  m: number,
  Y: Float64Array,
  y: number,
  p: number,
  out: Float64Array,
  o: number,
): void {
  const a0 = X[x];
  const a1 = X[x + m];
  const a2 = X[x + 2 * m];
  const a3 = X[x + 3 * m];
  const b0 = X[x + 1];
  const b1 = X[x + m + 1];
  const b2 = X[x + 2 * m + 1];
  const b3 = X[x + 3 * m + 1];
  const y1 = y + p;
  const y2 = y1 + p;
  const y3 = y2 + p;
  const o1 = o + p;
  for (let j = 0; j < p; j++) {
    const v0 = Y[y + j];
    const v1 = Y[y1 + j];
    const v2 = Y[y2 + j];
    const v3 = Y[y3 + j];
    out[o + j] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
    out[o1 + j] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3;
  }
}

function addScaled(a: number, Y: Float64Array, y: number, p: number, out: Float64Array, o: number): void {
  if (a === 0) return;
  for (let j = 0; j < p; j++) out[o + j] += a * Y[y + j];
}

/** out [n, p] = X Y for X [n, r], Y [r, p]. */
export function times(
  X: Float64Array,
  n: number,
  Y: Float64Array,
  r: number,
  p: number,
  out: Float64Array,
): void {
  out.fill(0, 0, n * p);
  for (let i = 0; i < n; i++) for (let t = 0; t < r; t++) addScaled(X[i * r + t], Y, t * p, p, out, i * p);
}

/** Xᵀ [m, n] of X [n, m], into `out` if given. */
export function transpose(
  X: Float64Array,
  n: number,
  m: number,
  out = new Float64Array(n * m),
): Float64Array {
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j * n + i] = X[i * m + j];
  return out;
}

/** X Xᵀ [m, m] of X [m, p], exactly symmetric. */
export function gramOfRows(X: Float64Array, m: number, p: number): Float64Array {
  const G = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) G[i * m + j] = G[j * m + i] = dot(X, i * p, X, j * p, p);
  }
  return G;
}
