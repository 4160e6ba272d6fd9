import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomWordOrder, wordDeletion, wordOrder } from './word-deletion.ts';

/** A score that adds up over the words that are left. */
const additive = (weights: number[]) => async (removed: readonly (readonly number[])[]) =>
  removed.map((gone) => weights.reduce((sum, w, i) => (gone.includes(i) ? sum : sum + w), 0));

describe('wordDeletion', () => {
  it('has the area of its closed form', async () => {
    // scores 4, 1, 0 with words of 3 and 1: (2.5 + 0.5) / 2 of 4
    const { share, value, area } = await wordDeletion([0, 1], additive([3, 1]), 2);
    expect([...share]).toEqual([0, 0.5, 1]);
    expect([...value]).toEqual([4, 1, 0]);
    expect(area).toBe(1.5 / 4);
  });

  it('falls fastest in the order of the scores', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        async (weights, seed) => {
          const best = await wordDeletion(wordOrder(weights), additive(weights), 50);
          const other = await wordDeletion(randomWordOrder(weights.length, seed), additive(weights), 50);
          expect(best.area!).toBeLessThanOrEqual(other.area! + 1e-12); // sums of other order
        },
      ),
      { numRuns: 50 },
    );
  });

  it('asks once, and has no area without a score to lose', async () => {
    let calls = 0;
    const curve = await wordDeletion([0, 1, 2], async (removed) => {
      calls++;
      return removed.map(() => 0);
    });
    expect(calls).toBe(1);
    expect(curve.value).toHaveLength(4);
    expect(curve.area).toBeNull();
    await expect(wordDeletion([], additive([]))).rejects.toMatchObject({ code: 'VALUE' });
    await expect(wordDeletion([0], additive([1]), 0)).rejects.toMatchObject({ code: 'VALUE' });
  });
});
