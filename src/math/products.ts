// The matrix products of a factorisation, in float64 on row-major arrays. A [n, p] is long, so it is
// read in blocks of rows; U [n, r] and W [r, p] are thin. Loops are tiled to keep partial sums in
// registers; the order of summation is fixed, so the same input gives the same bits.

import type { Tensor } from '../tensor/tensor.ts';

/** Rows in a block: 48 rows of 2048 float64 are 0.8 MB, which a core's cache holds; a multiple of 3 and 4. */
const BLOCK_ROWS = 48;

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

/** out [n, m] = X Yᵀ for X [n, p], Y [m, p]: dot products of rows, 3 × 3 at a time. */
export function timesTranspose(
  X: Float64Array,
  n: number,
  Y: Float64Array,
  m: number,
  p: number,
  out: Float64Array,
): void {
  const n3 = n - (n % 3);
  const m3 = m - (m % 3);
  for (let i = 0; i < n3; i += 3) {
    for (let j = 0; j < m3; j += 3) dots3x3(X, i * p, Y, j * p, p, out, i * m + j, m);
  }
  for (let i = 0; i < n; i++) {
    for (let j = i < n3 ? m3 : 0; j < m; j++) out[i * m + j] = dot(X, i * p, Y, j * p, p);
  }
}

/** The nine products of three rows of X and three of Y, each pair of loads used three times. */
function dots3x3(
  X: Float64Array,
  x: number,
  Y: Float64Array,
  y: number,
  p: number,
  out: Float64Array,
  o: number,
  m: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  for (let k = 0; k < p; k++) {
    const a0 = X[x + k];
    const a1 = X[x + p + k];
    const a2 = X[x + 2 * p + k];
    const b0 = Y[y + k];
    const b1 = Y[y + p + k];
    const b2 = Y[y + 2 * p + k];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
  }
  out[o] = s00;
  out[o + 1] = s01;
  out[o + 2] = s02;
  out[o + m] = s10;
  out[o + m + 1] = s11;
  out[o + m + 2] = s12;
  out[o + 2 * m] = s20;
  out[o + 2 * m + 1] = s21;
  out[o + 2 * m + 2] = s22;
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
  addTransposeTimes(transpose(X, n, r), r, n, Y, p, out);
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
