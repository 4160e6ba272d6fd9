// Which terms name a concept: scored by how they set its units apart, and chosen so that none repeats another.

import { type Spread, type TermEffect, termEffect } from '../../math/contrast.ts';
import { isShape } from './unit-shapes.ts';

/** A word, phrase or shape that sets a concept apart. */
export interface LabelTerm {
  readonly term: string;
  /** z·δ: how much higher the coefficients are with the term, times how sure that is; see {@link termEffect}. */
  readonly score: number;
  /** Rows of U whose unit has the term, strongest first. */
  readonly units: readonly number[];
}

/** What is known of one concept's terms. */
export interface LabelGroup {
  /** Of the strongest rows, those that have a term, strongest first. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
  /** Coefficients of all rows that count. */
  readonly all: Spread;
  /** Of all rows that count, how many have a term, and the sum of their coefficients. */
  having(term: string): { readonly count: number; readonly sum: number };
}

const TERMS = 3;
const SUPPORT_SHOWN = 5;
/** First and last word of a phrase are at least this much as telling as the phrase. */
const EDGE = 0.25;
/** Standard deviations that the mean coefficient is higher with the term; less is a habit of speech. */
const LEAST_DELTA = 0.5;
/** Standard errors: a concept has some hundred terms to choose from. Few units do not reach them: then a correlation. */
const LEAST_Z = 4.5;
const LEAST_CORRELATION = 0.75;
/** Further words are at least this much as telling as the first; a shape that all units have leaves room for words. */
const BESIDE = 0.2;
/** A word gives way to a phrase that is this share of its uses. */
const PHRASE = 0.4;

/** The terms that name a concept, the most telling first; none where none tells. */
export function labelTerms(group: LabelGroup): LabelTerm[] {
  const effect = (term: string): TermEffect => termEffect(group.having(term), group.all);
  const leastZ = Math.min(LEAST_Z, LEAST_CORRELATION * Math.sqrt(group.all.count - 1));
  const candidates: LabelTerm[] = [];
  for (const [term, found] of group.holders) {
    const { delta, z } = effect(term);
    if (delta < LEAST_DELTA || z < leastZ || isLetter(term)) continue;
    // not "of your mortgage": `of` is as frequent elsewhere
    const words = isShape(term) ? [] : term.split(' ');
    const ends = words.filter((_, k) => k === 0 || k === words.length - 1);
    if (ends.some((end) => scoreOf(effect(end)) < EDGE * scoreOf({ delta, z }))) continue;
    candidates.push({ term, score: scoreOf({ delta, z }), units: found.slice(0, SUPPORT_SHOWN) });
  }
  candidates.sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
  return choose(candidates, group);
}

/** Below 0 where the term lowers the coefficients. */
function scoreOf({ delta, z }: TermEffect): number {
  return z * Math.abs(delta);
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
