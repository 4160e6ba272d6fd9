import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlation } from '../metrics/correlation.ts';
import { random } from '../tensor/random.ts';
import { groupDifference, type Interval, readConcepts, termEffect, unexplainedLevel } from './contrast.ts';
import { mean } from './stats.ts';

const matrix = (rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  dims: [rows.length, rows[0].length],
});

/** u of some units, and which of them have a term. */
const fewUnits = fc
  .array(fc.record({ u: fc.integer({ min: 0, max: 9 }), has: fc.boolean() }), { minLength: 3, maxLength: 12 })
  .filter(
    (units) => new Set(units.map(({ u }) => u)).size > 1 && new Set(units.map(({ has }) => has)).size > 1,
  );

function effectOf(units: readonly { u: number; has: boolean }[]) {
  const us = units.map(({ u }) => u);
  const having = units.filter(({ has }) => has).map(({ u }) => u);
  return termEffect(
    { count: having.length, sum: having.reduce((a, b) => a + b, 0) },
    { count: us.length, mean: mean(us), deviation: Math.sqrt(mean(us.map((u) => (u - mean(us)) ** 2))) },
  );
}

describe('termEffect', () => {
  it('has its closed form', () => {
    // ū = 3, s = 2; two of five have the term, with mean 5
    const units = [0, 2, 3, 4, 6].map((u) => ({ u, has: u >= 4 }));
    const { delta, z } = effectOf(units);
    expect(delta).toBeCloseTo(1, 12); // one rounding of each operation
    expect(z).toBeCloseTo(Math.sqrt((2 * 4) / 3), 12);
  });

  it('is the correlation with having the term', () => {
    fc.assert(
      fc.property(fewUnits, (units) => {
        const r = correlation(
          units.map(({ u }) => u),
          units.map(({ has }) => Number(has)),
        );
        expect(effectOf(units).z / Math.sqrt(units.length - 1)).toBeCloseTo(r!, 10);
      }),
    );
  });

  it('has standard errors of draws without replacement: z² has mean 1 over all of them', () => {
    const us = [0, 1, 1, 5, 9, 2];
    let [sum, draws] = [0, 0];
    for (let a = 0; a < us.length; a++)
      for (let b = a + 1; b < us.length; b++) {
        sum += effectOf(us.map((u, n) => ({ u, has: n === a || n === b }))).z ** 2;
        draws++;
      }
    expect(sum / draws).toBeCloseTo(1, 12);
  });

  it('does not change with the scale of u, and is 0 where there is nothing to tell apart', () => {
    const units = [1, 2, 7].map((u) => ({ u, has: u > 5 }));
    const scaled = effectOf(units.map(({ u, has }) => ({ u: 100 * u, has })));
    expect(scaled.delta).toBeCloseTo(effectOf(units).delta, 12);
    const nothing = { delta: 0, z: 0 };
    expect(effectOf(units.map(({ u }) => ({ u, has: true })))).toEqual(nothing);
    expect(effectOf(units.map(({ has }) => ({ u: 3, has })))).toEqual(nothing);
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
