// The comparison of two groups in words.

import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { shorten } from '../words/names.ts';
import { percent } from '../words/numbers.ts';

type Compared = GroupComparison['concepts'][number];

export const READINGS: Record<Compared['reading'], { name: string; meaning: string }> = {
  discriminating: {
    name: 'Tells apart and is used',
    meaning: 'one group has more of it, and the score rests on it',
  },
  shared: { name: 'Shared and used', meaning: 'both groups have it alike, and the score rests on it' },
  unused: {
    name: 'Tells apart, hardly used',
    meaning: 'one group has more of it, but the score hardly rests on it',
  },
  negligible: { name: 'Neither', meaning: 'both groups have it alike, and the score hardly rests on it' },
};

/** Label of a group, short enough for a sentence. */
export const groupName = ({ groups }: GroupComparison, k: number): string => shorten(groups[k].label, 32);

/** Which group has more of the concept: 0 or 1. */
export const moreIn = ({ delta }: Compared): 0 | 1 => (delta.value >= 0 ? 0 : 1);

/** |Δ| with its interval: from 0 where Δ may have either sign. */
export function sizeOf({ delta: { value, lower, upper } }: Compared): {
  value: number;
  lower: number;
  upper: number;
} {
  const ends = [Math.abs(lower), Math.abs(upper)];
  return {
    value: Math.abs(value),
    lower: lower <= 0 && upper >= 0 ? 0 : Math.min(...ends),
    upper: Math.max(...ends),
  };
}

/** How many concepts have each reading, in a sentence. */
export function compareSentence({ concepts }: GroupComparison, confidence: number): string {
  const counts = Object.entries(READINGS).map(([reading, { name }]) => {
    const n = concepts.filter((concept) => concept.reading === reading).length;
    return `${name.toLowerCase()} ${n}`;
  });
  return `Of ${concepts.length} concepts: ${counts.join(', ')}. A difference counts if its ${percent(confidence)} interval leaves out 0; a concept counts as used if all of its interval is above what the least important concept may reach.`;
}
