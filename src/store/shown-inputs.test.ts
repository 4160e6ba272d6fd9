import { describe, expect, it } from 'vitest';
import { makeExplanation } from '../../test/report/fixture.ts';
import { shownInputs } from './shown-inputs.ts';

describe('shownInputs', () => {
  it('has each input once: examples, sources of the best rows, and those that the model gets wrong', () => {
    const explanation = makeExplanation({ concepts: 2, inputs: 100 });
    explanation.examples = [7, 3];
    explanation.concepts.forEach(({ bestRows }) => {
      bestRows.splice(1);
      bestRows[0].input = 9;
    });
    const { id, label } = explanation.class;
    for (const [n, item] of explanation.inputs.items.entries())
      item.predicted = { id: n === 50 || n === 3 ? id + 1 : id, label, logit: 1 };
    expect(shownInputs(explanation)).toEqual([3, 7, 9, 50]);
  });

  it('has not all of many that the model gets wrong', () => {
    const explanation = makeExplanation({ concepts: 1, inputs: 100 });
    Object.assign(explanation, { examples: [], concepts: [] });
    for (const item of explanation.inputs.items) item.predicted.id = explanation.class.id + 1;
    expect(shownInputs(explanation)).toEqual(Array.from({ length: 48 }, (_, n) => n));
  });
});
