// μFidelity: do the values of a map add up to what removing pixels does to a score?

import { random } from '../tensor/random.ts';
import { correlation } from './correlation.ts';
import type { MaskScore } from './pixel-curves.ts';

/** Size of the map and how subsets are drawn. */
export interface MuFidelityOptions {
  readonly height: number;
  readonly width: number;
  /** Random subsets; default 64. */
  readonly subsets?: number;
  /** Share of the cells that a subset removes; default 0.2. */
  readonly share?: number;
  /** Cells along each side; default 9. */
  readonly cells?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * Pearson correlation, over random subsets S of the cells of a grid, of Σ_{k ∈ S} map_k with
 * s(x) − s(x without S): 1 for a map that is faithful, −1 … 1. Costs subsets + 1 scores.
 *
 * @returns null if either does not vary.
 * @see Bhatt et al., Evaluating and aggregating feature-based model explanations (IJCAI 2020).
 */
export async function muFidelity(
  map: ArrayLike<number>,
  score: MaskScore,
  { height, width, subsets = 64, share = 0.2, cells = 9, seed = 0 }: MuFidelityOptions,
): Promise<number | null> {
  const rng = random(seed);
  const masks = Array.from({ length: subsets }, () => {
    const removed = Uint8Array.from({ length: cells * cells }, () => (rng.uniform() < share ? 1 : 0));
    return Float32Array.from({ length: height * width }, (_, k) => {
      const row = Math.floor((Math.floor(k / width) * cells) / height);
      const column = Math.floor(((k % width) * cells) / width);
      return 1 - removed[row * cells + column];
    });
  });
  const scores = await score([new Float32Array(height * width).fill(1), ...masks]);
  const drops = masks.map((_, m) => scores[0] - scores[m + 1]);
  const sums = masks.map((mask) => mask.reduce((sum, m, k) => sum + (1 - m) * map[k], 0));
  return correlation(sums, drops);
}
