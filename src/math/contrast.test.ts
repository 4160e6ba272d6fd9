import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import { groupDifference, type Interval, logOdds, readConcepts, unexplainedLevel } from './contrast.ts';

const matrix = (rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  dims: [rows.length, rows[0].length],
});

describe('logOdds', () => {
  it('is 0 for a word that is as frequent outside as inside', () => {
    expect(logOdds({ inside: 9, outside: 9 }, { inside: 20, outside: 20 })).toEqual({ delta: 0, z: 0 });
    // the half of the prior moves a stop word by less than one part in the units
    const stop = logOdds({ inside: 50, outside: 500 }, { inside: 100, outside: 1000 });
    expect(Math.abs(stop.delta)).toBeLessThan(0.001);
  });

  it('has its closed form', () => {
    // 11.5 / 100 of all have it, so that of 10 units more 1.15 do
    const { delta, z } = logOdds({ inside: 9, outside: 2 }, { inside: 19, outside: 80 });
    const expected = Math.log((10.15 / 18.85) * (86.85 / 3.15));
    expect(delta).toBeCloseTo(expected, 12); // one rounding of each operation
    expect(z).toBeCloseTo(expected / Math.sqrt(1 / 10.15 + 1 / 3.15), 12);
  });

  it('changes its sign with the groups, and rises with the count inside', () => {
    const count = fc.integer({ min: 0, max: 98 });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const units = { inside: 99, outside: 99 };
        const { delta, z } = logOdds({ inside: a, outside: b }, units);
        const turned = logOdds({ inside: b, outside: a }, units);
        expect(turned.delta).toBeCloseTo(-delta, 12);
        expect(turned.z).toBeCloseTo(-z, 12);
        expect(logOdds({ inside: a + 1, outside: b }, units).delta).toBeGreaterThan(delta);
        expect(logOdds({ inside: a, outside: b + 1 }, units).delta).toBeLessThan(delta);
      }),
    );
  });

  it('is finite where all units have the term, and where one has', () => {
    for (const inside of [0, 1, 5])
      for (const outside of [0, 7]) {
        const { delta, z } = logOdds({ inside, outside }, { inside: 5, outside: 7 });
        expect([delta, z].every(Number.isFinite)).toBe(true);
      }
  });

  it('trusts three units of three less than thirty of thirty', () => {
    const few = logOdds({ inside: 3, outside: 0 }, { inside: 50, outside: 1000 });
    const many = logOdds({ inside: 30, outside: 0 }, { inside: 50, outside: 1000 });
    expect(few.z).toBeLessThan(many.z);
  });
});

describe('groupDifference', () => {
  it('is exact, with an interval of no width, where the groups do not vary', () => {
    const { delta, lower, upper } = groupDifference(
      matrix([
        [1, 4],
        [1, 4],
      ]),
      matrix([[3, 4]]),
    );
    for (const ends of [delta, lower, upper]) expect([...ends]).toEqual([-2, 0]);
  });

  it('changes its sign with the order of the groups, and holds the difference', () => {
    const rows = fc.array(fc.tuple(fc.float({ min: 0, max: 9, noNaN: true }), fc.constant(1)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const forth = groupDifference(matrix(a), matrix(b), { resamples: 50 });
        const back = groupDifference(matrix(b), matrix(a), { resamples: 50 });
        expect(forth.delta[0]).toBe(-back.delta[0] + 0);
        expect(forth.lower[0]).toBeLessThanOrEqual(forth.delta[0]);
        expect(forth.upper[0]).toBeGreaterThanOrEqual(forth.delta[0]);
        expect(forth.delta[1] + forth.lower[1] + forth.upper[1]).toBeCloseTo(0, 12); // sums of ones over n
      }),
      { numRuns: 30 },
    );
  });

  it('has the width of the normal interval for many inputs', () => {
    // Two groups of n uniform numbers: the difference of the means has variance 2 · (1/12)/n.
    const n = 400;
    const rng = random(5);
    const group = () => matrix(Array.from({ length: n }, () => [rng.uniform()]));
    const { lower, upper } = groupDifference(group(), group(), { resamples: 4000 });
    const width = 2 * 1.96 * Math.sqrt(2 / 12 / n);
    // the sample's own variance is off by 1/√n = 5 %, the percentile of 4,000 resamples by 3 %
    expect((upper[0] - lower[0]) / width).toBeGreaterThan(0.88);
    expect((upper[0] - lower[0]) / width).toBeLessThan(1.12);
  });

  it('is the same for the same seed', () => {
    const [a, b] = [matrix([[1], [2], [5]]), matrix([[0], [3]])];
    expect(groupDifference(a, b, { seed: 7 })).toEqual(groupDifference(a, b, { seed: 7 }));
  });

  it('refuses groups of other sizes', () => {
    expect(() => groupDifference(matrix([[1, 2]]), matrix([[1]]))).toThrow(/same number of concepts/);
    expect(() => groupDifference(matrix([[1]]), { data: new Float64Array(0), dims: [0, 1] })).toThrow(
      /second group/,
    );
  });
});

describe('readConcepts', () => {
  const interval = (lower: number, upper: number): Interval => ({ value: (lower + upper) / 2, lower, upper });
  const difference = (ends: [number, number][]) => ({
    delta: Float64Array.from(ends, ([a, b]) => (a + b) / 2),
    lower: Float64Array.from(ends, ([a]) => a),
    upper: Float64Array.from(ends, ([, b]) => b),
  });

  it('tells the four kinds apart', () => {
    const delta = difference([
      [0.1, 0.3],
      [-0.1, 0.2],
      [-0.5, -0.2],
      [-0.1, 0.1],
    ]);
    const spam = [interval(0.5, 0.7), interval(0.01, 0.3), interval(0, 0.02), interval(0, 0.04)];
    const ham = [interval(0, 0.1), interval(0.2, 0.4), interval(0, 0.1), interval(0, 0.1)];
    // the second is used for one class only: its interval reaches down to the least index for the other
    expect(readConcepts(delta, [spam, ham])).toEqual(['discriminating', 'shared', 'unused', 'negligible']);
    expect(readConcepts(delta, [spam])).toEqual(['discriminating', 'negligible', 'unused', 'negligible']);
  });

  it('uses no concept that is below what the concepts leave unexplained', () => {
    const delta = difference([
      [-1, 1],
      [-1, 1],
      [-1, 1],
    ]);
    const concepts = [interval(0.5, 0.7), interval(0.1, 0.2), interval(0, 0.01)];
    expect(readConcepts(delta, [concepts])).toEqual(['shared', 'shared', 'negligible']);
    // R² of 0.4 by three concepts leaves 0.2 of each
    expect(readConcepts(delta, [concepts], [unexplainedLevel(0.4, 3)])).toEqual([
      'shared',
      'negligible',
      'negligible',
    ]);
    expect(unexplainedLevel(1, 3)).toBe(0);
    // worse than the mean, or not defined: as if nothing were explained
    expect([unexplainedLevel(-2, 4), unexplainedLevel(null, 4)]).toEqual([0.25, 0.25]);
  });

  it('uses one concept alone if its index is above 0', () => {
    expect(readConcepts(difference([[0, 1]]), [[interval(0.9, 1)]])).toEqual(['shared']);
    expect(readConcepts(difference([[1, 2]]), [[interval(0, 1)]])).toEqual(['unused']);
  });
});
