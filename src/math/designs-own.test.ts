import { describe, expect, it } from 'vitest';
import { sobolDesign } from './designs.ts';
import { latinHypercubeDesigns, scrambledSobolDesigns } from './designs-own.ts';
import { mean } from './stats.ts';

const families = { 'scrambled Sobol': scrambledSobolDesigns, 'Latin hypercube': latinHypercubeDesigns };

describe.each(Object.entries(families))('designs of %s', (_, family) => {
  it('are the same for the same k, in any order, and others for another k or seed', () => {
    const points = family(6, 32, 5);
    const [a, b] = [points(0), points(3)];
    expect(points(0)).toEqual(a);
    expect(family(6, 32, 5)(3)).toEqual(b);
    expect(b.data).not.toEqual(a.data);
    expect(family(6, 32, 6)(3).data).not.toEqual(b.data);
  });

  it('put one point in each interval of every dimension', () => {
    const { data } = family(12, 32, 1)(7);
    for (let c = 0; c < 12; c++) {
      const cells = Array.from({ length: 32 }, (_, n) => Math.floor(data[n * 12 + c] * 32));
      expect(cells.sort((x, y) => x - y)).toEqual(Array.from({ length: 32 }, (_, n) => n));
    }
  });

  it('are independent: the mean of a product over k is that of chance', () => {
    const points = family(2, 16, 2);
    const values = Array.from({ length: 800 }, (_, k) => points(k).data[5] - 0.5);
    const products = values.slice(1).map((v, k) => v * values[k]);
    // standard errors of means of 800: .29/√800 of a uniform, .083/√800 of a product of two; four of each
    expect(Math.abs(mean(values))).toBeLessThan(0.041);
    expect(Math.abs(mean(products))).toBeLessThan(0.012);
    expect(Math.abs(mean(values.map((v) => v * v)) - 1 / 12)).toBeLessThan(0.011);
  });
});

describe('scrambledSobolDesigns', () => {
  it('keeps the net: 64 points, one in each 8 × 8 cell of the first two dimensions', () => {
    for (const k of [0, 1, 2]) {
      const { data } = scrambledSobolDesigns(2, 64, 3)(k);
      const cells = Array.from(
        { length: 64 },
        (_, n) => Math.floor(data[2 * n] * 8) * 8 + Math.floor(data[2 * n + 1] * 8),
      );
      expect(new Set(cells).size).toBe(64);
    }
  });

  it('refuses what sobolDesign refuses, and takes sizes that are no power of 2', () => {
    expect(() => scrambledSobolDesigns(300, 8, 0)).toThrow(expect.objectContaining({ code: 'VALUE' }));
    expect(() => sobolDesign(300, 8)).toThrow(expect.objectContaining({ code: 'VALUE' }));
    for (const n of [1, 2, 3, 33]) {
      const { data } = scrambledSobolDesigns(4, n, 0)(0);
      expect(data.every((v) => v >= 0 && v < 1)).toBe(true);
      expect(new Set(data).size).toBe(4 * n);
    }
  });
});
