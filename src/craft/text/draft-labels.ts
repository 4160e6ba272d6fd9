// A first name for a concept: the words that its strongest units have and other units have not.

import { CraftError } from '../../errors.ts';
import { hash53 } from '../../inputs/text/hash53.ts';
import { contrastiveTfIdf } from '../../math/contrast.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { termsOf } from './terms.ts';

/** A unit as its words, and the text that it is of. */
export interface LabelUnit {
  readonly content: string;
  readonly text: number;
}

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
 * Cost O(units · length) in time; memory for the terms of the strongest units, not of all.
 *
 * @param U - coefficients of the units, [n, r].
 * @param units - of the rows of U, in order.
 * @throws {@link CraftError} `SHAPE` if there are not as many units as rows.
 */
export function draftLabels(U: Tensor, units: readonly LabelUnit[]): DraftLabel[] {
  const [n, r] = U.dims;
  if (units.length !== n) {
    throw new CraftError('SHAPE', `draftLabels: expected a unit for each of ${n} rows; got ${units.length}`);
  }
  const rows = withoutRepeats(units);
  const groups = Array.from({ length: r }, (_, i) => {
    const value = (n: number): number => U.data[n * r + i];
    const inside = strongest(rows, value);
    return { inside, value, holders: countInside(inside, units) };
  });
  const total = countAll(
    rows,
    units,
    groups.flatMap(({ holders }) => [...holders.keys()]),
  );
  return groups.map(({ holders, ...group }) =>
    labelOf(holders, { ...group, total, rows: rows.length, units }),
  );
}

/** Rows that have each of some terms. */
function countAll(
  rows: readonly number[],
  units: readonly LabelUnit[],
  terms: readonly string[],
): Map<string, number> {
  const total = new Map(terms.map((term) => [term, 0]));
  for (const n of rows) {
    for (const term of termsOf(units[n].content)) {
      const count = total.get(term);
      if (count !== undefined) total.set(term, count + 1);
    }
  }
  return total;
}

interface Group {
  /** Units of all rows that have a term. */
  readonly total: ReadonlyMap<string, number>;
  readonly inside: readonly number[];
  /** The coefficient of a row: how much it counts inside. */
  readonly value: (n: number) => number;
  readonly rows: number;
  readonly units: readonly LabelUnit[];
}

function labelOf(holders: ReadonlyMap<string, number[]>, group: Group): DraftLabel {
  const { inside, units } = group;
  const score = scoring(holders, group);
  const least = Math.min(Math.max(MIN_UNITS, MIN_SHARE * inside.length), inside.length);
  const candidates: LabelTerm[] = [];
  for (const [term, found] of holders) {
    const texts = new Set(found.map((n) => units[n].text)).size;
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
  const sum = (found: readonly number[]): number => found.reduce((all, n) => all + value(n), 0);
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

function strongest(rows: readonly number[], value: (n: number) => number): number[] {
  const sorted = rows.filter((n) => value(n) > 0).sort((a, b) => value(b) - value(a) || a - b);
  const top = sorted.length > 0 ? value(sorted[0]) : 0;
  const strong = sorted.filter((n) => value(n) >= STRONG * top).slice(0, MOST_INSIDE);
  // never all of the rows: then there is nothing to set apart
  return strong.slice(0, Math.max(1, Math.floor(rows.length / 2)));
}

/** The rows inside by the terms that they have. */
function countInside(inside: readonly number[], units: readonly LabelUnit[]): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  for (const n of inside) {
    for (const term of termsOf(units[n].content)) {
      const found = holders.get(term);
      if (found) found.push(n);
      else holders.set(term, [n]);
    }
  }
  return holders;
}

function withoutRepeats(units: readonly LabelUnit[]): number[] {
  const seen = new Set<number>();
  const rows: number[] = [];
  for (const [n, { content }] of units.entries()) {
    const letters = hash53(content.toLowerCase().replace(/[^\p{L}]+/gu, ' '));
    if (seen.has(letters)) continue;
    seen.add(letters);
    rows.push(n);
  }
  return rows;
}
