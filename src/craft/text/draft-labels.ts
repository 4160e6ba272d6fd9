// A first name for a concept: what its strongest units have and other units have not.

import { CraftError } from '../../errors.ts';
import { HashSet } from '../../inputs/text/hash-set.ts';
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

/** Units that stand for a concept: the strongest, at least half as strong as the strongest of all. */
const MOST_INSIDE = 50;
const STRONG = 0.5;
/** A term must be in so many of them, of so many texts: one author's slip is no concept. */
const MIN_UNITS = 3;
const MIN_SHARE = 0.06;
const MIN_TEXTS = 3;

/**
 * Draft labels of all concepts. Inside are the strongest units of a concept, outside all others; units with the
 * same words count once. No list of stop words: a word that all units have does not set any apart.
 *
 * What units say is gone over twice: for the terms of the strongest, then to count those of several in all.
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
  const rows = counted.reduce((sum, one) => sum + one, 0);
  const insides = Array.from({ length: r }, (_, i) => strongest(columnOf(U, i), counted, rows));
  const found = await termsOfRows(new Set(insides.flatMap((inside) => [...inside.keys()])), contents);
  const holders = insides.map((inside) => holdersOf([...inside.keys()], found, units));
  const total = await countAll(new Set(holders.flatMap((terms) => [...terms.keys()])), counted, contents);
  return insides.map((inside, i) => {
    const terms = labelTerms({ holders: holders[i], inside, rows, total });
    return { text: terms.map(({ term }) => term).join(' · '), terms };
  });
}

/** The strongest rows with their coefficients. Never more than half of the rows: then there is nothing to set apart. */
function strongest(values: Float64Array, counted: Uint8Array, rows: number): Map<number, number> {
  const most = Math.min(MOST_INSIDE, Math.max(1, Math.floor(rows / 2)));
  const strong = new Map<number, number>();
  let least = 0;
  for (const row of strongestRows(values)) {
    if (counted[row] === 0) continue;
    if (strong.size === most || values[row] < least) break;
    if (strong.size === 0) least = STRONG * values[row];
    strong.set(row, values[row]);
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

/** The rows inside, strongest first, by the terms that enough of them have. */
function holdersOf(
  inside: readonly number[],
  terms: ReadonlyMap<number, ReadonlySet<string>>,
  { text }: LabelUnits,
): Map<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const n of inside) {
    for (const term of terms.get(n)!) {
      const found = holders.get(term);
      if (found) found.push(n);
      else holders.set(term, [n]);
    }
  }
  const least = Math.min(Math.max(MIN_UNITS, MIN_SHARE * inside.length), inside.length);
  const leastTexts = Math.min(MIN_TEXTS, inside.length);
  const isEnough = (found: readonly number[]): boolean =>
    found.length >= least && new Set(found.map((n) => text[n])).size >= leastTexts;
  return new Map([...holders].filter(([, found]) => isEnough(found)));
}

/** In how many of the rows that count each of some terms is. */
async function countAll(
  terms: ReadonlySet<string>,
  counted: Uint8Array,
  contents: UnitContents,
): Promise<Map<string, number>> {
  const total = new Map(Array.from(terms, (term) => [term, 0]));
  for await (const { row, contents: words } of contents()) {
    words.forEach((content, k) => {
      if (counted[row + k] === 0) return;
      for (const term of termsIn(content)) {
        const count = total.get(term);
        if (count !== undefined) total.set(term, count + 1);
      }
    });
  }
  return total;
}

/** 1 for the first of the rows that say the same, else 0. */
function withoutRepeats({ count, letters }: LabelUnits): Uint8Array {
  const seen = new HashSet();
  return Uint8Array.from({ length: count }, (_, n) => Number(seen.add(letters[n])));
}
