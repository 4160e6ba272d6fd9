import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random, shuffle } from '../tensor/random.ts';
import { assign } from './assignment.ts';
import { meanInterval } from './interval.ts';
import { sparsity } from './sparsity.ts';
import { matchBanks } from './stability.ts';

/** Least cost over all assignments, tried one by one. */
function leastCost(cost: number[][], row = 0, used = 0): number {
  if (row === cost.length) return 0;
  let least = Infinity;
  cost[row].forEach((c, j) => {
    if (!(used & (1 << j))) least = Math.min(least, c + leastCost(cost, row + 1, used | (1 << j)));
  });
  return least;
}

describe('assign', () => {
  it('is as cheap as the best of all assignments', () => {
    const matrix = fc.integer({ min: 1, max: 5 }).chain((n) =>
      fc.integer({ min: n, max: 6 }).chain((m) =>
        fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: m, maxLength: m }), {
          minLength: n,
          maxLength: n,
        }),
      ),
    );
    fc.assert(
      fc.property(matrix, (cost) => {
        const columns = Array.from(assign(cost.flat(), cost.length, cost[0].length));
        expect(new Set(columns).size).toBe(cost.length);
        expect(columns.reduce((sum, j, i) => sum + cost[i][j], 0)).toBe(leastCost(cost));
      }),
    );
  });
});

describe('matchBanks', () => {
  it('finds a bank again in another order and scale', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = random(seed);
        const [r, p] = [6, 9];
        const W = { data: Float64Array.from({ length: r * p }, () => rng.uniform()), dims: [r, p] };
        const order = shuffle([0, 1, 2, 3, 4, 5], rng);
        const V = new Float64Array(r * p);
        order.forEach((from, to) => {
          for (let c = 0; c < p; c++) V[to * p + c] = (to + 1) * W.data[from * p + c];
        });
        const { match, mean } = matchBanks(W, { data: V, dims: [r, p] });
        expect(Array.from(match, (j) => order[j])).toEqual([0, 1, 2, 3, 4, 5]);
        expect(mean).toBeCloseTo(1, 12); // float64
      }),
    );
  });

  it('gives an all-zero concept the cosine 0 and refuses other widths', () => {
    const W = { data: Float64Array.of(1, 0, 0, 0), dims: [2, 2] };
    const V = { data: Float64Array.of(1, 1, 1, 0), dims: [2, 2] };
    expect(Array.from(matchBanks(W, V).cosines)).toEqual([1, 0]);
    expect(() => matchBanks(W, { data: new Float64Array(6).fill(1), dims: [2, 3] })).toThrow(/≥ 2, 2/);
    expect(() => matchBanks(W, { data: Float64Array.of(1, 1), dims: [1, 2] })).toThrow(/≥ 2, 2/);
  });
});

describe('sparsity', () => {
  it('has the closed form of one-hot and of even coefficients', () => {
    expect(sparsity({ data: Float64Array.of(2, 0, 0, 3), dims: [2, 2] })).toEqual({ hoyer: 1, l0: 1 });
    const even = sparsity({ data: Float64Array.of(2, 5, 2, 5), dims: [2, 2] });
    expect(even.l0).toBe(2);
    expect(even.hoyer).toBeCloseTo(0, 12); // float64 square roots
  });
});

describe('meanInterval', () => {
  it('has no width for equal values, holds the mean, and shrinks with their number', () => {
    expect(meanInterval([], 0)).toBeNull();
    expect(meanInterval([2, 2, 2], 0)).toEqual({ mean: 2, lower: 2, upper: 2, count: 3 });
    const few = meanInterval([0, 1, 0, 1], 1)!;
    const many = meanInterval(
      Array.from({ length: 64 }, (_, k) => k % 2),
      1,
    )!;
    expect(many.upper - many.lower).toBeLessThan(few.upper - few.lower);
    // ± 1.96 · 0.5 / √64 is 0.245 wide; a percentile bootstrap of 2000 within a fifth of it
    expect(Math.abs(many.upper - many.lower - 0.245)).toBeLessThan(0.05);
  });
});
