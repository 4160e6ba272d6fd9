import { describe, expect, it } from 'vitest';
import { makeExplanation } from '../../../../test/report/fixture.ts';
import { makeTextRun } from '../../../../test/report/text-fixture.ts';
import { isMissed, labelOf } from './missed.ts';

describe('isMissed', () => {
  const { explanation } = makeTextRun();
  const { items } = explanation.inputs;

  it('goes by the label where the file has one, whatever class is explained', () => {
    const right = items.findIndex(({ label, predicted }) => label === 'ham' && predicted.label === 'ham');
    const wrong = items.findIndex(({ label, predicted }) => label === 'ham' && predicted.label === 'spam');
    expect([right, wrong].map((n) => isMissed(explanation, n))).toEqual([false, true]);
    expect(labelOf(explanation, wrong)).toBe('ham');
  });

  it('goes by the class explained where labels name other things, and for images', () => {
    const other = { ...explanation, inputs: { ...explanation.inputs, accuracy: null } };
    items.forEach(({ predicted }, n) => {
      expect(isMissed(other, n)).toBe(predicted.id !== 1);
      expect(labelOf(other, n)).toBeNull();
    });
    const images = makeExplanation();
    expect(images.inputs.items.map((_, n) => isMissed(images, n)).slice(0, 6)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });
});
