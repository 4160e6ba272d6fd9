// Importance of concepts over a set of inputs, with its uncertainty: total Sobol' indices by sampling,
// or their closed form where the head is affine.
//
// Notation: N = design size, r = concepts, y = f on the rows of replicatedDesign (A, B, C_0 … C_(r−1)).

import { CraftError } from '../errors.ts';
import { random } from '../tensor/random.ts';
import { checkMatrix, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { checkBootstrap, drawCounts, type ImportanceResult, intervals } from './bootstrap.ts';
import { outputsOf, resampleSobol } from './resample-sobol.ts';
import { type EstimatorName, estimators, glen, homma, janon, jansen, saltelli } from './sobol.ts';

export { signedEffect } from './signed-effect.ts';
export type { ImportanceResult };

const estimatorFunctions = { jansen, homma, janon, glen, saltelli } satisfies Record<
  EstimatorName,
  typeof jansen
>;

/**
 * Mean over inputs of the total Sobol' indices, with a percentile bootstrap interval. A resample draws
 * inputs, and rows of the design (the same for every input, as the design is shared), both with
 * replacement and together: the interval covers the choice of inputs and the size of the design.
 * Rows of a quasi-random design are more even than independent ones, so the interval is on the wide side.
 *
 * An input is degenerate, and counts 0 for all concepts, if y does not change over A: exactly, or for
 * float32 outputs by no more than a few roundings of float32.
 *
 * Cost O(inputs · N · r · resamples), a dense product; the sums of a resample are taken from per-row
 * products made once.
 *
 * @param request - outputs: y, one row an input, [inputs, N(r + 2)], the rows of B not read; nbDesign: N,
 *   at least 2; estimator; confidence in (0, 1), default 0.95; resamples, default 1000; seed, default 0.
 * @throws {@link CraftError} `SHAPE` if outputs is not [inputs, N(r + 2)]; `VALUE` if an output that is
 *   read is not finite or an option is out of range; `OPTION` for an unknown estimator.
 * @see Archer, Saltelli and Sobol', Sensitivity measures, ANOVA-like techniques and the use of bootstrap
 *   (1997), J. Stat. Comput. Simul. 58, 99–120.
 */
export function sobolImportance(request: {
  outputs: Tensor;
  nbDesign: number;
  estimator: EstimatorName;
  confidence?: number;
  resamples?: number;
  seed?: number;
}): ImportanceResult {
  const { outputs, nbDesign: N, estimator, confidence = 0.95, resamples = 1000, seed = 0 } = request;
  checkBootstrap('sobolImportance', confidence, resamples, seed);
  const r = checkOutputs(outputs, N);
  if (!Object.hasOwn(estimators, estimator)) {
    throw new CraftError(
      'OPTION',
      `sobolImportance: expected estimator ${Object.keys(estimators).join(', ')}; got ${estimator}`,
    );
  }

  const inputs = outputs.dims[0];
  const perInput = new Float64Array(inputs * r);
  const varying = new Uint8Array(inputs);
  for (let k = 0; k < inputs; k++) {
    const y = outputsOf(outputs, k);
    varying[k] = varies(y.subarray(0, N), outputs.data instanceof Float32Array) ? 1 : 0;
    if (varying[k]) perInput.set(estimatorFunctions[estimator](y, N), k * r);
  }
  const total = columnMeans(perInput, inputs, r);
  const resampled = resampleSobol(outputs, N, r, varying, estimator, resamples, seed);
  return {
    total,
    ...intervals(total, resampled, confidence),
    perInput: { data: perInput, dims: [inputs, r] },
    degenerate: varying.reduce((count, v) => count + 1 - v, 0),
  };
}

/**
 * Total Sobol' indices of an output that is affine in the concepts, y = b + Σ_i c_i m_i, exactly:
 * S_Ti = c_i² / Σ_j c_j² for each input, then the mean over inputs. The bootstrap is over inputs only,
 * as there is no design. An input with all c_i = 0 is degenerate and counts 0.
 *
 * @param request - contributions: c, one row an input, [inputs, r]; confidence, resamples and seed as for
 *   {@link sobolImportance}.
 * @throws {@link CraftError} `SHAPE` or `VALUE` for a bad matrix, `VALUE` for an option out of range.
 */
export function affineImportance(request: {
  contributions: Tensor;
  confidence?: number;
  resamples?: number;
  seed?: number;
}): ImportanceResult {
  const { contributions, confidence = 0.95, resamples = 1000, seed = 0 } = request;
  checkBootstrap('affineImportance', confidence, resamples, seed);
  checkMatrix(contributions, 'affineImportance: contributions');
  const [inputs, r] = contributions.dims;
  const perInput = new Float64Array(inputs * r);
  let degenerate = 0;
  for (let k = 0; k < inputs; k++) {
    const c = Float64Array.from(contributions.data.subarray(k * r, (k + 1) * r));
    const largest = c.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    if (largest === 0) degenerate++;
    else perInput.set(shares(c.map((v) => (v / largest) ** 2)), k * r); // squares neither overflow nor vanish
  }
  const total = columnMeans(perInput, inputs, r);
  const resampled = new Float64Array(resamples * r);
  const rng = random(seed);
  const counts = new Float64Array(inputs);
  for (let b = 0; b < resamples; b++) {
    drawCounts(rng, inputs, counts);
    for (let k = 0; k < inputs; k++) {
      if (counts[k] === 0) continue;
      for (let i = 0; i < r; i++) resampled[b * r + i] += (counts[k] * perInput[k * r + i]) / inputs;
    }
  }
  return {
    total,
    ...intervals(total, resampled, confidence),
    perInput: { data: perInput, dims: [inputs, r] },
    degenerate,
  };
}

function checkOutputs(outputs: Tensor, N: number): number {
  checkTensor(outputs, 'sobolImportance: outputs');
  const [inputs, width] = outputs.dims;
  const r = width / N - 2;
  if (
    outputs.dims.length !== 2 ||
    inputs < 1 ||
    !(Number.isInteger(N) && N >= 2 && Number.isInteger(r) && r >= 1)
  ) {
    throw new CraftError(
      'SHAPE',
      `sobolImportance: expected outputs [inputs, N(r + 2)] with N ≥ 2, r ≥ 1; got [${outputs.dims}] for N = ${N}`,
    );
  }
  const bad = outputs.data.findIndex((v, k) => !Number.isFinite(v) && !isOfB(k % width, N));
  if (bad >= 0) {
    throw new CraftError(
      'VALUE',
      `sobolImportance: expected finite outputs; got ${outputs.data[bad]} at input ${Math.floor(bad / width)}, design row ${bad % width}`,
    );
  }
  return r;
}

const isOfB = (row: number, N: number): boolean => row >= N && row < 2 * N;

/** Whether y on A changes by more than rounding: 8 units in the last place of float32 (2⁻²⁴), or at all in float64. */
function varies(a: Float64Array, isFloat32: boolean): boolean {
  let [least, most] = [a[0], a[0]];
  for (const v of a) [least, most] = [Math.min(least, v), Math.max(most, v)];
  return most - least > (isFloat32 ? 8 * 2 ** -24 * Math.max(-least, most) : 0);
}

function columnMeans(X: Float64Array, n: number, r: number): Float64Array {
  const means = new Float64Array(r);
  for (let k = 0; k < n * r; k++) means[k % r] += X[k];
  return means.map((sum) => sum / n);
}

function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((v) => v / sum);
}
