// One concept in plain words, with how sure the numbers are.

import type { AnyConcept, Explained } from '../../report-data.ts';
import { className, shorten } from '../words/names.ts';
import { inputNoun, rowNoun } from '../words/nouns.ts';
import { fixed, index, percent } from '../words/numbers.ts';
import { rankOf } from '../words/ranks.ts';
import { direction } from '../words/verdict.ts';

/** Tied concepts that are named. */
const NAMED = 4;

export function conceptSentences(
  concept: AnyConcept,
  explanation: Explained,
  nameOf: (concept: AnyConcept) => string,
): string[] {
  const { value, lower, upper } = concept.importance;
  const level = percent(explanation.settings.confidence);
  return [
    `It takes part in ${index(value)} of the ups and downs of the score of “${className(explanation)}”, between ${fixed(lower)} and ${fixed(upper)} at ${level} confidence.`,
    rankSentence(concept, explanation.concepts, nameOf),
    effectSentence(concept, explanation),
    `It is present in ${percent(concept.prevalence)} of the ${rowNoun(explanation)}s.`,
  ];
}

function rankSentence(
  concept: AnyConcept,
  all: readonly AnyConcept[],
  nameOf: (concept: AnyConcept) => string,
): string {
  const { first, last, tied } = rankOf(concept, all);
  if (all.length === 1) return '';
  if (tied.length === 0)
    return `Its rank, ${first} of ${all.length}, is certain: no other interval overlaps.`;
  const names = tied.slice(0, NAMED).map((id) => shorten(nameOf(all[id]), 40));
  const rest = tied.length > NAMED ? ` and ${tied.length - NAMED} more` : '';
  return `Its rank is anything from ${first} to ${last} of ${all.length}: it is tied with ${names.join(', ')}${rest}, whose intervals overlap with its own.`;
}

function effectSentence({ effect }: AnyConcept, explanation: Explained): string {
  const way = direction(effect);
  const noun = inputNoun(explanation);
  if (way === 'none') return `Removing it does not change the score of the mean ${noun}.`;
  return `Removing it ${way === 'for' ? 'lowers' : 'raises'} the score by ${fixed(Math.abs(effect))} on the mean ${noun}.`;
}
