import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

/** A task that takes as many turns of the event loop as it is told, and counts those that run. */
function tasks() {
  const seen = { running: 0, most: 0, started: 0, ended: 0 };
  const run = async (turns: number): Promise<number> => {
    seen.started++;
    seen.most = Math.max(seen.most, ++seen.running);
    for (let i = 0; i < turns % 10; i++) await new Promise(setImmediate);
    seen.running--;
    seen.ended++;
    return turns;
  };
  return { seen, run };
}

describe('inOrder', () => {
  it('gives every result in order and never runs more than `concurrency` at once', async () => {
    const items = fc.array(fc.nat(100), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 5 }), async (items, concurrency) => {
        const { seen, run } = tasks();
        const results: number[] = [];
        for await (const result of inOrder(items, concurrency, run)) {
          results.push(result);
          expect(seen.started - results.length).toBeLessThanOrEqual(concurrency);
        }
        expect(results).toEqual(items);
        expect(seen.most).toBeLessThanOrEqual(concurrency);
      }),
      { numRuns: 50 },
    );
  });

  it('waits for what runs when the consumer stops', async () => {
    const { seen, run } = tasks();
    for await (const result of inOrder([1, 9, 9, 9, 9], 3, run)) {
      expect(result).toBe(1);
      break;
    }
    expect(seen).toMatchObject({ started: 4, ended: 4, running: 0 });
  });

  it('throws the first error in order', async () => {
    const { seen, run } = tasks();
    const failing = async (turns: number) => {
      await run(turns);
      if (turns > 1) throw new Error(`task ${turns}`);
      return turns;
    };
    const results: number[] = [];
    const reading = (async () => {
      for await (const result of inOrder([1, 5, 2, 1], 3, failing)) results.push(result);
    })();
    await expect(reading).rejects.toThrow('task 5');
    expect(results).toEqual([1]);
    expect(seen.running).toBe(0);
  });
});
