// Scores that come in batches, as those of one input after the other.

import type { TakeScores } from './score-request.ts';

/** Cuts batches of scores at the inputs that they are of. */
export class ScoreRows {
  readonly #take: TakeScores;
  readonly #y: Float64Array;
  #input = 0;
  #filled = 0;

  /** @param perInput - M, scores of an input. */
  constructor(perInput: number, take: TakeScores) {
    this.#take = take;
    this.#y = new Float64Array(perInput);
  }

  add(scores: Float64Array): void {
    for (let from = 0; from < scores.length; ) {
      const to = Math.min(scores.length, from + this.#y.length - this.#filled);
      this.#y.set(scores.subarray(from, to), this.#filled);
      this.#filled += to - from;
      from = to;
      if (this.#filled < this.#y.length) continue;
      this.#take(this.#input++, this.#y);
      this.#filled = 0;
    }
  }
}

/** All scores of `inputs` inputs in one array, [N, M]: where they are few. */
export async function allScores<Counts>(
  inputs: number,
  perInput: number,
  ask: (take: TakeScores) => Promise<Counts>,
): Promise<{ y: Float64Array } & Counts> {
  const y = new Float64Array(inputs * perInput);
  const counts = await ask((n, own) => y.set(own, n * perInput));
  return { y, ...counts };
}
