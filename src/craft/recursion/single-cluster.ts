// Whether rows fall into groups, or are one cluster that is merely long: the share of their spread that a few
// groups explain, next to what as many explain of one Gaussian cluster of the same covariance.
//
// Notation: â the rows of A scaled to norm 1, X [n, d] their coordinates along their d principal axes, σ_j the
// standard deviation along axis j. k groups explain 1 − Σ ‖x − c(x)‖² / Σ ‖x‖², c(x) the nearest of k centres.

import { clusterCenters } from '../../math/k-means.ts';
import { pace } from '../../math/pace.ts';
import { mean, variance } from '../../math/stats.ts';
import { leadingSvd } from '../../math/svd.ts';
import { type Random, random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { evenly, takeRows } from './select.ts';

/** Groups against one cluster. */
export interface Grouping {
  /** Share of the spread of the rows that the groups explain, 0 … 1. */
  readonly explained: number;
  /** Mean of the same over draws of one cluster. */
  readonly single: number;
  /** explained − single, in standard deviations of these draws. */
  readonly beyond: number;
}

/** Draws of one cluster. */
const DRAWS = 100;
/** Starts of k-means, of which the best counts. */
const STARTS = 4;
/** Of more rows so many are looked at: the exact decomposition grows with their cube. */
const MOST_ROWS = 128;

/**
 * Compares k groups of rows with k groups of draws from N(0, diag σ²), by direction: lengths are left out, as a
 * coefficient scales a concept and does not make it another.
 *
 * @param A - rows [n, p] in the order of a ranking; rows of 0 are left out. n > k.
 * @returns null if fewer than k + 2 rows are not 0, or all have one direction.
 * @see Liu, Hayes, Nobel and Marron, Statistical significance of clustering for high-dimension, low-sample size
 *   data (2008), JASA 103, 1281–1293: SigClust, whose cluster index is 1 − `explained` at k = 2.
 */
export async function groupsBeyondOne(
  A: Tensor<Float32Array>,
  k: number,
  { seed, signal }: { seed: number; signal?: AbortSignal },
): Promise<Grouping | null> {
  const turns = pace('examine', signal);
  const directions = centredDirections(takeRows(A, evenly([...Array(A.dims[0]).keys()], MOST_ROWS)));
  const [n, p] = directions.dims;
  if (n < k + 2) return null;
  const d = Math.min(n - 1, p);
  const { Ut, s } = await leadingSvd(directions, d, seed, turns);
  if (!(s[0] > 1e-6)) return null; // float32 rows of norm 1 are no more alike than this
  const rng = random(seed, 2);
  const own = Float64Array.from(
    { length: n * d },
    (_, at) => s[at % d] * Ut[(at % d) * n + Math.floor(at / d)],
  );
  const explained = await explainedBy({ data: own, dims: [n, d] }, k, rng);
  const draws: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    draws.push(await explainedBy(oneCluster(s, n, rng), k, rng));
    await turns.rest();
  }
  const single = mean(draws);
  const deviation = Math.sqrt(variance(draws));
  return { explained, single, beyond: deviation > 0 ? (explained - single) / deviation : 0 };

  async function explainedBy(X: Tensor<Float64Array>, groups: number, stream: Random): Promise<number> {
    let best = 0;
    for (let start = 0; start < STARTS; start++) {
      const centres = await clusterCenters(X, groups, stream, turns);
      best = Math.max(best, shareExplained(X, centres));
    }
    return best;
  }
}

/** Rows of norm 1 with their mean taken off; rows of 0 are dropped. */
function centredDirections({ data, dims: [n, p] }: Tensor<Float32Array>): Tensor<Float64Array> {
  const rows: Float64Array[] = [];
  for (let row = 0; row < n; row++) {
    const own = Float64Array.from(data.subarray(row * p, (row + 1) * p));
    const norm = Math.sqrt(own.reduce((sum, a) => sum + a * a, 0));
    if (norm > 0) rows.push(own.map((a) => a / norm));
  }
  const out = new Float64Array(rows.length * p);
  for (let c = 0; c < p; c++) {
    const centre = rows.reduce((sum, row) => sum + row[c], 0) / rows.length;
    rows.forEach((row, k) => {
      out[k * p + c] = row[c] - centre;
    });
  }
  return { data: out, dims: [rows.length, p] };
}

/** n draws from N(0, diag σ²), σ_j = s_j / √(n − 1), with their mean taken off, as it is from the rows. */
function oneCluster(s: Float64Array, n: number, rng: Random): Tensor<Float64Array> {
  const d = s.length;
  const data = new Float64Array(n * d);
  for (let at = 0; at < data.length; at++) data[at] = (s[at % d] / Math.sqrt(n - 1)) * bell(rng);
  for (let j = 0; j < d; j++) {
    let centre = 0;
    for (let at = j; at < data.length; at += d) centre += data[at] / n;
    for (let at = j; at < data.length; at += d) data[at] -= centre;
  }
  return { data, dims: [n, d] };
}

/** A sum of twelve uniforms: mean 0, variance 1, the same bits in every engine. */
function bell(rng: Random): number {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += rng.uniform();
  return sum;
}

function shareExplained({ data, dims: [n, d] }: Tensor<Float64Array>, centres: Float64Array): number {
  let [within, total] = [0, 0];
  for (let row = 0; row < n; row++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let from = 0; from < centres.length; from += d) {
      let square = 0;
      for (let j = 0; j < d; j++) square += (data[row * d + j] - centres[from + j]) ** 2;
      nearest = Math.min(nearest, square);
    }
    within += nearest;
    for (let j = 0; j < d; j++) total += data[row * d + j] ** 2;
  }
  return total > 0 ? 1 - within / total : 0;
}
