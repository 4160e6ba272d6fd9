// Where a concept is in other fits.

import type { Robustness } from '../../../craft/robustness-schema.ts';
import type { Explained } from '../../report-data.ts';
import type { Found } from './draw-ranks.ts';

/** From this cosine on two fits are said to hold the same concept. */
export const SAME = 0.8;

/** Null where the run did not look, as for texts. */
export function robustnessOf(explanation: Explained): Robustness | null {
  return 'robustness' in explanation ? (explanation.robustness ?? null) : null;
}

/** One entry for each number of concepts in which the concept has a match, by rising r. */
export function foundAt({ ranks }: Robustness, id: number): Found[] {
  return ranks.flatMap(({ concepts, importance, matches }) => {
    const match = matches[id];
    return match && importance[match.place]
      ? [{ concepts, ...match, importance: importance[match.place] }]
      : [];
  });
}

/** Mean cosine of the concepts that have a match in a fit; NaN for none. */
export function meanCosine({ matches }: Robustness['ranks'][number]): number {
  const found = matches.flatMap((match) => (match ? [match.cosine] : []));
  return found.reduce((sum, cosine) => sum + cosine, 0) / found.length;
}
