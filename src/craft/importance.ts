// Importance of concepts for one class.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, m ∈ [0,1]^r a mask,
// y(m) = h((u ⊙ m) W)_class, N = size of a design.

import { CraftError } from '../errors.ts';
import { affineImportance, type ImportanceResult } from '../math/importance.ts';
import type { EstimatorName } from '../math/sobol.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Coefficients } from './concepts.ts';
import type { SamplerName } from './design-masks.ts';
import type { FoldHead } from './folded-head.ts';
import type { Head } from './head.ts';
import { inputsOf, openScorer } from './masked-scores.ts';
import { checkOneOf, checkWhole, type RunOptions } from './options.ts';
import { sampledImportance } from './sampled-importance.ts';
import type { ImportancePath, Scores } from './score-request.ts';

export type { SamplerName };

/** Options of {@link estimateImportance}. */
export interface ImportanceOptions extends RunOptions {
  /** Index of the class in h's scores. */
  readonly classId: number;
  /** N, the size of a design: N·(r+1) scores an input (8, 4, 3 times that for 1, 2, 3 inputs). Default 32, at least 2. */
  readonly nbDesign?: number;
  /**
   * Points of the designs: Sobol, scrambled anew for each input (default); a Latin hypercube, drawn anew for each; or the
   * reference's unscrambled Halton, one for all.
   */
  readonly sampler?: SamplerName;
  /** Estimator of the total index; default `jansen`. */
  readonly estimator?: EstimatorName;
  /** Level of the intervals; default 0.95. */
  readonly confidence?: number;
  /** `auto` (default): closed form where the head is affine, else sampling. */
  readonly method?: 'auto' | 'sobol' | 'closed-form';
}

/** Importance of each concept, with its uncertainty. */
export interface Importance extends ImportanceResult {
  /** c_i, what each concept adds to the class score of each input, [N, r]: exact where h is affine, else null. */
  readonly contributions: Tensor<Float64Array> | null;
  /** Mean over inputs of E[∂y/∂m_i]: the sign says for (> 0) or against (< 0) the class. Shape [r]. */
  readonly effect: Float64Array;
  readonly method: 'sobol' | 'closed-form';
  /** How much of h ran for it. */
  readonly path: ImportancePath;
  /** Rows that h ran on, or what a fold left of it. A fold is compared with h on two rows more. */
  readonly headEvaluations: number;
  /** Rows that the part of h ran on that was folded away. How it reads locations is found out on up to six more. */
  readonly prefixEvaluations: number;
}

const defaults = {
  nbDesign: 32,
  sampler: 'sobol',
  estimator: 'jansen',
  confidence: 0.95,
  method: 'auto',
} as const;

/** What the importance is computed from. */
export interface ImportanceContext {
  readonly head: Head;
  /** Parts h to save work; null if nobody can. */
  readonly foldHead: FoldHead | null;
  readonly W: Tensor;
  /** Every input's coefficients, batch by batch. */
  readonly coefficients: readonly Coefficients[];
  readonly affineHead: boolean;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Total Sobol indices of the concepts, mean over inputs.
 *
 * For an affine h they are c_i² / Σ_j c_j² with c_i = h((u ⊙ e_i) W) − h(0), which takes no sampling;
 * otherwise they are estimated from N·(r+1) scores an input (the rows of 𝐁 are never needed). How much of h
 * runs for a score, `path` tells; what the intervals cover, `resampled`: from four inputs on, the choice of inputs and
 * the error of designs; for fewer, which are scored on several designs each, only the latter.
 *
 * @throws {@link CraftError} `OPTION`, `CLASS_NOT_FOUND`, `ABORTED`; `NO_INPUTS` if there are none.
 * @see method.md §5; Jansen (1999).
 */
export async function estimateImportance(
  context: ImportanceContext,
  options: ImportanceOptions,
): Promise<Importance> {
  const resolved = {
    ...defaults,
    ...Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)),
  } as Required<ImportanceOptions>;
  checkWhole('classId', resolved.classId, 0);
  checkWhole('nbDesign', resolved.nbDesign, 2);
  checkOneOf('sampler', resolved.sampler, ['sobol', 'halton', 'latin-hypercube']);
  checkOneOf('estimator', resolved.estimator, ['jansen', 'homma', 'janon', 'glen', 'saltelli']);
  checkOneOf('method', resolved.method, ['auto', 'sobol', 'closed-form']);
  if (!(resolved.confidence > 0 && resolved.confidence < 1)) {
    throw new CraftError(
      'OPTION',
      `confidence: expected a number between 0 and 1; got ${resolved.confidence}`,
    );
  }
  if (context.coefficients.every(({ count }) => count === 0)) {
    throw new CraftError('NO_INPUTS', 'estimateImportance: expected at least one input; got none');
  }
  const { inputs, shape } = inputsOf(context.coefficients);
  const { W } = context;
  const scorer = await openScorer({ ...context, classId: resolved.classId }, { W, shape, inputs });
  try {
    const closed = isClosed(resolved.method, context.affineHead || scorer.isAffine);
    const { signal, onProgress } = resolved;
    const run: Scores = (masks, take) =>
      scorer.scores({
        masks,
        take,
        signal,
        onInputs: (done) => onProgress?.({ stage: 'importance', done, total: inputs.count }),
      });
    const of = { inputs: inputs.count, rank: W.dims[0], path: scorer.path };
    return closed
      ? await closedForm(run, of, resolved, context.seed)
      : await sampledImportance(run, of, resolved, context.seed);
  } finally {
    await scorer.release();
  }
}

function isClosed(method: ImportanceOptions['method'], isAffine: boolean): boolean {
  if (method === 'closed-form' && !isAffine) {
    throw new CraftError(
      'OPTION',
      "method: expected 'sobol' or 'auto', as h is not known to be affine; got 'closed-form' (set affineHead if it is)",
    );
  }
  return isAffine && method !== 'sobol';
}

async function closedForm(
  scores: Scores,
  { inputs, rank: r }: { inputs: number; rank: number },
  options: Required<ImportanceOptions>,
  seed: number,
): Promise<Importance> {
  const unit = new Float64Array((r + 1) * r); // row 0: nothing kept; row i + 1: concept i alone
  for (let i = 0; i < r; i++) unit[(i + 1) * r + i] = 1;
  const contributions = new Float64Array(inputs * r);
  const effect = new Float64Array(r);
  const counts = await scores({ count: r + 1, of: () => unit }, (n, y) => {
    for (let i = 0; i < r; i++) {
      const c = y[i + 1] - y[0];
      contributions[n * r + i] = c;
      effect[i] += c / inputs;
    }
  });
  const table = { data: contributions, dims: [inputs, r] };
  const result = affineImportance({ contributions: table, confidence: options.confidence, seed });
  return { ...result, effect, contributions: table, method: 'closed-form', path: 'closed-form', ...counts };
}
