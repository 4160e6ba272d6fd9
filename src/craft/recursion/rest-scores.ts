// The class score of a crop with its sub-concepts turned down and all else kept.
//
// Notation: A' [T, p'] the latent of a part, u' [T, r'] its coefficients, W' [r', p'], m ∈ [0,1]^r' a mask:
// y(m) = h'(A' − (u' ⊙ (1 − m)) W')_class. y(1) is the model's own score; what the few sub-concepts do not explain
// of A' stays as it is, as the rest of the latent does when a part of it is removed.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { Coefficients } from '../concepts.ts';
import type { Head } from '../head.ts';
import { fromLatents, type Latents } from '../layout.ts';
import type { RunOptions } from '../options.ts';
import type { Masks, Scores } from '../score-request.ts';
import { allScores } from '../score-rows.ts';

/** What is scored: parts one by one, each with its coefficients. */
export interface Scored {
  readonly latents: readonly Latents[];
  readonly coefficients: readonly Coefficients[];
  readonly W: Tensor;
  readonly head: Head;
  readonly classId: number;
  readonly batchSize: number;
}

/** y of masks on every part. */
export function restScores(scored: Scored, { signal, onProgress }: RunOptions): Scores {
  const { latents, head, classId, batchSize, W } = scored;
  const r = W.dims[0];
  return async (masks, take) => {
    const y = new Float64Array(masks.count);
    for (const [n, { shape }] of latents.entries()) {
      const rows = masks.of(n).slice();
      for (let from = 0; from < masks.count; from += batchSize) {
        checkAborted(signal);
        const count = Math.min(batchSize, masks.count - from);
        const batch = turnedDown(scored, n, rows.subarray(from * r, (from + count) * r));
        y.set(await head.score(fromLatents({ data: batch, count, shape }), classId), from);
      }
      take(n, y);
      onProgress?.({ stage: 'importance', done: n + 1, total: latents.length });
    }
    return { headEvaluations: latents.length * masks.count, prefixEvaluations: 0 };
  };
}

/** Mean score of the parts as they are and with all sub-concepts removed. */
export async function scoreWithAndWithout(
  scores: Scores,
  { parts, rank: r }: { parts: number; rank: number },
): Promise<{ whole: number; without: number }> {
  const ends = Float64Array.from({ length: 2 * r }, (_, k) => (k < r ? 1 : 0));
  const masks: Masks = { count: 2, of: () => ends };
  const { y } = await allScores(parts, masks.count, (take) => scores(masks, take));
  const meanOf = (first: number): number => {
    let sum = 0;
    for (let k = first; k < y.length; k += 2) sum += y[k];
    return sum / parts;
  };
  return { whole: meanOf(0), without: meanOf(1) };
}

/** A' − (u' ⊙ (1 − m)) W' of a part for masks [B, r']: [B, T, p']. */
export function turnedDown(
  { latents, coefficients, W }: Scored,
  n: number,
  masks: Float64Array,
): Float32Array {
  const { data: A, shape } = latents[n];
  const { data: u } = coefficients[n];
  const [r, p] = W.dims;
  if (shape.width !== p) {
    throw new CraftError('SHAPE', `restScores: expected latents of width ${p}; got ${shape.width}`);
  }
  const count = masks.length / r;
  const out = new Float32Array(count * A.length);
  for (let b = 0; b < count; b++) {
    const own = out.subarray(b * A.length, (b + 1) * A.length);
    own.set(A);
    for (let k = 0; k < u.length; k++) {
      const removed = u[k] * (1 - masks[b * r + (k % r)]);
      if (removed === 0) continue;
      const [to, from] = [Math.floor(k / r) * p, (k % r) * p];
      for (let c = 0; c < p; c++) own[to + c] -= removed * W.data[from + c];
    }
  }
  return out;
}
