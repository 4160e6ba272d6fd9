// Word deletion: does a score fall faster when the words that a map names are removed than with words at random?

import { CraftError } from '../errors.ts';
import { random, shuffle } from '../tensor/random.ts';

/** A score while more and more words are gone. */
export interface DeletionCurve {
  /** Share of the words that is gone at each step: 0 … 1, [steps + 1]. */
  readonly share: Float64Array;
  /** The score at each step, [steps + 1]. */
  readonly value: Float64Array;
  /** Area under the curve over the score of the whole text; smaller is better. Null if that score is not above 0. */
  readonly area: number | null;
}

/**
 * Deletes words in an order and follows a score. All steps are scored in one call.
 *
 * @param order - indices of all words, the most important first.
 * @param scoreWithout - the score of the text without each of some sets of words.
 * @param steps - at least 1, default 10; a text with fewer words has fewer.
 * @throws {@link CraftError} `VALUE` without words or for steps that are no whole number ≥ 1.
 */
export async function wordDeletion(
  order: readonly number[],
  scoreWithout: (removed: readonly (readonly number[])[]) => Promise<ArrayLike<number>>,
  steps = 10,
): Promise<DeletionCurve> {
  if (order.length === 0 || !Number.isInteger(steps) || steps < 1) {
    throw new CraftError(
      'VALUE',
      `wordDeletion: expected words and a whole number of steps ≥ 1; got ${order.length} words, ${steps} steps`,
    );
  }
  const used = Math.min(steps, order.length);
  const gone = Array.from({ length: used + 1 }, (_, k) => Math.round((k * order.length) / used));
  const scores = await scoreWithout(gone.map((count) => order.slice(0, count)));
  const value = Float64Array.from(scores);
  const share = Float64Array.from(gone, (count) => count / order.length);
  let area = 0;
  for (let k = 1; k <= used; k++) area += ((value[k] + value[k - 1]) / 2) * (share[k] - share[k - 1]);
  return { share, value, area: value[0] > 0 ? area / value[0] : null };
}

/** Words by falling score, ties in their order. */
export function wordOrder(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, w) => w).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** Words in an order that a seed draws. */
export function randomWordOrder(words: number, seed: number): number[] {
  return shuffle(
    Array.from({ length: words }, (_, w) => w),
    random(seed),
  );
}
