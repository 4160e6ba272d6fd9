import { describe, expect, it } from 'vitest';
import { makeExplanation } from '../../../../test/report/fixture.ts';
import { rankOf, rankText } from './ranks.ts';

describe('rankOf', () => {
  const concepts = makeExplanation({ concepts: 4, inputs: 4 }).concepts.map((concept, id) => {
    const [lower, upper] = [
      [0.5, 0.7],
      [0.2, 0.4],
      [0.15, 0.25],
      [0, 0.1],
    ][id];
    return { ...concept, importance: { value: (lower + upper) / 2, lower, upper } };
  });

  it('is certain where no interval overlaps, else a range with those it is tied with', () => {
    expect(concepts.map((concept) => rankOf(concept, concepts))).toEqual([
      { first: 1, last: 1, tied: [] },
      { first: 2, last: 3, tied: [2] },
      { first: 2, last: 3, tied: [1] },
      { first: 4, last: 4, tied: [] },
    ]);
    expect(concepts.map((concept) => rankText(rankOf(concept, concepts)))).toEqual(['1', '2–3', '2–3', '4']);
  });
});
