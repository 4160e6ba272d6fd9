import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import { designsPerInput, resampleMeans, studentQuantile, widening } from './bootstrap-means.ts';
import { mean, variance } from './stats.ts';

describe('studentQuantile', () => {
  // closed forms: tan for 1 degree of freedom, (2p − 1)/√(2p(1 − p)) for 2; and the tables for the others, to their digits
  it.each([
    [0.975, 1, Math.tan(Math.PI * 0.475)],
    [0.9, 1, Math.tan(Math.PI * 0.4)],
    [0.975, 2, 0.95 / Math.sqrt(2 * 0.975 * 0.025)],
    [0.975, 3, 3.182446],
    [0.975, 10, 2.228139],
    [0.95, 30, 1.697261],
    [0.995, 7, 3.499483],
    [0.975, 1000, 1.962339],
  ])('is that of the tables: p = %f, ν = %i', (p, freedom, expected) => {
    // bisection in s loses 2⁻⁵³/(1 − s²): below 1e-10 here; the tables have seven digits
    expect(Math.abs(studentQuantile(p, freedom) / expected - 1)).toBeLessThan(3e-7);
  });
});

describe('widening', () => {
  it('falls to 1 as the number of items grows, and is 1 where there is nothing to draw', () => {
    expect(widening(1, 1, 0.95)).toBe(1);
    const factors = [2, 3, 5, 10, 100, 5000].map((n) => widening(n, 1, 0.95));
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
    expect(factors[1]).toBeCloseTo((Math.sqrt(3 / 2) * 4.302653) / 1.962339, 5);
    expect(factors[5]).toBeCloseTo(1, 3); // √(5000/4999)
  });
});

describe('resampleMeans', () => {
  const rows = (count: number) => {
    const rng = random(4);
    return { data: Float64Array.from({ length: count * 2 }, () => rng.uniform()), dims: [count, 2] };
  };

  it('varies as the mean does: by (n − 1)/n of its variance, among inputs', () => {
    const table = rows(40);
    const first = table.data.filter((_, k) => k % 2 === 0);
    const resampled = resampleMeans(table, 1, 4000, 1).filter((_, k) => k % 2 === 0);
    expect(mean(resampled)).toBeCloseTo(mean(first), 2);
    // the variance of 4000 draws has a standard error of 2.2 %; four of them
    expect(Math.abs(variance(resampled) / ((variance(first) / 40) * (39 / 40)) - 1)).toBeLessThan(0.09);
  });

  it('keeps the inputs where it draws designs', () => {
    // each input's designs agree, so that only a choice of inputs could move the mean
    const data = Float64Array.from([1, 1, 1, 5, 5, 5, 9, 9, 9]);
    const resampled = resampleMeans({ data, dims: [9, 1] }, 3, 50, 1);
    for (const value of resampled) expect(value).toBeCloseTo(5, 12); // nine roundings
  });
});

it('has eight designs or more where inputs are few, and one where they are not', () => {
  expect([1, 2, 3, 4, 300].map(designsPerInput)).toEqual([8, 4, 3, 1, 1]);
});
