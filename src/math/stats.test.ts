import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hoyerSparsity, mean, quantile, rSquared, variance } from './stats.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('mean and variance', () => {
  it('are those of 2, 4, 4, 4, 5, 5, 7, 9', () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(variance([2, 4, 4, 4, 5, 5, 7, 9])).toBe(32 / 7);
  });

  it('are exact for constant values, whatever they are', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: 2, max: 50 }), (v, n) => {
        const values = new Float64Array(n).fill(v);
        expect(mean(values) === v).toBe(true); // −0 counts as 0
        expect(variance(values)).toBe(0);
      }),
    );
  });

  it('are NaN where they are undefined', () => {
    expect(mean([])).toBeNaN();
    expect(variance([1])).toBeNaN();
  });
});

describe('quantile', () => {
  // numpy.quantile([3, 1, 2, 10], [0, .1, .5, .9, 1])
  it.each([
    [0, 1],
    [0.1, 1.3],
    [0.5, 2.5],
    [0.9, 7.9],
    [1, 10],
  ])('at %d is numpy’s %d', (q, expected) => {
    expect(quantile([3, 1, 2, 10], q)).toBeCloseTo(expected, 12); // float64 rounding
  });

  it('rises with q and stays within the values', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p, q) => {
          const [low, high] = [quantile(values, Math.min(p, q)), quantile(values, Math.max(p, q))];
          const slack = 1e-9; // interpolation between neighbours rounds at 1e6 · 2⁻⁵³
          expect(low).toBeLessThanOrEqual(high + slack);
          expect(low).toBeGreaterThanOrEqual(Math.min(...values) - slack);
          expect(high).toBeLessThanOrEqual(Math.max(...values) + slack);
        },
      ),
    );
  });

  it('refuses no values and q outside [0, 1]', () => {
    expect(() => quantile([], 0.5)).toThrow(expect.objectContaining({ code: 'VALUE' }));
    expect(() => quantile([1], 1.5)).toThrow(expect.objectContaining({ code: 'VALUE' }));
    expect(() => quantile([1], Number.NaN)).toThrow(expect.objectContaining({ code: 'VALUE' }));
  });
});

describe('hoyerSparsity', () => {
  it('is 0 for equal sizes, 1 for a single one', () => {
    expect(hoyerSparsity([2, 2, -2, 2])).toBeCloseTo(0, 12); // √4 is exact, the sums round
    expect(hoyerSparsity([0, 0, 5, 0])).toBe(1);
  });

  it('is 0 where it is undefined', () => {
    expect(hoyerSparsity([])).toBe(0);
    expect(hoyerSparsity([3])).toBe(0);
    expect(hoyerSparsity([0, 0, 0])).toBe(0);
  });

  it('is in [0, 1] and does not see scale or sign', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 2 }),
        fc.constantFrom(-4, 0.25, 2 ** 40),
        (values, factor) => {
          const sparsity = hoyerSparsity(values);
          expect(sparsity).toBeGreaterThanOrEqual(0);
          expect(sparsity).toBeLessThanOrEqual(1);
          expect(hoyerSparsity(values.map((v) => v * factor))).toBe(sparsity); // powers of 2: no rounding
        },
      ),
    );
  });
});

describe('rSquared', () => {
  it('is 1 for the observed values, 0 for their mean, NaN for constant ones', () => {
    expect(rSquared([1, 2, 4], [1, 2, 4])).toBe(1);
    expect(rSquared([2, 2, 2], [1, 2, 3])).toBe(0);
    expect(rSquared([1, 2, 3], [2, 2, 2])).toBeNaN();
  });

  it('refuses different lengths', () => {
    expect(() => rSquared([1], [1, 2])).toThrow(expect.objectContaining({ code: 'SHAPE' }));
  });
});
