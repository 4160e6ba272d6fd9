// How much of what the model says survives when a latent is replaced by its concepts, h(UW) for h(A).

import { mean, rSquared } from '../math/stats.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { correlation } from './correlation.ts';

/** Agreement of h(UW) with h(A). */
export interface Completeness {
  /** R² of the class score of h(UW) against that of h(A) over inputs, ≤ 1; null if h(A) is constant. */
  readonly r2: number | null;
  /** Pearson correlation of the two over inputs, −1 … 1; null if either is constant. */
  readonly correlation: number | null;
  /** Mean of h(UW) − h(A) over inputs: the part of the score that no concept carries, if negative. */
  readonly bias: number;
  /** Share of inputs with the same top class, 0 … 1. */
  readonly top1Agreement: number;
}

/**
 * Completeness for one class.
 *
 * @param logits - h(A), [N, classes].
 * @param reconstructed - h(UW), [N, classes].
 */
export function completeness(logits: Tensor, reconstructed: Tensor, classId: number): Completeness {
  const [N, classes] = logits.dims;
  const scoresOf = (t: Tensor): Float64Array =>
    Float64Array.from({ length: N }, (_, n) => t.data[n * classes + classId]);
  const a = scoresOf(logits);
  const b = scoresOf(reconstructed);
  const r2 = rSquared(b, a);
  let same = 0;
  for (let n = 0; n < N; n++) if (topClass(logits, n) === topClass(reconstructed, n)) same++;
  return {
    r2: Number.isFinite(r2) ? r2 : null,
    correlation: correlation(a, b),
    bias: N === 0 ? 0 : mean(b) - mean(a),
    top1Agreement: N === 0 ? 0 : same / N,
  };
}

/** Index of the largest score of row `n` of [N, classes]; the first of equals. */
export function topClass(logits: Tensor, n: number): number {
  const classes = sizeOf(logits.dims.slice(1));
  let top = 0;
  for (let k = 1; k < classes; k++) {
    if (logits.data[n * classes + k] > logits.data[n * classes + top]) top = k;
  }
  return top;
}
