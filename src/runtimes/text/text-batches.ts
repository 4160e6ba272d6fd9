// Which texts run together: texts of like lengths, so that little is computed on padding.

import type { Tokens } from '../../inputs/text/tokens.ts';

/** Texts of any length, of equal lengths, or one by one. */
export type Batching = 'padded' | 'equal-lengths' | 'alone';

/** Texts in one run, and tokens with padding, at most: memory of attention grows with both. */
const MOST_TEXTS = 64;
const MOST_TOKENS = 8192;

/** @returns indices of `texts` in groups, shortest texts first; every text is in one group. */
export function textGroups(texts: readonly Tokens[], batching: Batching, batch: number | null): number[][] {
  const lengthOf = (n: number): number => texts[n].ids.length;
  const order = [...texts.keys()].sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const groups: number[][] = [];
  for (const n of order) {
    const group = groups.at(-1);
    const isRoom =
      group !== undefined &&
      batching !== 'alone' &&
      group.length < (batch ?? MOST_TEXTS) &&
      (batch !== null || (group.length + 1) * lengthOf(n) <= MOST_TOKENS) &&
      (batching === 'padded' || lengthOf(group[0]) === lengthOf(n));
    if (isRoom) group.push(n);
    else groups.push([n]);
  }
  return groups;
}
