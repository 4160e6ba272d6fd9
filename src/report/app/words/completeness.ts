// How much of the model the concepts keep, in plain words.

import type { Explained } from '../../report-data.ts';
import { fixed, percent } from './numbers.ts';

export type Level = 'good' | 'fair' | 'low' | 'unknown';

/** The class score's R²: good from .9, low under .5 (less than half of its variance is kept). */
export function completenessLevel({ r2, top1Agreement }: Explained['completeness']): Level {
  if (r2 === null) return 'unknown';
  if (r2 < 0.5 || top1Agreement < 0.5) return 'low';
  return r2 >= 0.9 && top1Agreement >= 0.9 ? 'good' : 'fair';
}

export function completenessWords(completeness: Explained['completeness']): string {
  const { r2 } = completeness;
  const below =
    r2 !== null && r2 < 0
      ? ` R² is ${fixed(r2)}: 1 is all of the score, and below 0 it is further off than one mean score for all would be.`
      : '';
  const agreement = `The model’s first choice stays the same on ${percent(completeness.top1Agreement)} of the inputs.`;
  switch (completenessLevel(completeness)) {
    case 'good':
      return `From these concepts alone the model computes nearly the same class score. ${agreement}`;
    case 'fair':
      return `From these concepts alone the model computes a similar class score; part of it is not covered. ${agreement}`;
    case 'low':
      return `${whatIsLost(completeness)} ${agreement}${below}`;
    case 'unknown':
      return `The class score is the same on every input, so R² is undefined. ${agreement}`;
  }
}

/** From this correlation on, the two scores rise and fall together. */
const FOLLOWS = 0.7;

function whatIsLost({ correlation, bias }: Explained['completeness']): string {
  if (correlation !== null && correlation >= FOLLOWS) {
    return `From these concepts alone the class score rises and falls with the model’s (correlation ${fixed(correlation)}) but comes out ${fixed(Math.abs(bias))} too ${bias < 0 ? 'low' : 'high'} on average: that part of it is in no concept, and R² counts it.`;
  }
  return 'From these concepts alone the model computes a different class score: much of what it uses is not covered here.';
}
