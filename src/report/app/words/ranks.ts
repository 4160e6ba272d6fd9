// Which ranks the data leave open: where intervals overlap, they cannot tell the order.

import type { AnyConcept } from '../../report-data.ts';

export interface Rank {
  /** Best and worst rank that the intervals allow, from 1. */
  first: number;
  last: number;
  /** Ids of the concepts whose interval overlaps this one's. */
  tied: number[];
}

export function rankOf(concept: AnyConcept, all: readonly AnyConcept[]): Rank {
  const { lower, upper } = concept.importance;
  const others = all.filter(({ id }) => id !== concept.id);
  const above = others.filter(({ importance }) => importance.lower > upper);
  const below = others.filter(({ importance }) => importance.upper < lower);
  return {
    first: above.length + 1,
    last: all.length - below.length,
    tied: others.filter((c) => !above.includes(c) && !below.includes(c)).map(({ id }) => id),
  };
}

/** '2', or '2–4' where they are tied. */
export const rankText = ({ first, last }: Rank): string =>
  first === last ? String(first) : `${first}–${last}`;
