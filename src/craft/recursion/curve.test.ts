import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { polysemanticShare, spreadOf } from './ambiguity.ts';
import { type CurvePoint, elbowOf, rankCurve, STABLE } from './curve.ts';
import { cellsIn } from './encode-rows.ts';
import { matchedCorrelation } from './match.ts';
import { evenly, rowsOfConcept } from './select.ts';

const settings = { factorizer: 'auto', seed: 0, most: 4 } as const;

/** Rows that are each near one of `groups` directions of 12 channels, in turn. */
function grouped(n: number, groups: number, noise: number): Tensor<Float32Array> {
  const rng = random(4);
  const p = 12;
  const data = Float32Array.from({ length: n * p }, (_, k) => {
    const group = Math.floor(k / p / 2) % groups; // pairs, so that both halves have all groups
    return (k % p) % groups === group ? 1 + noise * rng.uniform() : noise * rng.uniform();
  });
  return { data, dims: [n, p] };
}

describe('rankCurve', () => {
  it('bends at the number of groups, stable there and far above chance', async () => {
    const curve = await rankCurve(grouped(36, 3, 0.1), settings);
    expect(elbowOf(curve)!.concepts).toBe(3);
    expect(curve[2].gain).toBeGreaterThan(0.9);
    expect(curve[2].gain).toBeGreaterThan(2 * curve[2].chance);
    expect(curve[2].stability).toBeGreaterThan(0.95);
  });

  it('never gains less with more concepts, and starts at 0', async () => {
    const curve = await rankCurve(grouped(24, 2, 0.5), settings);
    expect([curve[0].gain, curve[0].chance, curve[0].stability]).toEqual([0, 0, null]);
    curve.slice(1).forEach(({ gain }, k) => {
      expect(gain).toBeGreaterThanOrEqual(curve[k].gain - 1e-3); // solvers stop at a relative change of 1e-4
    });
  });

  it('gains no more than chance on rows without groups', async () => {
    const rng = random(9);
    const data = Float32Array.from({ length: 40 * 30 }, () => rng.uniform());
    const curve = await rankCurve({ data, dims: [40, 30] }, settings);
    for (const { gain, chance } of curve) expect(gain).toBeLessThanOrEqual(1.25 * chance + 1e-9);
  });

  it('has no elbow where nothing is stable', () => {
    const point = (concepts: number, unexplained: number, stability: number | null): CurvePoint => ({
      concepts,
      unexplained,
      gain: 1 - unexplained,
      chance: 0.1,
      stability,
    });
    expect(elbowOf([point(1, 1, null), point(2, 0.2, STABLE - 0.01)])).toBeNull();
    const elbow = elbowOf([point(1, 1, null), point(2, 0.2, 0.9), point(3, 0.1, 0.9), point(4, 0.05, 0.9)]);
    expect(elbow!.concepts).toBe(2);
    expect(elbow!.score).toBeCloseTo(0.7, 12);
  });
});

describe('matchedCorrelation', () => {
  it('is 1 for the same columns in any order and scale, and 0 for a constant one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 6 }), (seed, r) => {
        const rng = random(seed);
        const n = 9;
        const a = Float64Array.from({ length: n * r }, () => rng.uniform());
        const b = Float64Array.from(a, (_, k) => 3 * a[k - (k % r) + ((k + 1) % r)]);
        expect(matchedCorrelation({ data: a, dims: [n, r] }, { data: b, dims: [n, r] })).toBeCloseTo(1, 10);
      }),
    );
    const flat = { data: new Float64Array(5).fill(0.1), dims: [5, 1] };
    expect(matchedCorrelation(flat, { data: Float64Array.of(1, 2, 3, 4, 5), dims: [5, 1] })).toBe(0);
  });
});

describe('rowsOfConcept', () => {
  const U = { data: Float64Array.of(0, 3, 0, 1, 0, 2, 0, 0, 0, 3), dims: [5, 2] };

  it('takes what reaches the percentile and is not 0, strongest first', () => {
    expect(rowsOfConcept(U, 1, 50, 9)).toEqual({ rows: [0, 4, 2], threshold: 2, found: 3 });
    expect(rowsOfConcept(U, 0, 0, 9).rows).toEqual([]);
    expect(rowsOfConcept(U, 1, 0, 2)).toMatchObject({ rows: [0, 1], found: 4 });
  });

  it('spreads evenly, ends included', () => {
    expect(evenly([0, 1, 2, 3, 4], 3)).toEqual([0, 2, 4]);
    expect(evenly([0, 1], 5)).toEqual([0, 1]);
  });
});

describe('ambiguity', () => {
  it('has the mean cosine of all pairs in closed form', () => {
    const A = { data: Float64Array.of(1, 0, 0, 2, 3, 3, 0, 0), dims: [4, 2] }; // the last counts not
    const pairs = (0 + Math.SQRT1_2 + Math.SQRT1_2) / 3;
    expect(spreadOf(A)).toBeCloseTo(1 - pairs, 12);
    expect(spreadOf({ data: Float64Array.of(1, 1), dims: [1, 2] })).toBe(0);
  });

  it('leaves out pairs of a row with itself where rows are taken more than once', () => {
    const A = { data: Float64Array.of(1, 0, 0, 2, 3, 3, 0, 0), dims: [4, 2] };
    // of 2 · 1 + 2 · 3 + 1 · 3 pairs the first are at a right angle
    const pairs = (2 * 0 + (2 * 3 + 1 * 3) * Math.SQRT1_2) / 11;
    expect(spreadOf(A, [2, 1, 3, 5])).toBeCloseTo(1 - pairs, 12);
    expect(spreadOf(A, [2, 0, 0, 5])).toBe(0);
  });

  it('counts rows where another concept is nearly as strong', () => {
    const U = { data: Float64Array.of(1, 0.81, 1, 0.79, 1, 2), dims: [3, 2] };
    expect(polysemanticShare(U, [0, 1, 2], 0)).toBeCloseTo(2 / 3, 12);
  });
});

describe('cellsIn', () => {
  const fine = (h: number, w: number, prefixTokens = 0) => ({
    grid: [h, w] as const,
    locations: h * w + prefixTokens,
    prefixTokens,
  });

  it('gives every fine cell to one coarse cell', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 20 }), (coarse, more) => {
        const side = coarse + more;
        const all = Array.from({ length: coarse * coarse }, (_, k) =>
          cellsIn(k, [coarse, coarse], fine(side, side)),
        );
        expect(all.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: side * side }, (_, k) => k));
      }),
    );
  });

  it('takes the nearest cell where the earlier grid is the coarser one, and all where there is no grid', () => {
    expect(cellsIn(5, [4, 4], fine(2, 2))).toEqual([0]);
    expect(cellsIn(2, null, { grid: null, locations: 4, prefixTokens: 1 })).toEqual([2]);
    expect(cellsIn(2, [2, 2], { grid: null, locations: 3, prefixTokens: 0 })).toEqual([0, 1, 2]);
  });
});
