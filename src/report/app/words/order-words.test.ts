import { describe, expect, it } from 'vitest';
import { alikeOrders, type Order, orderSentence } from './order-words.ts';

const order = (name: Order['order'], left: number[]): Order => ({
  order: name,
  deletion: { values: left, auc: 0 },
  insertion: { values: left.map((value) => 1 - value), auc: 0 },
});
const chance = order('random', [1, 0.75, 0.5, 0.25, 0]);

describe('orderSentence', () => {
  it.each([
    [
      [1, 0.5, 0.19, 0.1, 0],
      'Removing the two most important concepts takes 81% of what the concepts add to the mean score; two at random 50%.',
    ],
    [
      [1, 0.1, 0, 0, 0],
      'Removing the most important concept takes 90% of what the concepts add to the mean score; one at random 25%.',
    ],
    [
      [1, -0.2, -0.1, 0, 0], // what is left speaks against the class
      'Removing the most important concept takes 100% of what the concepts add to the mean score; one at random 25%.',
    ],
    [[1, 0.9, 0.8, 0.7, 0], ''], // only all of them together
  ])('of %j', (left, expected) => {
    expect(orderSentence([order('importance', left), chance])).toBe(expected);
  });

  it('says nothing without chance', () => {
    expect(orderSentence([order('importance', [1, 0.1, 0, 0, 0])])).toBe('');
  });
});

describe('alikeOrders', () => {
  it('puts curves together that cannot be told apart', () => {
    const first = order('importance', [1, 0.5, 0]);
    const same = order('gradient-activation', [1, 0.502, 0]);
    const other = order('tcav', [1, 0.6, 0]);
    expect(alikeOrders([first, other, same])).toEqual([[first, same], [other]]);
  });
});
