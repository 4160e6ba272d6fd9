import { describe, expect, it } from 'vitest';
import { makeTextRun } from '../../../../test/report/text-fixture.ts';
import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { unitWeights } from './word-weights.ts';

const { explanation } = makeTextRun();
type Words = TextConcept['bestUnits'][number]['words'];
const withWords = (...words: Words[]): TextConcept => {
  const [concept] = explanation.concepts;
  return { ...concept, bestUnits: words.map((of, k) => ({ ...concept.bestUnits[k], words: of })) };
};

describe('unitWeights', () => {
  it('are shares of the largest loss of all best units of the concept', () => {
    const concept = withWords([[0, 4, 0.5]], [[10, 14, 2]], undefined);
    expect(unitWeights(concept, [[0, 4, 0.5]])).toEqual([{ id: 0, span: [0, 4], share: 0.25 }]);
  });

  it('leave out words that it hardly loses by, and those it grows without', () => {
    const concept = withWords([
      [0, 4, 1],
      [5, 8, 0.07],
      [9, 12, -1],
    ]);
    expect(unitWeights(concept, concept.bestUnits[0].words!).map(({ span }) => span)).toEqual([[0, 4]]);
  });

  it('are none where no word counts', () => {
    expect(unitWeights(withWords([[0, 4, -1]]), [[0, 4, -1]])).toEqual([]);
  });
});
