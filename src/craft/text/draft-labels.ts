// A first name for a concept: the words that its strongest units have and other units have not.

import { CraftError } from '../../errors.ts';
import { HashSet } from '../../inputs/text/hash-set.ts';
import { contrastiveTfIdf } from '../../math/contrast.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { columnOf, strongestRows } from './strongest-rows.ts';
import { termsOf } from './terms.ts';
import type { TextsWithUnits } from './text-passes.ts';
import type { UnitTable } from './unit-table.ts';

/** What is known of the units whose rows are those of U, without their words. */
type LabelUnits = Pick<UnitTable, 'count' | 'text' | 'letters'>;

/** What units say, in the order of their rows; anew with every call. */
export type UnitContents = () => AsyncIterable<Pick<TextsWithUnits, 'row' | 'contents'>>;

/** A word or phrase that sets a concept apart. */
export interface LabelTerm {
  readonly term: string;
  /** Contrastive TF-IDF; see {@link contrastiveTfIdf}. */
  readonly score: number;
  /** Rows of U whose unit has the term, strongest first. */
  readonly units: readonly number[];
}

/** A draft of a label; empty where no term sets the concept apart. */
export interface DraftLabel {
  /** The terms with ` · ` between them. */
  readonly text: string;
  readonly terms: readonly LabelTerm[];
}

const TERMS = 3;
/** Units that stand for a concept: the strongest, at least half as strong as the strongest of all. */
const MOST_INSIDE = 50;
const STRONG = 0.5;
/** A term must be in so many of them, of so many texts: one author's slip is no concept. */
const MIN_UNITS = 3;
const MIN_SHARE = 0.06;
const MIN_TEXTS = 2;
const SUPPORT_SHOWN = 5;
/** First and last word of a phrase are at least this much as telling as the phrase. */
const EDGE = 0.25;
/** A unit inside has a term at least five times as likely as one outside; less is a habit of speech. */
const LEAST_LIFT = Math.log(5);
/** The second and third term are at least this much as telling as the first. */
const BESIDE = 0.2;
/** A word gives way to a phrase that is this share of its uses. */
const PHRASE = 0.6;

/**
 * Draft labels of all concepts. Inside are the strongest units of a concept, outside all others; units with the
 * same words count once. No list of stop words: a word that all units have does not set any apart.
 *
 * The words of units are gone over twice: for the terms of the strongest, then to count these in all. Memory is for
 * the former alone.
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
  const groups = Array.from({ length: r }, (_, i) => {
    const values = columnOf(U, i);
    const inside = strongest(values, counted, rows);
    return { inside, value: new Map(inside.map((row) => [row, values[row]])) };
  });
  const terms = await termsOfRows(new Set(groups.flatMap(({ inside }) => inside)), contents);
  const total = await countAll(terms, counted, contents);
  return groups.map((group) => labelOf(holdersOf(group.inside, terms), { ...group, total, rows, units }));
}

/** The terms of some rows. */
async function termsOfRows(
  rows: ReadonlySet<number>,
  contents: UnitContents,
): Promise<Map<number, ReadonlySet<string>>> {
  const found = new Map<number, ReadonlySet<string>>();
  for await (const { row, contents: words } of contents()) {
    words.forEach((content, k) => {
      if (rows.has(row + k)) found.set(row + k, termsOf(content));
    });
    if (found.size === rows.size) break;
  }
  return found;
}

/** In how many of the rows that count each of some terms is. */
async function countAll(
  terms: ReadonlyMap<number, ReadonlySet<string>>,
  counted: Uint8Array,
  contents: UnitContents,
): Promise<Map<string, number>> {
  const total = new Map<string, number>();
  for (const some of terms.values()) for (const term of some) total.set(term, 0);
  for await (const { row, contents: words } of contents()) {
    words.forEach((content, k) => {
      if (counted[row + k] === 0) return;
      for (const term of termsOf(content)) {
        const count = total.get(term);
        if (count !== undefined) total.set(term, count + 1);
      }
    });
  }
  return total;
}

interface Group {
  /** Units of all rows that have a term. */
  readonly total: ReadonlyMap<string, number>;
  readonly inside: readonly number[];
  /** The coefficients of these rows: how much they count. */
  readonly value: ReadonlyMap<number, number>;
  /** Rows that count. */
  readonly rows: number;
  readonly units: LabelUnits;
}

function labelOf(holders: ReadonlyMap<string, number[]>, group: Group): DraftLabel {
  const { inside, units } = group;
  const score = scoring(holders, group);
  const least = Math.min(Math.max(MIN_UNITS, MIN_SHARE * inside.length), inside.length);
  const candidates: LabelTerm[] = [];
  for (const [term, found] of holders) {
    const texts = new Set(found.map((n) => units.text[n])).size;
    if (found.length < least || texts < Math.min(MIN_TEXTS, inside.length)) continue;
    // not "of your mortgage": `of` is as frequent elsewhere
    const words = term.split(' ');
    const ends = [words[0], words[words.length - 1]];
    const own = score(term);
    if (own < leastScore(found.length / inside.length)) continue;
    if (ends.some((end) => score(end) < EDGE * own)) continue;
    candidates.push({ term, score: own, units: found.slice(0, SUPPORT_SHOWN) });
  }
  candidates.sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
  const chosen = choose(candidates, holders);
  return { text: chosen.map(({ term }) => term).join(' · '), terms: chosen };
}

/** Scores of terms; a unit counts inside by its share of the concept, so that the clearest units say most. */
function scoring(holders: ReadonlyMap<string, number[]>, group: Group): (term: string) => number {
  const { total, inside, value, rows } = group;
  const sum = (found: readonly number[]): number => found.reduce((all, n) => all + value.get(n)!, 0);
  const each = inside.length / sum(inside); // so that the weights have mean 1
  const sizes = { inside: inside.length, outside: rows - inside.length };
  return (term) => {
    const found = holders.get(term) ?? [];
    const outside = (total.get(term) ?? 0) - found.length;
    return contrastiveTfIdf({ inside: each * sum(found), outside }, sizes);
  };
}

/** Of a term that a share of the units inside has, at the least lift. */
function leastScore(share: number): number {
  return share * LEAST_LIFT ** 2;
}

/** The best terms; a word gives way to a phrase that is most of its use, and none says what another says. */
function choose(candidates: readonly LabelTerm[], holders: ReadonlyMap<string, number[]>): LabelTerm[] {
  const chosen: LabelTerm[] = [];
  const uses = ({ term }: LabelTerm): number => holders.get(term)!.length;
  for (const candidate of candidates) {
    if (chosen.length === TERMS || candidate.score < BESIDE * candidates[0].score) break;
    const longer = candidates
      .filter((other) => isPart(candidate.term, other.term) && uses(other) >= PHRASE * uses(candidate))
      .sort((a, b) => b.term.split(' ').length - a.term.split(' ').length); // stable: the best of the longest
    const best = longer[0] ?? candidate;
    if (!chosen.some(({ term }) => sharesWord(term, best.term))) chosen.push(best);
  }
  return chosen;
}

function isPart(term: string, phrase: string): boolean {
  return term !== phrase && ` ${phrase} `.includes(` ${term} `);
}

/** Whether two terms have a word in common, be it singular and plural. */
function sharesWord(a: string, b: string): boolean {
  const stems = new Set(a.split(' ').map(stem));
  return b.split(' ').some((word) => stems.has(stem(word)));
}

function stem(word: string): string {
  return word.length > 3 ? word.replace(/(?:es|e|s|ed|ing)$/, '') : word;
}

/** Never more than half of the rows: then there is nothing to set apart. */
function strongest(values: Float64Array, counted: Uint8Array, rows: number): number[] {
  const most = Math.min(MOST_INSIDE, Math.max(1, Math.floor(rows / 2)));
  const strong: number[] = [];
  for (const row of strongestRows(values)) {
    if (counted[row] === 0) continue;
    if (strong.length === most || values[row] < STRONG * values[strong[0] ?? row]) break;
    strong.push(row);
  }
  return strong;
}

/** The rows inside by the terms that they have. */
function holdersOf(
  inside: readonly number[],
  terms: ReadonlyMap<number, ReadonlySet<string>>,
): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  for (const n of inside) {
    for (const term of terms.get(n)!) {
      const found = holders.get(term);
      if (found) found.push(n);
      else holders.set(term, [n]);
    }
  }
  return holders;
}

/** 1 for the first of the rows that say the same, else 0. */
function withoutRepeats({ count, letters }: LabelUnits): Uint8Array {
  const seen = new HashSet();
  return Uint8Array.from({ length: count }, (_, n) => Number(seen.add(letters[n])));
}
