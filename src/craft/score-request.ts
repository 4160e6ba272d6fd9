// What the importance asks of h, and what it gets.

/** The masks of every input. */
export interface Masks {
  /** M, of each input. */
  readonly count: number;
  /** m of input n, [M, r]; another call may overwrite it. */
  of(n: number): Float64Array;
}

/** What h is asked. */
export interface ScoreRequest {
  readonly masks: Masks;
  /** Is given y of one input after the other. */
  readonly take: TakeScores;
  /** Ask of so many inputs only, the first. */
  readonly first?: number;
  readonly signal?: AbortSignal;
  /** Told how many inputs are done. */
  readonly onInputs?: (done: number) => void;
}

/** Takes y of input n, [M]; they come in order. The array is used again for the next input. */
export type TakeScores = (n: number, y: Float64Array) => void;

/** y of masks on every input, one after the other: of many inputs, all of them would not fit in memory. */
export type Scores = (masks: Masks, take: TakeScores) => Promise<ScoreCounts>;

/** What it cost. */
export interface ScoreCounts {
  /** Rows that h ran on, or what was left of it to run. */
  readonly headEvaluations: number;
  /** Rows that the part folded away ran on. */
  readonly prefixEvaluations: number;
}

/**
 * How much of h the importance ran, with P the affine beginning of h.
 *
 * - `closed-form`: h is affine in the latent; r + 1 rows, in all if P reads the locations through one weighted
 *   sum, else an input. No sampling.
 * - `folded-pool`: P reads the locations through one weighted sum (a mean, one token): P ran on r + 1 rows in all,
 *   the rest of h on a vector for every mask.
 * - `folded-linear`: the latent is a vector: as above.
 * - `folded-prefix`: P mixes locations (a convolution, a flattened map): P ran on r + 1 rows an input.
 * - `batched`: h has no such beginning, or no graph to look at: all of it ran for every mask.
 */
export type ImportancePath = 'closed-form' | FoldedPath | 'batched';

/** The paths that keep the sampling and save runs of P. */
export type FoldedPath = 'folded-pool' | 'folded-linear' | 'folded-prefix';
