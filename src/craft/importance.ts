// Importance of concepts for one class.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, m ∈ [0,1]^r a mask,
// y(m) = h((u ⊙ m) W)_class, 𝐀 and 𝐂⁽ⁱ⁾ parts of a replicated design of size N.

import { CraftError } from '../errors.ts';
import { haltonDesign, latinHypercubeDesign, replicatedDesign, sobolDesign } from '../math/designs.ts';
import {
  affineImportance,
  type ImportanceResult,
  signedEffect,
  sobolImportance,
} from '../math/importance.ts';
import type { EstimatorName } from '../math/sobol.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkAborted } from './batches.ts';
import { type Coefficients, maskedLatents } from './concepts.ts';
import type { Head } from './head.ts';
import { checkOneOf, checkWhole, type RunOptions } from './options.ts';

export type SamplerName = 'sobol' | 'halton' | 'latin-hypercube';

/** Options of {@link estimateImportance}. */
export interface ImportanceOptions extends RunOptions {
  /** Index of the class in h's scores. */
  readonly classId: number;
  /** N, the size of the design: h runs N·(r+1) times an input. Default 32, at least 2. */
  readonly nbDesign?: number;
  /** Points of the design: scrambled Sobol (default), the reference's unscrambled Halton, or a Latin hypercube. */
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
  /** Mean over inputs of E[∂y/∂m_i]: the sign says for (> 0) or against (< 0) the class. Shape [r]. */
  readonly effect: Float64Array;
  readonly method: 'sobol' | 'closed-form';
  /** Latents that h ran on. */
  readonly headEvaluations: number;
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
 * For an affine h they are c_i² / Σ_j c_j² with c_i = h((u ⊙ e_i) W) − h(0), which takes r runs of h an
 * input and no sampling; otherwise they are estimated on N·(r+1) runs (the rows of 𝐁 are never needed).
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
  if (resolved.method === 'closed-form' && !context.affineHead) {
    throw new CraftError(
      'OPTION',
      "method: expected 'sobol' or 'auto', as h is not known to be affine; got 'closed-form' (set affineHead if it is)",
    );
  }
  if (context.coefficients.length === 0) {
    throw new CraftError('NO_INPUTS', 'estimateImportance: expected at least one input; got none');
  }
  const closed = resolved.method === 'closed-form' || (resolved.method === 'auto' && context.affineHead);
  return closed ? closedForm(context, resolved) : sampled(context, resolved);
}

async function closedForm(
  context: ImportanceContext,
  options: Required<ImportanceOptions>,
): Promise<Importance> {
  const { head, W, seed } = context;
  const r = W.dims[0];
  const before = head.evaluations;
  const unit = new Float64Array((r + 1) * r); // row 0: nothing kept; row i + 1: concept i alone
  for (let i = 0; i < r; i++) unit[(i + 1) * r + i] = 1;
  const contributions: number[] = [];
  for await (const y of outputsPerInput(context, unit, options)) {
    for (let i = 0; i < r; i++) contributions.push(y[i + 1] - y[0]);
  }
  const inputs = contributions.length / r;
  const table = { data: Float64Array.from(contributions), dims: [inputs, r] };
  const result = affineImportance({ contributions: table, confidence: options.confidence, seed });
  const effect = new Float64Array(r);
  contributions.forEach((c, k) => {
    effect[k % r] += c / inputs;
  });
  return { ...result, effect, method: 'closed-form', headEvaluations: head.evaluations - before };
}

async function sampled(
  context: ImportanceContext,
  options: Required<ImportanceOptions>,
): Promise<Importance> {
  const { head, W, seed } = context;
  const r = W.dims[0];
  const { nbDesign: N, estimator, confidence } = options;
  const before = head.evaluations;
  const design = replicatedDesign(pointsOf(options.sampler, 2 * r, N, seed));
  const masks = Float64Array.from(design.data);
  const withoutB = new Float64Array((r + 1) * N * r);
  withoutB.set(masks.subarray(0, N * r));
  withoutB.set(masks.subarray(2 * N * r), N * r);

  const rows: Float64Array[] = [];
  const effect = new Float64Array(r);
  for await (const y of outputsPerInput(context, withoutB, options)) {
    const full = new Float64Array(N * (r + 2)).fill(Number.NaN); // no estimator reads the rows of B
    full.set(y.subarray(0, N));
    full.set(y.subarray(N), 2 * N);
    rows.push(full);
    signedEffect(full, design, N).forEach((e, i) => {
      effect[i] += e;
    });
  }
  const outputs = new Float64Array(rows.length * N * (r + 2));
  rows.forEach((row, k) => {
    outputs.set(row, k * row.length);
  });
  const result = sobolImportance({
    outputs: { data: outputs, dims: [rows.length, N * (r + 2)] },
    nbDesign: N,
    estimator,
    confidence,
    seed,
  });
  return {
    ...result,
    effect: effect.map((e) => e / rows.length),
    method: 'sobol',
    headEvaluations: head.evaluations - before,
  };
}

function pointsOf(sampler: SamplerName, d: number, n: number, seed: number): Tensor {
  if (sampler === 'halton') return haltonDesign(d, n);
  return sampler === 'sobol' ? sobolDesign(d, n, { seed }) : latinHypercubeDesign(d, n, { seed });
}

/** y of every mask, one array an input, inputs in order. */
async function* outputsPerInput(
  { head, W, coefficients, batchSize }: ImportanceContext,
  masks: Float64Array,
  { classId, signal, onProgress }: ImportanceOptions,
): AsyncGenerator<Float64Array> {
  const r = W.dims[0];
  const rows = masks.length / r;
  const total = coefficients.reduce((sum, batch) => sum + batch.count, 0);
  let done = 0;
  for (const { data, count, shape } of coefficients) {
    const perInput = shape.locations * r;
    const buffer = new Float32Array(Math.min(batchSize, rows) * shape.locations * shape.width);
    for (let n = 0; n < count; n++) {
      const u = data.subarray(n * perInput, (n + 1) * perInput);
      const y = new Float64Array(rows);
      for (let b = 0; b < rows; b += batchSize) {
        checkAborted(signal);
        const part = masks.subarray(b * r, Math.min(b + batchSize, rows) * r);
        y.set(await head.score(maskedLatents(u, part, W, shape, buffer), classId), b);
      }
      done++;
      onProgress?.({ stage: 'importance', done, total });
      yield y;
    }
  }
}
