// The leading singular triplets of A [n, p]: exact for small matrices, a seeded sketch for large ones.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Pace } from './pace.ts';
import { addTransposeTimes, dot, rowBlocks, times, timesTranspose, transpose } from './products.ts';

/** Rank-k part of A = Σ_j s_j u_j v_jᵀ, largest first. */
export interface Svd {
  /** Row j is u_j, [k, n]; orthonormal. */
  Ut: Float64Array;
  /** [k], descending, ≥ 0. */
  s: Float64Array;
  /** Row j is v_j, [k, p]; orthonormal, or 0 where s_j is 0. */
  Vt: Float64Array;
}

/** Up to this min(n, p) the decomposition is exact: a second of work at most. */
const EXACT_UP_TO = 128;
const OVERSAMPLING = 20;
const POWER_ITERATIONS = 4;

/**
 * The first k singular triplets, k ≤ min(n, p). Exact if min(n, p) ≤ 128 or the sketch would be as
 * wide as A; else by a randomised range finder with k + 20 columns of ±1 and 4 power iterations,
 * which costs 10 passes over A.
 *
 * @see Halko, Martinsson and Tropp, Finding structure with randomness (2011), SIAM Rev. 53(2), alg. 4.4.
 */
export async function leadingSvd(A: Tensor, k: number, seed: number, pace: Pace): Promise<Svd> {
  const [n, p] = A.dims;
  const width = k + OVERSAMPLING;
  if (Math.min(n, p) <= Math.max(EXACT_UP_TO, width)) return truncate(exactSvd(A), k, n, p);

  const rng = random(seed);
  let V: Float64Array = Float64Array.from({ length: width * p }, () => (rng.uint32() & 1 ? 1 : -1));
  let Q: Float64Array = new Float64Array(0); // rows: an orthonormal basis of the sketch's range, [width, n]
  for (let i = 0; i <= POWER_ITERATIONS; i++) {
    Q = transpose(await timesRows(A, V, width, pace), n, width);
    orthonormalizeRows(Q, width, n);
    V = await rowsTimes(Q, width, A, pace);
    if (i < POWER_ITERATIONS) orthonormalizeRows(V, width, p);
  }
  const { Ut, s, Vt } = svdOfWide(V, width, p); // A ≈ Qᵀ (Q A)
  const lifted = new Float64Array(width * n);
  times(Ut, width, Q, width, n, lifted);
  return truncate({ Ut: lifted, s, Vt }, k, n, p);
}

function truncate({ Ut, s, Vt }: Svd, k: number, n: number, p: number): Svd {
  return { Ut: Ut.subarray(0, k * n), s: s.subarray(0, k), Vt: Vt.subarray(0, k * p) };
}

function exactSvd(A: Tensor): Svd {
  const [n, p] = A.dims;
  const X = Float64Array.from(A.data);
  if (n <= p) return svdOfWide(X, n, p);
  const { Ut, s, Vt } = svdOfWide(transpose(X, n, p), p, n);
  return { Ut: Vt, s, Vt: Ut };
}

/** A Vᵀ [n, m] for V [m, p]. */
async function timesRows(A: Tensor, V: Float64Array, m: number, pace: Pace): Promise<Float64Array> {
  const [n, p] = A.dims;
  const out = new Float64Array(n * m);
  for (const { start, count, data } of rowBlocks(A)) {
    timesTranspose(data, count, V, m, p, out.subarray(start * m, (start + count) * m));
    await pace.rest();
  }
  return out;
}

/** Q A [m, p] for Q [m, n]. */
async function rowsTimes(Q: Float64Array, m: number, A: Tensor, pace: Pace): Promise<Float64Array> {
  const [n, p] = A.dims;
  const Qt = transpose(Q, m, n);
  const out = new Float64Array(m * p);
  for (const { start, count, data } of rowBlocks(A)) {
    addTransposeTimes(Qt.subarray(start * m, (start + count) * m), count, m, data, p, out);
    await pace.rest();
  }
  return out;
}

/**
 * Makes the rows of X [m, p] orthonormal in place, by modified Gram–Schmidt done twice; a row that
 * depends on those before it becomes 0.
 *
 * @returns L [m, m], lower triangular, with X before = L · X after.
 */
export function orthonormalizeRows(X: Float64Array, m: number, p: number): Float64Array {
  const L = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    const before = Math.sqrt(dot(X, i * p, X, i * p, p));
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j < i; j++) {
        const along = dot(X, i * p, X, j * p, p);
        L[i * m + j] += along;
        for (let c = 0; c < p; c++) X[i * p + c] -= along * X[j * p + c];
      }
    }
    const norm = Math.sqrt(dot(X, i * p, X, i * p, p));
    const independent = norm > 1e-14 * before; // below: only rounding is left
    L[i * m + i] = independent ? norm : 0;
    for (let c = 0; c < p; c++) X[i * p + c] = independent ? X[i * p + c] / norm : 0;
  }
  return L;
}

/** SVD of X [m, p], m ≤ p (changed): X = L Q, then one-sided Jacobi on L. */
function svdOfWide(X: Float64Array, m: number, p: number): Svd {
  const L = orthonormalizeRows(X, m, p);
  const J = jacobiRows(L, m); // J L = diag(s) V'
  const norms = Float64Array.from({ length: m }, (_, i) => Math.sqrt(dot(L, i * m, L, i * m, m)));
  const order = Array.from(norms.keys()).sort((a, b) => norms[b] - norms[a] || a - b);
  const s = Float64Array.from(order, (i) => norms[i]);
  const Ut = new Float64Array(m * m);
  const V = new Float64Array(m * m);
  order.forEach((i, rank) => {
    Ut.set(J.subarray(i * m, (i + 1) * m), rank * m);
    if (s[rank] > 0)
      V.set(
        L.subarray(i * m, (i + 1) * m).map((v) => v / s[rank]),
        rank * m,
      );
  });
  const Vt = new Float64Array(m * p);
  times(V, m, X, m, p, Vt);
  return { Ut, s, Vt };
}

/**
 * One-sided Jacobi: rotates pairs of rows of L [m, m] in place until all are orthogonal, and returns
 * the product of the rotations J [m, m], orthogonal, so that J · L before = L after.
 *
 * @see Demmel and Veselić, Jacobi's method is more accurate than QR (1992), SIAM J. Matrix Anal. 13(4).
 */
export function jacobiRows(L: Float64Array, m: number): Float64Array {
  const J = new Float64Array(m * m);
  for (let i = 0; i < m; i++) J[i * m + i] = 1;
  for (let round = 0, rotated = true; rotated && round < 60; round++) {
    rotated = false;
    for (let i = 0; i < m - 1; i++) {
      for (let j = i + 1; j < m; j++) {
        const alpha = dot(L, i * m, L, i * m, m);
        const beta = dot(L, j * m, L, j * m, m);
        const gamma = dot(L, i * m, L, j * m, m);
        if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(L, i * m, j * m, m, c, c * t);
        rotate(J, i * m, j * m, m, c, c * t);
      }
    }
  }
  return J;
}

function rotate(X: Float64Array, i: number, j: number, length: number, c: number, s: number): void {
  for (let k = 0; k < length; k++) {
    const x = X[i + k];
    const y = X[j + k];
    X[i + k] = c * x - s * y;
    X[j + k] = s * x + c * y;
  }
}
