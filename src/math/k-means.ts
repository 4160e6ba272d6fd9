// Cluster centres of the rows of a matrix, as a start for factorisations of signed data.

import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Pace } from './pace.ts';
import { addTransposeTimes, dot, rowBlocks, timesTranspose } from './products.ts';

/** A start need not be converged. */
const LLOYD_ITERATIONS = 10;

/**
 * Centres C [k, p] of A [n, p]: k-means++ seeding, then up to 10 iterations of Lloyd's. Where A has
 * fewer than k different rows the rest of the centres are 0. Cost O(n p k) an iteration.
 *
 * @see Arthur and Vassilvitskii, k-means++: the advantages of careful seeding (SODA 2007).
 */
export async function clusterCenters(A: Tensor, k: number, rng: Random, pace: Pace): Promise<Float64Array> {
  const p = A.dims[1];
  const C = await seedCenters(A, k, rng, pace);
  for (let iteration = 0, moved = true; moved && iteration < LLOYD_ITERATIONS; iteration++) {
    const { sums, sizes } = await assign(A, C, k, pace);
    moved = false;
    for (let c = 0; c < k; c++) {
      if (sizes[c] === 0) continue; // nobody's nearest: it stays
      for (let j = 0; j < p; j++) {
        const value = sums[c * p + j] / sizes[c];
        if (value !== C[c * p + j]) moved = true;
        C[c * p + j] = value;
      }
    }
  }
  return C;
}

/** Rows of A, each drawn with probability proportional to the squared distance from those drawn before. */
async function seedCenters(A: Tensor, k: number, rng: Random, pace: Pace): Promise<Float64Array> {
  const [n, p] = A.dims;
  const C = new Float64Array(k * p);
  const distances = new Float64Array(n).fill(Infinity);
  let row = rng.below(n);
  for (let c = 0; c < k; c++) {
    const center = C.subarray(c * p, (c + 1) * p);
    center.set(A.data.subarray(row * p, (row + 1) * p));
    let total = 0;
    for (const { start, count, data } of rowBlocks(A)) {
      for (let i = 0; i < count; i++) {
        let distance = 0;
        for (let j = 0; j < p; j++) distance += (data[i * p + j] - center[j]) ** 2;
        total += distances[start + i] = Math.min(distances[start + i], distance);
      }
      await pace.rest();
    }
    if (total === 0) break;
    row = draw(distances, total * rng.uniform());
  }
  return C;
}

/** Index at which the running sum of `weights` passes `target`; never one of weight 0. */
function draw(weights: Float64Array, target: number): number {
  let sum = 0;
  let chosen = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    chosen = i;
    if ((sum += weights[i]) > target) break;
  }
  return chosen;
}

/** Sum and number of the rows nearest to each centre; the first of equally near ones. */
async function assign(
  A: Tensor,
  C: Float64Array,
  k: number,
  pace: Pace,
): Promise<{ sums: Float64Array; sizes: Float64Array }> {
  const p = A.dims[1];
  const halfNorms = Float64Array.from({ length: k }, (_, c) => dot(C, c * p, C, c * p, p) / 2);
  const sums = new Float64Array(k * p);
  const sizes = new Float64Array(k);
  for (const { count, data } of rowBlocks(A)) {
    const scores = new Float64Array(count * k);
    timesTranspose(data, count, C, k, p, scores);
    for (let i = 0; i < count; i++) {
      let nearest = 0;
      for (let c = 1; c < k; c++) {
        if (scores[i * k + c] - halfNorms[c] > scores[i * k + nearest] - halfNorms[nearest]) nearest = c;
      }
      scores.fill(0, i * k, (i + 1) * k);
      scores[i * k + nearest] = 1; // from here on: membership
      sizes[nearest]++;
    }
    addTransposeTimes(scores, count, k, data, p, sums);
    await pace.rest();
  }
  return { sums, sizes };
}
