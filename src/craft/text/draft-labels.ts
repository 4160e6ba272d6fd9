// A first name for a concept: what its strongest units have and other units have not.

import { CraftError } from '../../errors.ts';
import { HashSet } from '../../inputs/text/hash-set.ts';
import type { Spread } from '../../math/contrast.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type LabelTerm, labelTerms } from './label-terms.ts';
import { columnOf, strongestRows } from './strongest-rows.ts';
import { termsOf } from './terms.ts';
import type { TextsWithUnits } from './text-passes.ts';
import { shapesOf } from './unit-shapes.ts';
import type { UnitTable } from './unit-table.ts';

/** What is known of the units whose rows are those of U, without their words. */
type LabelUnits = Pick<UnitTable, 'count' | 'text' | 'letters'>;

/** What units say, in the order of their rows; anew with every call. */
export type UnitContents = () => AsyncIterable<Pick<TextsWithUnits, 'row' | 'contents'>>;

/** A draft of a label; empty where no term sets the concept apart. */
export interface DraftLabel {
  /** The terms with ` · ` between them. */
  readonly text: string;
  readonly terms: readonly LabelTerm[];
}

/** Strongest units, whose terms may name the concept. */
const MOST_STRONGEST = 200;
/** A term must be in so many of them, of so many texts: one author's slip is no concept. */
const MIN_UNITS = 3;
const MIN_TEXTS = 3;

/**
 * Draft labels of all concepts: of the terms of its strongest units those with which its coefficients are highest over
 * all units. Units with the same words count once. No list of stop words: a word that all units have does not set any
 * apart.
 *
 * What units say is gone over twice: for the terms of the strongest, then for the units that have these.
 *
 * @param U - coefficients of the units, [n, r].
 * @param units - of the rows of U, in order.
 * @throws {@link CraftError} `SHAPE` if there are not as many units as rows.
 */
export async function draftLabels(
  U: Tensor,
  units: LabelUnits,
  contents: UnitContents,
): Promise<DraftLabel[]> {
  const [n, r] = U.dims;
  if (units.count !== n) {
    throw new CraftError('SHAPE', `draftLabels: expected a unit for each of ${n} rows; got ${units.count}`);
  }
  const counted = withoutRepeats(units);
  const spreads = Array.from({ length: r }, (_, i) => spreadOf(columnOf(U, i), counted));
  const strongest = spreads.map(({ count }, i) => strongestOf(columnOf(U, i), counted, count));
  const found = await termsOfRows(new Set(strongest.flat()), contents);
  const holders = strongest.map((rows) => holdersOf(rows, found, units));
  const names = new Set(holders.flatMap((terms) => [...terms.keys()]));
  const sums = await sumsOf(names, U, counted, contents);
  return spreads.map((all, i) => {
    const having = (term: string) => ({ count: sums.get(term)![r], sum: sums.get(term)![i] });
    const terms = labelTerms({ holders: holders[i], all, having });
    return { text: terms.map(({ term }) => term).join(' · '), terms };
  });
}

/** Mean and deviation of the values that count. */
function spreadOf(values: Float64Array, counted: Uint8Array): Spread {
  const count = counted.reduce((sum, one) => sum + one, 0);
  const mean = values.reduce((sum, u, row) => sum + counted[row] * u, 0) / count;
  const square = values.reduce((sum, u, row) => sum + counted[row] * (u - mean) ** 2, 0);
  return { count, mean, deviation: Math.sqrt(square / count) };
}

/** The strongest rows. Never more than half of the rows: then there is nothing to set apart. */
function strongestOf(values: Float64Array, counted: Uint8Array, rows: number): number[] {
  const most = Math.min(MOST_STRONGEST, Math.max(1, Math.floor(rows / 2)));
  const strong: number[] = [];
  for (const row of strongestRows(values)) {
    if (strong.length === most) break;
    if (counted[row] === 1) strong.push(row);
  }
  return strong;
}

function termsIn(content: string): Set<string> {
  const terms = termsOf(content);
  for (const shape of shapesOf(content)) terms.add(shape);
  return terms;
}

/** The terms of some rows. */
async function termsOfRows(
  rows: ReadonlySet<number>,
  contents: UnitContents,
): Promise<Map<number, ReadonlySet<string>>> {
  const found = new Map<number, ReadonlySet<string>>();
  for await (const { row, contents: words } of contents()) {
    words.forEach((content, k) => {
      if (rows.has(row + k)) found.set(row + k, termsIn(content));
    });
    if (found.size === rows.size) break;
  }
  return found;
}

/** The strongest rows, in their order, by the terms that enough of them have. */
function holdersOf(
  strongest: readonly number[],
  terms: ReadonlyMap<number, ReadonlySet<string>>,
  { text }: LabelUnits,
): Map<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const n of strongest) {
    for (const term of terms.get(n)!) {
      const found = holders.get(term);
      if (found) found.push(n);
      else holders.set(term, [n]);
    }
  }
  const least = Math.min(MIN_UNITS, strongest.length);
  const leastTexts = Math.min(MIN_TEXTS, strongest.length);
  const isEnough = (found: readonly number[]): boolean =>
    found.length >= least && new Set(found.map((n) => text[n])).size >= leastTexts;
  return new Map([...holders].filter(([, found]) => isEnough(found)));
}

/** Of each of some terms: the sums of the coefficients of the rows that count and have it, [r], and their number. */
async function sumsOf(
  terms: ReadonlySet<string>,
  { data, dims: [, r] }: Tensor,
  counted: Uint8Array,
  contents: UnitContents,
): Promise<Map<string, Float64Array>> {
  const sums = new Map(Array.from(terms, (term) => [term, new Float64Array(r + 1)]));
  for await (const { row, contents: words } of contents()) {
    words.forEach((content, k) => {
      if (counted[row + k] === 0) return;
      for (const term of termsIn(content)) {
        const sum = sums.get(term);
        if (!sum) continue;
        for (let i = 0; i < r; i++) sum[i] += Number(data[(row + k) * r + i]);
        sum[r]++;
      }
    });
  }
  return sums;
}

/** 1 for the first of the rows that say the same, else 0. */
function withoutRepeats({ count, letters }: LabelUnits): Uint8Array {
  const seen = new HashSet();
  return Uint8Array.from({ length: count }, (_, n) => Number(seen.add(letters[n])));
}
