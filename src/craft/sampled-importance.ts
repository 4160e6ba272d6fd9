// Total Sobol indices from scores on designs.

import { designsPerInput } from '../math/bootstrap-means.ts';
import { type ImportanceResult, sobolImportance } from '../math/importance.ts';
import type { EstimatorName } from '../math/sobol.ts';
import { designsOf, effectOf, masksOf, type SamplerName } from './design-masks.ts';
import type { ImportancePath, MaskedScores, Masks } from './score-request.ts';

/** What the designs and the estimate depend on. */
interface SamplingOptions {
  readonly nbDesign: number;
  readonly sampler: SamplerName;
  readonly estimator: EstimatorName;
  readonly confidence: number;
}

/** An importance that was sampled. */
interface Sampled extends ImportanceResult, Omit<MaskedScores, 'y'> {
  readonly effect: Float64Array;
  readonly contributions: null;
  readonly method: 'sobol';
  readonly path: ImportancePath;
}

/** y of masks on every input. */
export type Scores = (masks: Masks) => Promise<MaskedScores>;

/**
 * Every input is scored on a design of its own (on several where inputs are few, see {@link designsPerInput}), so
 * that errors of designs average out; the reference's Halton design is one for all.
 *
 * @param of - how many inputs, r, and the path of the scores.
 */
export async function sampledImportance(
  scores: Scores,
  { inputs, rank: r, path }: { inputs: number; rank: number; path: ImportancePath },
  { nbDesign: N, sampler, estimator, confidence }: SamplingOptions,
  seed: number,
): Promise<Sampled> {
  const designs = designsOf(sampler, r, N, seed);
  const perInput = designs.isShared ? 1 : designsPerInput(inputs);
  const { y, ...counts } = await scores(masksOf(designs, N, r, perInput));

  const [given, width] = [N * (r + 1), N * (r + 2)];
  const rows = inputs * perInput;
  const outputs = new Float64Array(rows * width).fill(Number.NaN); // no estimator reads the rows of B
  const effect = new Float64Array(r);
  for (let k = 0; k < rows; k++) {
    const own = y.subarray(k * given, (k + 1) * given);
    outputs.set(own.subarray(0, N), k * width);
    outputs.set(own.subarray(N), k * width + 2 * N);
    effectOf(own, designs.points(k).data, N).forEach((e, i) => {
      effect[i] += e / rows;
    });
  }
  const result = sobolImportance({
    outputs: { data: outputs, dims: [rows, width] },
    nbDesign: N,
    estimator,
    designs: designs.isShared ? 'shared' : perInput,
    confidence,
    seed,
  });
  return { ...result, effect, contributions: null, method: 'sobol', path, ...counts };
}
