// The score of a part with its sub-concepts turned down, through a head whose affine beginning is folded away.
//
// Notation: h' = tail ∘ P with P affine, z_j the latent of sub-concept j alone, R = A' − Σ_j z_j the rest of the
// latent. h'(R + Σ_j m_j z_j) = tail(P(R) + Σ_j m_j (P(z_j) − P(0))): P runs r' + 2 times a part, for any number of masks.

import { checkAborted } from '../batches.ts';
import type { FoldedHead, FoldHead } from '../folded-head.ts';
import { differences, prefixRows, scoresOf } from '../folded-rows.ts';
import { fromLatents } from '../layout.ts';
import { MaskedLatents } from '../masked-latents.ts';
import type { RunOptions } from '../options.ts';
import type { Masks, Scores } from '../score-request.ts';
import { allScores } from '../score-rows.ts';
import { restScores, type Scored, turnedDown } from './rest-scores.ts';

/** Scores of parts, and how much of h' runs for them. */
export interface RestScorer {
  readonly path: 'folded-prefix' | 'batched';
  scores(run: RunOptions): Scores;
  release(): Promise<void>;
}

/** Where the two ways differ by more than this share of the score, the fold is not used; they do by 1e-6. */
const FOLD_TOLERANCE = 1e-4;
/** What P gives for one part may take this; more is not worth its memory. */
const MOST_PREFIX_BYTES = 256 * 2 ** 20;
const FLOAT32 = 4;

/** Folds h' where that can be done and gives the same scores on the first part; else all of h' runs for every mask. */
export async function openRestScorer(scored: Scored, foldHead: FoldHead | null): Promise<RestScorer> {
  const whole: RestScorer = {
    path: 'batched',
    scores: (run) => restScores(scored, run),
    release: async () => {},
  };
  const folded = (await foldHead?.({ classId: scored.classId, rank: scored.W.dims[0] })) ?? null;
  if (!folded) return whole;
  try {
    if (isWorthIt(folded, scored) && (await agree(folded, scored))) {
      return {
        path: 'folded-prefix',
        scores: (run) => foldedScores(folded, scored, run),
        release: () => folded.release(),
      };
    }
  } catch (error) {
    await folded.release();
    throw error;
  }
  await folded.release();
  return whole;
}

function isWorthIt({ width }: FoldedHead, { latents: [{ shape }], W }: Scored): boolean {
  const widest = Math.max(width, shape.locations * shape.width);
  return FLOAT32 * (W.dims[0] + 2) * widest <= MOST_PREFIX_BYTES;
}

/** Compares both ways on the first part: whole, with no sub-concept, and with every other. */
async function agree(folded: FoldedHead, scored: Scored): Promise<boolean> {
  const first = { ...scored, latents: scored.latents.slice(0, 1) };
  const r = scored.W.dims[0];
  const rows = Float64Array.from({ length: 3 * r }, (_, k) => (k < r ? 1 : k < 2 * r ? 0 : k % 2));
  const masks: Masks = { count: 3, of: () => rows };
  const ask = (scores: Scores) => allScores(1, masks.count, (take) => scores(masks, take));
  const { y: x } = await ask(foldedScores(folded, first, {}));
  const { y } = await ask(restScores(first, {}));
  return y.every((score, k) => Math.abs(x[k] - score) <= FOLD_TOLERANCE * Math.max(1, Math.abs(score)));
}

function foldedScores(head: FoldedHead, scored: Scored, { signal, onProgress }: RunOptions): Scores {
  const { latents, W } = scored;
  const r = W.dims[0];
  return async (masks, take) => {
    const y = new Float64Array(masks.count);
    for (const n of latents.keys()) {
      const { basis, offset } = await partedLatent(head, scored, n);
      const own = masks.of(n);
      for (let from = 0; from < masks.count; from += head.rows) {
        checkAborted(signal);
        const count = Math.min(head.rows, masks.count - from);
        const coefficients = Float32Array.from(own.subarray(from * r, (from + count) * r));
        y.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
      }
      take(n, y);
      onProgress?.({ stage: 'importance', done: n + 1, total: latents.length });
    }
    return {
      headEvaluations: head.tail ? latents.length * masks.count : 0,
      prefixEvaluations: head.prefix ? latents.length * (r + 2) : 0,
    };
  };
}

/** P(z_j) − P(0) of every sub-concept, [r', q], and P(R), [q]. */
async function partedLatent(
  head: FoldedHead,
  scored: Scored,
  n: number,
): Promise<{ basis: Float32Array; offset: Float32Array }> {
  const { latents, coefficients, W } = scored;
  const { shape } = latents[n];
  const r = W.dims[0];
  const writer = new MaskedLatents(W, shape);
  const rows = new Float32Array((r + 2) * writer.size); // row r stays 0
  for (let j = 0; j < r; j++) {
    const only = Float64Array.from({ length: r }, (_, i) => (i === j ? 1 : 0));
    writer.write(coefficients[n].data, only, rows.subarray(j * writer.size, (j + 1) * writer.size));
  }
  const rest = turnedDown(scored, n, new Float64Array(r));
  rows.set(fromLatents({ data: rest, count: 1, shape }).data, (r + 1) * writer.size);
  const given = await prefixRows(head, shape)({ data: rows, dims: [r + 2, ...shape.dims] });
  const q = given.length / (r + 2);
  const { basis } = differences(given.subarray(0, (r + 1) * q), r);
  return { basis, offset: given.slice((r + 1) * q) };
}
