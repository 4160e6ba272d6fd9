// Whether an affine map reads the locations of a latent through one weighted sum of them.
//
// Notation: P affine on latents x [T, p], b = P(0); P(x) − b = L(Σₜ wₜ xₜ) with one linear L and weights of sum 1.
// Then P(x) = P(x̄ at every location), x̄ = Σₜ wₜ xₜ. Both sides are affine in x, so that if they differ
// anywhere they differ at almost every x: one random x decides.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fromLatents, type LatentShape } from './layout.ts';

/** wₜ of every location. */
export type Weights = readonly number[];

/** Of the largest difference that P makes: float32 sums over locations in another order. Another read differs by 1e-2. */
const SAME = 1e-4;

/**
 * The weights that P reads the locations by, of those that heads have: the mean of all, the mean without the
 * prefix tokens, the first location or the last. null if it is none of these.
 *
 * @param run - P on latents in h's layout: [n, …] → [n, q] row by row.
 */
export async function readingOf(
  run: (latents: Tensor<Float32Array>) => Promise<Float32Array>,
  shape: LatentShape,
): Promise<Weights | null> {
  const { locations: T, width: p } = shape;
  const candidates = candidateWeights(shape);
  const count = 2 + candidates.length; // 0, x, and x̄ everywhere for each candidate
  const data = new Float32Array(count * T * p);
  const x = data.subarray(T * p, 2 * T * p);
  const rng = random(0);
  for (let k = 0; k < x.length; k++) x[k] = rng.uniform();
  candidates.forEach((weights, k) => {
    const mean = new Float64Array(p);
    weights.forEach((w, t) => {
      if (w !== 0) for (let c = 0; c < p; c++) mean[c] += w * x[t * p + c];
    });
    for (let t = 0; t < T; t++) data.set(mean, ((2 + k) * T + t) * p);
  });
  const rows = await run(fromLatents({ data, count, shape }));
  const q = rows.length / count;
  const row = (n: number): Float32Array => rows.subarray(n * q, (n + 1) * q);
  const size = distance(row(1), row(0));
  const found = candidates.findIndex((_, k) => distance(row(2 + k), row(1)) <= SAME * size);
  return size > 0 && found >= 0 ? candidates[found] : null;
}

function candidateWeights({ locations: T, prefixTokens }: LatentShape): number[][] {
  const weights = (of: (t: number) => number): number[] => Array.from({ length: T }, (_, t) => of(t));
  const grid = T - prefixTokens;
  return [
    weights(() => 1 / T),
    ...(prefixTokens > 0 ? [weights((t) => (t < prefixTokens ? 0 : 1 / grid))] : []),
    weights((t) => (t === 0 ? 1 : 0)),
    weights((t) => (t === T - 1 ? 1 : 0)),
  ];
}

function distance(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let k = 0; k < a.length; k++) largest = Math.max(largest, Math.abs(a[k] - b[k]));
  return largest;
}
