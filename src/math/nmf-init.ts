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
  const [positive, negative] = [1, -1].map((sign) => ({
    sign,
    nu: partNorm(u, sign),
    nv: partNorm(v, sign),
  }));
  const larger = positive.nu * positive.nv > negative.nu * negative.nv ? positive : negative;
  const { sign, nu, nv } = larger;
  if (nu * nv === 0) return [new Float64Array(u.length), new Float64Array(v.length)]; // A has fewer singular values
  const scale = Math.sqrt(s * nu * nv);
  return [scaledPart(u, sign, scale, nu), scaledPart(v, sign, scale, nv)];
}

/** Norm of the entries with this sign. */
function partNorm(x: Float64Array, sign: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) if (sign * x[k] > 0) sum += x[k] * x[k];
  return Math.sqrt(sum);
}

/** scale · |x| / norm where x has this sign, else 0. */
function scaledPart(x: Float64Array, sign: number, scale: number, norm: number): Float64Array {
  const part = new Float64Array(x.length);
  for (let k = 0; k < x.length; k++) part[k] = (scale * Math.max(sign * x[k], 0)) / norm;
  return part;
}
