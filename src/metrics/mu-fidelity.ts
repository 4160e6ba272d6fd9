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
  options: MuFidelityOptions,
): Promise<number | null> {
  const masks = subsetMasks(options);
  return fidelityOf(map, masks, await score([new Float32Array(map.length).fill(1), ...masks]));
}

/** Masks that remove the random subsets: the same for every map, so that their scores can be shared. */
export function subsetMasks({
  height,
  width,
  subsets = 64,
  share = 0.2,
  cells = 9,
  seed = 0,
}: MuFidelityOptions): Float32Array[] {
  const rng = random(seed);
  return Array.from({ length: subsets }, () => {
    const removed = Uint8Array.from({ length: cells * cells }, () => (rng.uniform() < share ? 1 : 0));
    return Float32Array.from({ length: height * width }, (_, k) => {
      const row = Math.floor((Math.floor(k / width) * cells) / height);
      const column = Math.floor(((k % width) * cells) / width);
      return 1 - removed[row * cells + column];
    });
  });
}

/**
 * μFidelity from scores that are there.
 *
 * @param scores - of the image, then of every mask.
 */
export function fidelityOf(
  map: ArrayLike<number>,
  masks: readonly Float32Array[],
  scores: ArrayLike<number>,
): number | null {
  const drops = masks.map((_, m) => scores[0] - scores[m + 1]);
  const sums = masks.map((mask) => mask.reduce((sum, m, k) => sum + (1 - m) * map[k], 0));
  return correlation(sums, drops);
}
