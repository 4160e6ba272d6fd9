// Where NMF starts from: random factors, or the positive parts of the leading singular vectors.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Factors } from './nmf-cd.ts';
import type { Pace } from './pace.ts';
import { mean } from './stats.ts';
import { leadingSvd } from './svd.ts';

export type NamedInit = 'nndsvd' | 'nndsvda' | 'random';

/** Below this a singular vector's entry counts as 0 (scikit-learn's eps). */
const NEGLIGIBLE = 1e-6;

/** Start of a factorisation of A ≥ 0 with r concepts; r ≤ min(n, p) unless `init` is random. */
export async function initialFactors(
  A: Tensor,
  r: number,
  init: NamedInit,
  seed: number,
  pace: Pace,
): Promise<Factors> {
  const average = mean(A.data);
  if (init === 'random') return randomStart(A.dims[0], A.dims[1], r, Math.sqrt(average / r), seed);
  const factors = await nndsvd(A, r, seed, pace);
  if (init === 'nndsvda') {
    for (const X of [factors.U, factors.W]) for (let k = 0; k < X.length; k++) if (X[k] === 0) X[k] = average;
  }
  return factors;
}

/** |bell-shaped| · scale, so that U W has about the mean of A. */
export function randomStart(n: number, p: number, r: number, scale: number, seed: number): Factors {
  const rng = random(seed);
  const halfBell = (): number => {
    let sum = -6; // twelve uniforms have mean 6 and variance 1
    for (let i = 0; i < 12; i++) sum += rng.uniform();
    return scale * Math.abs(sum);
  };
  const W = Float64Array.from({ length: r * p }, halfBell);
  const U = Float64Array.from({ length: n * r }, halfBell);
  return { U, W };
}

/**
 * Non-negative double SVD: concept j is the positive or the negative part of the j-th singular pair,
 * whichever carries more; the first pair is positive as it is (Perron–Frobenius).
 *
 * @see Boutsidis and Gallopoulos, SVD based initialization (2008), Pattern Recognition 41(4), 1350–1362.
 */
async function nndsvd(A: Tensor, r: number, seed: number, pace: Pace): Promise<Factors> {
  const [n, p] = A.dims;
  const { Ut, s, Vt } = await leadingSvd(A, r, seed, pace);
  const U = new Float64Array(n * r);
  const W = new Float64Array(r * p);
  for (let j = 0; j < r; j++) {
    const [x, y] = startFromPair(Ut.subarray(j * n, (j + 1) * n), Vt.subarray(j * p, (j + 1) * p), s[j], j);
    for (let i = 0; i < n; i++) U[i * r + j] = x[i];
    for (let i = 0; i < p; i++) W[j * p + i] = y[i];
  }
  return { U, W };
}

/** Column j of U and row j of W from the j-th singular pair u, v of value s. */
export function startFromPair(
  u: Float64Array,
  v: Float64Array,
  s: number,
  j: number,
): [Float64Array, Float64Array] {
  const scale = Math.sqrt(s);
  const [x, y] =
    j === 0 ? [u.map((e) => scale * Math.abs(e)), v.map((e) => scale * Math.abs(e))] : dominantPart(u, v, s);
  for (const z of [x, y]) for (let k = 0; k < z.length; k++) if (z[k] < NEGLIGIBLE) z[k] = 0;
  return [x, y];
}

function dominantPart(u: Float64Array, v: Float64Array, s: number): [Float64Array, Float64Array] {
  const parts = [1, -1].map((sign) => {
    const x = u.map((e) => Math.max(sign * e, 0));
    const y = v.map((e) => Math.max(sign * e, 0));
    const [nx, ny] = [norm(x), norm(y)];
    return { x, y, nx, ny, mass: nx * ny };
  });
  const { x, y, nx, ny, mass } = parts[0].mass > parts[1].mass ? parts[0] : parts[1];
  if (mass === 0) return [x.fill(0), y.fill(0)]; // A has fewer than j singular values
  const scale = Math.sqrt(s * mass);
  return [x.map((e) => (scale * e) / nx), y.map((e) => (scale * e) / ny)];
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, e) => sum + e * e, 0));
}
