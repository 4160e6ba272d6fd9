// The score of one class for every mask on every input: y(m) = h((u ⊙ m) W)_class, by the cheapest way there is.

import { checkAborted } from './batches.ts';
import type { Coefficients } from './concepts.ts';
import type { FoldHead } from './folded-head.ts';
import { type FoldedScorer, foldedScorer, type InputCoefficients, type Masked } from './folded-scores.ts';
import type { Head } from './head.ts';
import type { LatentShape } from './layout.ts';
import { MaskedLatents } from './masked-latents.ts';
import { allScores, ScoreRows } from './score-rows.ts';

/** What the scores are computed from. */
export interface ScoreContext {
  readonly head: Head;
  readonly foldHead: FoldHead | null;
  readonly classId: number;
  readonly batchSize: number;
}

/** A way to compute scores. */
export interface Scorer extends FoldedScorer {
  /** h is an affine function of the latent, known from its graph. */
  readonly isAffine: boolean;
  release(): Promise<void>;
}

/** Where a fold and h differ by more than this share of the score, the fold is not used; they do by 1e-6. */
const FOLD_TOLERANCE = 1e-4;

/**
 * Parts the head if that is possible and gives the same scores on the first input; else h runs on batches.
 */
export async function openScorer(context: ScoreContext, masked: Masked): Promise<Scorer> {
  const whole = batchedScorer(context, masked);
  const rank = masked.W.dims[0];
  const folded = (await context.foldHead?.({ classId: context.classId, rank })) ?? null;
  if (!folded) return whole;
  try {
    const scorer = await foldedScorer(folded, masked);
    if (scorer && (await agree(scorer, whole, rank))) {
      return { ...scorer, isAffine: folded.tail === null, release: () => folded.release() };
    }
  } catch (error) {
    await folded.release();
    throw error;
  }
  await folded.release();
  return whole;
}

/** Compares two ways on the first input, whole and with every other concept. */
async function agree(a: FoldedScorer, b: FoldedScorer, rank: number): Promise<boolean> {
  const masks = Float64Array.from({ length: 2 * rank }, (_, k) => (k < rank ? 1 : (k - rank + 1) % 2));
  const ask = (scorer: FoldedScorer) =>
    allScores(1, 2, (take) => scorer.scores({ masks: { count: 2, of: () => masks }, take, first: 1 }));
  const [{ y: x }, { y }] = [await ask(a), await ask(b)];
  return y.every((score, k) => Math.abs(x[k] - score) <= FOLD_TOLERANCE * Math.max(1, Math.abs(score)));
}

/** h on latents that are made mask by mask; the rows of several inputs fill a batch. */
function batchedScorer({ head, classId, batchSize }: ScoreContext, { W, shape, inputs }: Masked): Scorer {
  const r = W.dims[0];
  const latents = new MaskedLatents(W, shape);
  const { size } = latents;
  return {
    path: 'batched',
    isAffine: false,
    release: async () => {},
    async scores({ masks, take, first = inputs.count, signal, onInputs }) {
      const perInput = masks.count;
      const total = first * perInput;
      const rows = new ScoreRows(perInput, take);
      const buffer = new Float32Array(Math.min(batchSize, total) * size);
      for (let from = 0; from < total; from += batchSize) {
        checkAborted(signal);
        const count = Math.min(batchSize, total - from);
        for (let k = 0; k < count; k++) {
          const n = Math.floor((from + k) / perInput);
          const m = (from + k - n * perInput) * r;
          latents.write(
            inputs.of(n),
            masks.of(n).subarray(m, m + r),
            buffer.subarray(k * size, (k + 1) * size),
          );
        }
        const part = { data: buffer.subarray(0, count * size), dims: [count, ...shape.dims] };
        rows.add(await head.score(part, classId));
        onInputs?.(Math.floor((from + count) / perInput));
      }
      return { headEvaluations: total, prefixEvaluations: 0 };
    },
  };
}

/** u of every input, and the shape that all latents have. */
export function inputsOf(batches: readonly Coefficients[]): {
  inputs: InputCoefficients;
  shape: LatentShape;
} {
  const [{ shape, rank }] = batches;
  const size = shape.locations * rank;
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const ends: number[] = [];
  for (const batch of batches) ends.push((ends[ends.length - 1] ?? 0) + batch.count);
  let held = 0; // inputs are mostly asked for in order
  const of = (n: number): Float32Array => {
    if (n < (ends[held - 1] ?? 0)) held = 0;
    while (n >= ends[held]) held++;
    const at = (n - (ends[held - 1] ?? 0)) * size;
    return batches[held].data.subarray(at, at + size);
  };
  return { inputs: { count, of }, shape };
}
