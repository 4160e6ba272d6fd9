// Which terms name a concept: scored by how they set its units apart, and chosen so that none repeats another.

import { logOdds } from '../../math/contrast.ts';
import { isShape } from './unit-shapes.ts';

/** A word, phrase or shape that sets a concept apart. */
export interface LabelTerm {
  readonly term: string;
  /** p·δ·|δ|: share of the units inside that have it, times the squared log-odds ratio; see {@link logOdds}. */
  readonly score: number;
  /** Rows of U whose unit has the term, strongest first. */
  readonly units: readonly number[];
}

/** The units of one concept, and the terms that enough of them have. */
export interface LabelGroup {
  /** Rows that have a term, strongest first. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
  /** The coefficients of the units inside: how much they count. */
  readonly inside: ReadonlyMap<number, number>;
  /** Of all rows that count, how many there are, and how many have a term. */
  readonly rows: number;
  readonly total: ReadonlyMap<string, number>;
}

const TERMS = 3;
const SUPPORT_SHOWN = 5;
/** First and last word of a phrase are at least this much as telling as the phrase. */
const EDGE = 0.25;
/** Of a word, the odds inside are at least five times those outside; less is a habit of speech. Of a shape three. */
const LEAST_WORD = Math.log(5);
const LEAST_SHAPE = Math.log(3);
/** Standard errors that the log-odds ratio is above 0: chance names one term in a thousand. */
const LEAST_Z = 3.3;
/** Further words are at least this much as telling as the first; a shape that all units have leaves room for words. */
const BESIDE = 0.2;
/** A word gives way to a phrase that is this share of its uses. */
const PHRASE = 0.4;

/** The terms that name a concept, the most telling first; none where none tells. */
export function labelTerms(group: LabelGroup): LabelTerm[] {
  const score = scoring(group);
  const candidates: LabelTerm[] = [];
  for (const [term, found] of group.holders) {
    const { value, delta, z } = score(term);
    const least = isShape(term) ? LEAST_SHAPE : LEAST_WORD;
    if (delta < least || z < LEAST_Z || isLetter(term)) continue;
    // not "of your mortgage": `of` is as frequent elsewhere
    const words = isShape(term) ? [] : term.split(' ');
    const ends = words.filter((_, k) => k === 0 || k === words.length - 1);
    if (ends.some((end) => score(end).value < EDGE * value)) continue;
    candidates.push({ term, score: value, units: found.slice(0, SUPPORT_SHOWN) });
  }
  candidates.sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
  return choose(candidates, group);
}

interface Score {
  readonly value: number;
  readonly delta: number;
  readonly z: number;
}

/** Scores of terms; a unit counts inside by its share of the concept, so that the clearest units say most. */
function scoring({ holders, inside, rows, total }: LabelGroup): (term: string) => Score {
  const sum = (found: Iterable<number>): number => {
    let all = 0;
    for (const n of found) all += inside.get(n)!;
    return all;
  };
  const each = inside.size / sum(inside.keys()); // so that the weights have mean 1
  const sizes = { inside: inside.size, outside: rows - inside.size };
  return (term) => {
    const found = holders.get(term) ?? [];
    const outside = (total.get(term) ?? 0) - found.length;
    const { delta, z } = logOdds({ inside: each * sum(found), outside }, sizes);
    return { value: (found.length / inside.size) * delta * Math.abs(delta), delta, z };
  };
}

/** A letter of a script whose letters are no words: of a list, or of a word that was broken. */
function isLetter(term: string): boolean {
  return /^[\p{Ll}\p{Lu}]$/u.test(term);
}

/**
 * The best terms, one shape at most; a word gives way to a phrase that is much of its use, and none says what another
 * says.
 */
function choose(candidates: readonly LabelTerm[], { holders }: LabelGroup): LabelTerm[] {
  const chosen: LabelTerm[] = [];
  const bestWord = candidates.find(({ term }) => !isShape(term))?.score ?? 0;
  const uses = ({ term }: LabelTerm): number => holders.get(term)!.length;
  for (const candidate of candidates) {
    if (chosen.length === TERMS) break;
    const isTaken = chosen.some(({ term }) => isShape(term));
    if (isShape(candidate.term) ? isTaken : candidate.score < BESIDE * bestWord) continue;
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
