// Total Sobol indices from scores on designs.
//
// Notation: N = size of a design, r = concepts.

import { designsPerInput } from '../math/bootstrap-means.ts';
import { type ImportanceResult, ownDesignsImportance, sobolImportance } from '../math/importance.ts';
import { IndexRows } from '../math/index-rows.ts';
import type { EstimatorName } from '../math/sobol.ts';
import { designsOf, effectOf, masksOf, type SamplerName } from './design-masks.ts';
import type { ImportancePath, ScoreCounts, Scores } from './score-request.ts';

/** What the designs and the estimate depend on. */
interface SamplingOptions {
  readonly nbDesign: number;
  readonly sampler: SamplerName;
  readonly estimator: EstimatorName;
  readonly confidence: number;
}

/** An importance that was sampled. */
interface Sampled extends ImportanceResult, ScoreCounts {
  readonly effect: Float64Array;
  readonly contributions: null;
  readonly method: 'sobol';
  readonly path: ImportancePath;
}

/** The estimate of inputs that are scored one after the other. */
interface Estimate {
  /** @param y - of the next design of an input: on 𝐀, 𝐁 (not read), 𝐂⁽⁰⁾ … 𝐂⁽ʳ⁻¹⁾, [N(r + 2)]; used again. */
  add(y: Float64Array): void;
  finish(): ImportanceResult;
}

/** What an estimate is of. */
interface Sizes {
  /** Designs of all inputs together. */
  readonly rows: number;
  readonly rank: number;
  /** Designs of an input. */
  readonly perInput: number;
}

/**
 * Every input is scored on a design of its own (on several where inputs are few, see {@link designsPerInput}), so
 * that errors of designs average out; the reference's Halton design is one for all. Of designs of their own
 * r numbers an input are kept; one for all needs the scores of all inputs together, 8 B · inputs · N(r + 2).
 *
 * @param of - how many inputs, r, and the path of the scores.
 */
export async function sampledImportance(
  scores: Scores,
  { inputs, rank: r, path }: { inputs: number; rank: number; path: ImportancePath },
  options: SamplingOptions,
  seed: number,
): Promise<Sampled> {
  const { nbDesign: N, sampler } = options;
  const designs = designsOf(sampler, r, N, seed);
  const perInput = designs.isShared ? 1 : designsPerInput(inputs);
  const sizes = { rows: inputs * perInput, rank: r, perInput };
  const estimate = (designs.isShared ? sharedDesign : ownDesigns)(sizes, options, seed);

  const given = N * (r + 1);
  const outputs = new Float64Array(N * (r + 2)).fill(Number.NaN); // no estimator reads the rows of B
  const effect = new Float64Array(r);
  const counts = await scores(masksOf(designs, N, r, perInput), (n, y) => {
    for (let d = 0; d < perInput; d++) {
      const own = y.subarray(d * given, (d + 1) * given);
      outputs.set(own.subarray(0, N));
      outputs.set(own.subarray(N), 2 * N);
      estimate.add(outputs);
      effectOf(own, designs.points(n * perInput + d).data, N).forEach((e, i) => {
        effect[i] += e / sizes.rows;
      });
    }
  });
  return { ...estimate.finish(), effect, contributions: null, method: 'sobol', path, ...counts };
}

function ownDesigns({ rows, rank, perInput }: Sizes, options: SamplingOptions, seed: number): Estimate {
  const { nbDesign, estimator, confidence } = options;
  const found = new IndexRows({ rows, rank, nbDesign, estimator });
  return {
    add: (y) => found.add(y),
    finish: () => ownDesignsImportance(found, { nbDesign, estimator, designs: perInput, confidence, seed }),
  };
}

function sharedDesign({ rows, rank }: Sizes, options: SamplingOptions, seed: number): Estimate {
  const { nbDesign: N, estimator, confidence } = options;
  const width = N * (rank + 2);
  const data = new Float64Array(rows * width);
  let row = 0;
  return {
    add: (y) => data.set(y, width * row++),
    finish: () =>
      sobolImportance({
        outputs: { data, dims: [rows, width] },
        nbDesign: N,
        estimator,
        designs: 'shared',
        confidence,
        seed,
      }),
  };
}
