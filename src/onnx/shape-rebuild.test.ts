import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DimFormula, fitDim } from './shape-rebuild.ts';

function apply({ axes, factor, divisor, offset }: DimFormula, L: readonly number[]): number {
  return (factor * axes.reduce((p, axis) => p * L[axis], 1)) / divisor + offset;
}

describe('fitDim', () => {
  it('takes a constant for a constant', () => {
    expect(fitDim([7, 7, 7], [[1], [2], [3]])).toEqual({ axes: [], factor: 0, divisor: 1, offset: 7 });
  });

  it.each([
    [
      'the batch',
      [2, 3],
      [
        [2, 8],
        [3, 8],
      ],
      { axes: [0], factor: 1, divisor: 1, offset: 0 },
    ],
    [
      'an image of a map at stride 32',
      [224, 288],
      [
        [2, 7],
        [2, 9],
      ],
      { axes: [1], factor: 32, divisor: 1, offset: 0 },
    ],
    [
      'batch · heads folded into one',
      [8, 12],
      [
        [16, 5],
        [24, 5],
      ],
      { axes: [0], factor: 1, divisor: 2, offset: 0 },
    ],
    ['tokens and a CLS token', [16, 21], [[17], [22]], { axes: [0], factor: 1, divisor: 1, offset: -1 }],
    [
      'height × width',
      [49, 63, 72],
      [
        [7, 7],
        [7, 9],
        [8, 9],
      ],
      { axes: [0, 1], factor: 1, divisor: 1, offset: 0 },
    ],
  ])('recognises %s', (_, v, L, formula) => {
    expect(fitDim(v, L)).toEqual(formula);
  });

  it('finds nothing where nothing fits', () => {
    expect(fitDim([1, 2], [[5], [5]])).toBeNull();
    expect(fitDim([4, 9, 17], [[2], [3], [4]])).toBeNull();
  });

  it('finds a formula that is right at every pin, for any line through a dim', () => {
    const line = fc.record({
      axis: fc.nat(2),
      factor: fc.integer({ min: 1, max: 64 }),
      divisor: fc.integer({ min: 1, max: 64 }),
      offset: fc.integer({ min: -8, max: 8 }),
      L: fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 3 }), {
        minLength: 2,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(line, ({ axis, factor, divisor, offset, L }) => {
        // multiples of the divisor, so that the dim is whole
        const dims = L.map((row) => row.map((d) => d * divisor));
        const v = dims.map((row) => (factor * row[axis]) / divisor + offset);
        const formula = fitDim(v, dims);
        expect(formula).not.toBeNull();
        expect(dims.map((row) => apply(formula!, row))).toEqual(v);
      }),
    );
  });
});
