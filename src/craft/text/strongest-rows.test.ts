import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, strongestRows } from './strongest-rows.ts';

describe('strongestRows', () => {
  it('gives the rows of a full sort, without those that are 0', () => {
    const value = fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ min: 0, max: 3, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 2000, size: 'max' }), (list) => {
        const sorted = [...list.keys()]
          .filter((row) => list[row] > 0)
          .sort((a, b) => list[b] - list[a] || a - b);
        expect([...strongestRows(Float64Array.from(list))]).toEqual(sorted);
      }),
      { numRuns: 30 },
    );
  });

  it('reads one column', () => {
    const U = { data: [1, 2, 3, 4, 5, 6], dims: [3, 2] };
    expect([...columnOf(U, 1)]).toEqual([2, 4, 6]);
  });
});
