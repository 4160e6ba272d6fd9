// The checks of what was read about fits with other choices.

import type { Explanation } from '../craft/explanation.ts';

/** What is wrong with the numbers of concepts and the places in `robustness`, in words; null if nothing is. */
export function robustnessFault({ robustness, concepts }: Explanation): string | null {
  if (!robustness) return null;
  const r = concepts.length;
  const { stability, ranks } = robustness;
  for (const kind of ['seeds', 'halves'] as const) {
    const { length } = stability[kind].perConcept;
    if (length !== r) return `robustness.stability.${kind}.perConcept: expected ${r} concepts; got ${length}`;
  }
  for (const [k, { concepts: rank, importance, matches }] of ranks.entries()) {
    const where = `robustness.ranks.${k}`;
    if (importance.length !== rank) {
      return `${where}.importance: expected ${rank} concepts; got ${importance.length}`;
    }
    if (matches.length !== r) return `${where}.matches: expected ${r} concepts; got ${matches.length}`;
    const outside = matches.find((match) => match !== null && match.place >= rank);
    if (outside) return `${where}.matches: expected places below ${rank}; got ${outside.place}`;
  }
  return null;
}
