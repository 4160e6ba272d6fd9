// How much of the model the concepts keep, in plain words.

import type { Explanation } from '../../../craft/explanation.ts';
import { fixed, percent } from './numbers.ts';

export type Level = 'good' | 'fair' | 'low' | 'unknown';

/** The class score's R²: good from .9, low under .5 (less than half of its variance is kept). */
export function completenessLevel({ r2, top1Agreement }: Explanation['completeness']): Level {
  if (r2 === null) return 'unknown';
  if (r2 < 0.5 || top1Agreement < 0.5) return 'low';
  return r2 >= 0.9 && top1Agreement >= 0.9 ? 'good' : 'fair';
}

export function completenessWords(completeness: Explanation['completeness']): string {
  const agreement = `The model’s first choice stays the same on ${percent(completeness.top1Agreement)} of the inputs.`;
  switch (completenessLevel(completeness)) {
    case 'good':
      return `From these concepts alone the model computes nearly the same class score. ${agreement}`;
    case 'fair':
      return `From these concepts alone the model computes a similar class score; part of it is not covered. ${agreement}`;
    case 'low':
      return `From these concepts alone the model computes a different class score: much of what it uses is not covered here. ${agreement}`;
    case 'unknown':
      return `The class score is the same on every input, so R² is undefined. ${agreement}`;
  }
}

/** A sentence for the list of warnings, or null if the completeness is not low. */
export function completenessWarning({ completeness }: Explanation): string | null {
  if (completenessLevel(completeness) !== 'low') return null;
  const { r2, top1Agreement } = completeness;
  return `Low completeness (R² ${fixed(r2!)}, same first choice on ${percent(top1Agreement)}). The concepts leave out much of what the model computes, so do not read them as the reason for its answers. More concepts, another layer or more images may help.`;
}
