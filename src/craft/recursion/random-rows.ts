// What rows look like that no concept has chosen: random rows of the fit, seen at the same earlier layers.

import { quantile } from '../../math/stats.ts';
import { random, shuffle } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { RunOptions } from '../options.ts';
import { spreadOf } from './ambiguity.ts';
import type { EarlierCut } from './cut.ts';
import { encodeRows, type RowOrigin } from './encode-rows.ts';

/** Rows drawn. The spread of so many is within 5 % of that of all, measured on photographs. */
export const RANDOM_ROWS = 128;
/** Random sets that the spread of a concept's rows is compared with. */
const SETS = 100;

/** How spread random rows are. */
export interface RandomSpread {
  /** Mean over random sets, see {@link spreadOf}. */
  readonly mean: number;
  /** The fifth percentile: less spread are rows that are more alike than random ones. */
  readonly least: number;
}

/** Random rows at one layer. */
export interface RandomAt {
  readonly A: Tensor<Float32Array>;
  /** The row of the fit that each is of, as a place in {@link RandomRows.rows}. */
  readonly places: readonly number[];
}

/** Random rows of a fit, encoded once at every layer that is asked for. */
export class RandomRows {
  /** Indices into the fit's rows, rising. */
  readonly rows: readonly number[];
  readonly #origin: RowOrigin;
  readonly #seed: number;
  readonly #known = new Map<string, RandomAt>();

  constructor(origin: RowOrigin, seed: number) {
    const all = Array.from(origin.sources.keys());
    this.rows = shuffle(all, random(seed, 3))
      .slice(0, RANDOM_ROWS)
      .sort((a, b) => a - b);
    this.#origin = origin;
    this.#seed = seed;
  }

  async at(cut: EarlierCut, run: RunOptions): Promise<RandomAt> {
    const known = this.#known.get(cut.facts.tensor);
    if (known) return known;
    const { A, parents } = await encodeRows(cut, this.#origin, this.rows, 0, run);
    const placeOf = new Map(this.rows.map((row, place) => [row, place]));
    const found = { A, places: parents.map((row) => placeOf.get(row)!) };
    this.#known.set(cut.facts.tensor, found);
    return found;
  }

  /** @param count - rows of a set: those of the concept. They are drawn with repeats, as there are no more to draw from. */
  async spreadAt(cut: EarlierCut, count: number, run: RunOptions): Promise<RandomSpread> {
    const { A } = await this.at(cut, run);
    const rng = random(this.#seed, 4);
    const spreads = Array.from({ length: SETS }, () => {
      const times = new Uint32Array(A.dims[0]);
      for (let k = 0; k < count; k++) times[rng.below(times.length)]++;
      return spreadOf(A, times);
    });
    return { mean: spreadOf(A), least: quantile(spreads, 0.05) };
  }
}
