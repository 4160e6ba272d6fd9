// The report's first sentences, made from the numbers. They must be true of sampled and of exact indices:
// shares are of the sum of the indices, not of the variance, since indices overlap where concepts interact.

import type { AnyConcept, Explained } from '../../report-data.ts';
import { className, shorten } from './names.ts';
import { capital, fixed, inWords, percent } from './numbers.ts';

/** The least concepts that hold this share of the summed importance are the ones that carry the score. */
const CARRY = 0.8;

export interface Verdict {
  headline: string;
  /** Sentences that follow it. */
  details: string[];
}

/** By importance, highest first; equal ones by id. */
export function byImportance<C extends AnyConcept>(concepts: readonly C[]): C[] {
  return [...concepts].sort((a, b) => b.importance.value - a.importance.value || a.id - b.id);
}

export function verdictOf(explanation: Explained, nameOf: (concept: AnyConcept) => string): Verdict {
  const ranked = byImportance<AnyConcept>(explanation.concepts);
  const total = ranked.reduce((sum, c) => sum + c.importance.value, 0);
  const label = `“${className(explanation)}”`;
  if (ranked.length === 0 || total <= 0) {
    return { headline: `No concept found here moves the score of ${label}.`, details: [] };
  }
  return {
    headline: headline(ranked, total, label),
    details: [
      strongest(ranked[0], nameOf(ranked[0]), ranked.length),
      howSure(explanation, ranked, nameOf),
    ].filter(Boolean),
  };
}

function headline(ranked: AnyConcept[], total: number, label: string): string {
  const r = ranked.length;
  if (r === 1) return `One concept was asked for, so it holds all the measured importance for ${label}.`;
  let k = 0;
  let held = 0;
  while (k < r && held < CARRY * total) held += ranked[k++].importance.value;
  if (k === r) return `The importance for ${label} is spread over all ${inWords(r)} concepts.`;
  const who =
    k === 1 ? `One of ${inWords(r)} concepts holds` : `${capital(inWords(k))} of ${inWords(r)} concepts hold`;
  return `${who} ${percent(held / total)} of the measured importance for ${label}.`;
}

function strongest(concept: AnyConcept, name: string, r: number): string {
  const { value, lower, upper } = concept.importance;
  const start =
    r === 1
      ? 'On'
      : `The strongest is ${shorten(name, 60)} (importance ${fixed(value)}, between ${fixed(lower)} and ${fixed(upper)}): on`;
  if (direction(concept.effect) === 'none') {
    return `${start} average it neither raises nor lowers the score.`;
  }
  const verb = concept.effect > 0 ? 'raises' : 'lowers';
  return `${start} average its presence ${verb} the score by ${fixed(Math.abs(concept.effect))}.`;
}

function howSure(
  explanation: Explained,
  ranked: AnyConcept[],
  nameOf: (concept: AnyConcept) => string,
): string {
  const { method, sum } = explanation.importance;
  if (method === 'sobol' && sum > 1.1) {
    return `The indices sum to ${fixed(sum)}, above 1: concepts act together, so their shares overlap.`;
  }
  const first = ranked.slice(0, 3).findIndex(isOrderUncertain);
  if (first < 0) return '';
  const end = ranked.findIndex((concept, k) => k > first && !isOrderUncertain(concept));
  const last = end < 0 ? ranked.length - 1 : end;
  if (last === first) return '';
  if (last === first + 1) {
    const [one, other] = [ranked[first], ranked[last]].map((concept) => shorten(nameOf(concept), 60));
    return `The order of ${one} and ${other} is not certain.`;
  }
  return first === 0
    ? `The data cannot tell the order of the first ${inWords(last + 1)}.`
    : `The data cannot tell the order from rank ${first + 1} to rank ${last + 1}.`;
}

/** Whether the next concept may well stand above this one: less than 95 in 100 bootstrap samples agree. */
export const isOrderUncertain = (concept: AnyConcept): boolean =>
  concept.aboveNext !== null && concept.aboveNext < 0.95;

export type Direction = 'for' | 'against' | 'none';

/** Which way a concept moves the score; none below half of the last digit shown. */
export function direction(effect: number): Direction {
  if (!(Math.abs(effect) >= 0.005)) return 'none';
  return effect > 0 ? 'for' : 'against';
}
