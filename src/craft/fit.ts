// What a fit gives.

import type { Factorization } from './factorize.ts';
import type { RowSource } from './row-list.ts';

/** Result of {@link Craft.fit}. */
export interface Fit extends Factorization {
  /** Where each row of U comes from; the pixels stay with the caller. */
  readonly crops: readonly RowSource[];
  /** Number of inputs that the rows come from. */
  readonly inputs: number;
  /** [h, w] of the latent of one input; null if its locations are no grid. */
  readonly grid: readonly [number, number] | null;
}
