// The bootstrap of total Sobol' indices: design rows and inputs drawn together.
//
// Notation: N = design size, r = concepts, y = f on the rows of replicatedDesign (A, B, C_0 … C_(r−1)).

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { drawCounts } from './bootstrap.ts';
import { timesTranspose } from './products.ts';
import { type EstimatorName, estimators, type Moments, varianceOfA } from './sobol.ts';
import { mean } from './stats.ts';

/** Variance of a resample, as a share of its mean square, that is only rounding. */
const NO_VARIANCE = 1e-13;
/** Rows of resamples are kept together this many at a time, which bounds memory for many inputs. */
const RESAMPLES_AT_ONCE = 64;

/** y of input k, [N(r + 2)], in float64. */
export function outputsOf(outputs: Tensor, k: number): Float64Array {
  const width = outputs.dims[1];
  return Float64Array.from(outputs.data.subarray(k * width, (k + 1) * width));
}

/**
 * Resampled totals [resamples, r]. Per input the products of its outputs, [6 sums, N], times the draws of
 * the design rows, [resamples, N], give the moments of all resamples at once.
 */
export function resampleSobol(
  outputs: Tensor,
  N: number,
  r: number,
  varying: Uint8Array,
  estimator: EstimatorName,
  resamples: number,
  seed: number,
): Float64Array {
  const inputs = outputs.dims[0];
  const resampled = new Float64Array(resamples * r);
  const rng = random(seed);
  const rowCounts = new Float64Array(RESAMPLES_AT_ONCE * N);
  const inputCounts = new Float64Array(RESAMPLES_AT_ONCE * inputs);
  for (let start = 0; start < resamples; start += RESAMPLES_AT_ONCE) {
    const count = Math.min(RESAMPLES_AT_ONCE, resamples - start);
    for (let b = 0; b < count; b++) {
      drawCounts(rng, N, rowCounts.subarray(b * N, (b + 1) * N));
      drawCounts(rng, inputs, inputCounts.subarray(b * inputs, (b + 1) * inputs));
    }
    for (let k = 0; k < inputs; k++) {
      if (!varying[k]) continue;
      const { rows, shift } = momentRows(outputsOf(outputs, k), N, r);
      const sums = new Float64Array((count * rows.length) / N);
      timesTranspose(rowCounts, count, rows, rows.length / N, N, sums);
      for (let b = 0; b < count; b++) {
        const weight = inputCounts[b * inputs + k] / inputs;
        if (weight > 0) addIndices(sums, b, N, r, shift, estimators[estimator], weight, resampled, start + b);
      }
    }
  }
  return resampled;
}

/** Row by row over the design: a', a'², then c', c'², a'c', (a − c)² for each C_i, [2 + 4r, N]. */
function momentRows(y: Float64Array, N: number, r: number): { rows: Float64Array; shift: number } {
  const shift = mean(y.subarray(0, N));
  const rows = new Float64Array((2 + 4 * r) * N);
  for (let n = 0; n < N; n++) {
    const a = y[n] - shift;
    rows[n] = a;
    rows[N + n] = a * a;
    for (let i = 0; i < r; i++) {
      const c = y[(2 + i) * N + n] - shift;
      const at = (2 + 4 * i) * N + n;
      rows[at] = c;
      rows[at + N] = c * c;
      rows[at + 2 * N] = a * c;
      rows[at + 3 * N] = (a - c) ** 2;
    }
  }
  return { rows, shift };
}

function addIndices(
  sums: Float64Array,
  b: number,
  N: number,
  r: number,
  shift: number,
  estimator: (m: Moments) => number,
  weight: number,
  resampled: Float64Array,
  row: number,
): void {
  const from = b * (2 + 4 * r);
  const moments = {
    N,
    shift,
    sumA: sums[from],
    sumAA: sums[from + 1],
    sumC: 0,
    sumCC: 0,
    sumAC: 0,
    sumDD: 0,
  };
  if (varianceOfA(moments) <= (NO_VARIANCE * moments.sumAA) / N) return; // all rows drawn have one output
  for (let i = 0; i < r; i++) {
    const at = from + 2 + 4 * i;
    moments.sumC = sums[at];
    moments.sumCC = sums[at + 1];
    moments.sumAC = sums[at + 2];
    moments.sumDD = sums[at + 3];
    resampled[row * r + i] += weight * estimator(moments);
  }
}
