import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineOutputs, expectProper, noise } from '../../test/math/outputs.ts';
import { random } from '../tensor/random.ts';
import { sobolImportance } from './importance.ts';
import { glen, homma, janon, jansen, saltelli } from './sobol.ts';

const estimators = { jansen, homma, janon, glen, saltelli };
const names = Object.keys(estimators) as (keyof typeof estimators)[];

describe('sobolImportance', () => {
  it.each(names)('is the mean of %s over inputs', (estimator) => {
    const outputs = noise(7, 8 * 5, 1);
    const { total, perInput, degenerate } = sobolImportance({
      outputs,
      nbDesign: 8,
      estimator,
      resamples: 10,
    });
    const each = Array.from({ length: 7 }, (_, k) =>
      estimators[estimator](outputs.data.subarray(k * 40, (k + 1) * 40), 8),
    );
    expect(perInput).toEqual({ data: Float64Array.from(each.flatMap((st) => [...st])), dims: [7, 3] });
    for (let i = 0; i < 3; i++) {
      expect(total[i]).toBeCloseTo(each.reduce((s, st) => s + st[i], 0) / 7, 13); // order of the sum
    }
    expect(degenerate).toBe(0);
  });

  it.each(names)('has a bootstrap of %s: the estimator on drawn rows of drawn inputs', (estimator) => {
    // one resample: both ends of its interval are the resampled value, within [0, 1], or the estimate
    const [inputs, N, r] = [5, 6, 2];
    const outputs = noise(inputs, N * (r + 2), 5);
    const { total, lower, upper } = sobolImportance({
      outputs,
      nbDesign: N,
      estimator,
      resamples: 1,
      seed: 11,
    });
    const rng = random(11);
    const draws = (n: number) => Array.from({ length: n }, () => rng.below(n));
    const rows = draws(N);
    const drawn = draws(inputs).map((k) => {
      const y = outputs.data.subarray(k * N * (r + 2), (k + 1) * N * (r + 2));
      return estimators[estimator](
        Float64Array.from({ length: N * (r + 2) }, (_, at) => y[Math.floor(at / N) * N + rows[at % N]]),
        N,
      );
    });
    for (let i = 0; i < r; i++) {
      const resampled = drawn.reduce((s, st) => s + st[i], 0) / inputs;
      // the same sums by products of moments: float64 rounding
      expect(lower[i]).toBeCloseTo(Math.min(total[i], Math.max(0, resampled)), 10);
      expect(upper[i]).toBeCloseTo(Math.max(total[i], Math.min(1, resampled)), 10);
    }
  });

  it('has lower ≤ total ≤ upper and probabilities, for any outputs', () => {
    const problem = fc.record({
      inputs: fc.integer({ min: 1, max: 5 }),
      N: fc.integer({ min: 2, max: 9 }),
      r: fc.integer({ min: 1, max: 4 }),
      seed: fc.nat(1000),
      estimator: fc.constantFrom(...names),
    });
    fc.assert(
      fc.property(problem, ({ inputs, N, r, seed, estimator }) => {
        const outputs = noise(inputs, N * (r + 2), seed);
        const result = sobolImportance({ outputs, nbDesign: N, estimator, resamples: 50, seed });
        expectProper(result);
        expect([...result.lower, ...result.upper].every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('covers the closed form of an affine head', () => {
    // ten inputs with the same indices, so that only the design varies
    const c = [4, 2, 1, 0];
    const truth = c.map((v) => v ** 2 / 21);
    let covered = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { outputs } = affineOutputs(
        Array.from({ length: 10 }, () => c),
        32,
        seed,
      );
      const { lower, upper } = sobolImportance({
        outputs,
        nbDesign: 32,
        estimator: 'jansen',
        resamples: 200,
      });
      if (lower[0] <= truth[0] && truth[0] <= upper[0]) covered++;
      expect([lower[3], upper[3]]).toEqual([0, 0]); // y ignores it
    }
    // a scrambled Sobol design is more even than the independent rows that a bootstrap supposes, so the
    // intervals are wide and none of the 40 misses; 95 % would be 38
    expect(covered).toBeGreaterThanOrEqual(38);
  });

  it.each(names)('draws whole inputs where each has a design of its own: %s', (estimator) => {
    const [inputs, N, r] = [6, 8, 2];
    const outputs = noise(inputs, N * (r + 2), 7);
    const request = { outputs, nbDesign: N, estimator, resamples: 400, seed: 2 } as const;
    const own = sobolImportance({ ...request, designs: 1 });
    const shared = sobolImportance(request);
    expect([own.resampled, shared.resampled]).toEqual(['inputs', 'design-rows']);
    expect([own.total, own.perInput]).toEqual([shared.total, shared.perInput]);
    expectProper(own);
    // inputs that agree leave the 1/(N − 1) by which an even design can be better than its rows
    const same = { data: outputs.data.map((_, k, all) => all[k % (N * (r + 2))]), dims: outputs.dims };
    const { total, lower, upper } = sobolImportance({ ...request, outputs: same, designs: 1 });
    const moved = { jansen: (s: number) => (s * 8) / 7, glen: (s: number) => 1 - (1 - s) * (7 / 8) } as const;
    for (let i = 0; i < r; i++) {
      const f =
        estimator === 'jansen' || estimator === 'glen'
          ? moved[estimator]
          : (s: number) => 1 - (1 - s) * (8 / 7);
      const ends = [total[i], f(total[i])].sort((a, b) => a - b);
      expect(lower[i]).toBeCloseTo(Math.min(total[i], Math.max(0, ends[0])), 10); // float64 rounding
      expect(upper[i]).toBeCloseTo(Math.max(total[i], Math.min(1, ends[1])), 10);
    }
  });

  it('takes the mean of several designs an input, which alone are drawn then', () => {
    const outputs = noise(6, 8 * 4, 8);
    const request = { outputs, nbDesign: 8, estimator: 'jansen', resamples: 50 } as const;
    const one = sobolImportance({ ...request, designs: 1 });
    const three = sobolImportance({ ...request, designs: 3 });
    expect(three.perInput.dims).toEqual([2, 2]);
    expect(three.resampled).toBe('designs');
    const first = [0, 2, 4].reduce((sum, k) => sum + one.perInput.data[k] / 3, 0);
    expect(three.perInput.data[0]).toBeCloseTo(first, 12); // order of the sum
    for (let i = 0; i < 2; i++) expect(three.total[i]).toBeCloseTo(one.total[i], 12);
    outputs.data.fill(1, 0, 2 * 32);
    expect(sobolImportance({ ...request, designs: 3 }).degenerate).toBe(0); // one of its three still varies
    outputs.data.fill(1, 0, 3 * 32);
    expect(sobolImportance({ ...request, designs: 3 }).degenerate).toBe(1);
  });

  it('does not read B', () => {
    const outputs = noise(4, 8 * 5, 2);
    const blind = {
      dims: outputs.dims,
      data: outputs.data.map((v, k) => (k % 40 >= 8 && k % 40 < 16 ? Number.NaN : v)),
    };
    const run = (o: typeof outputs) =>
      sobolImportance({ outputs: o, nbDesign: 8, estimator: 'janon', resamples: 20 });
    expect(run(blind)).toEqual(run(outputs));
  });

  it('counts inputs whose output does not change, and gives them 0', () => {
    const outputs = noise(3, 4 * 4, 3);
    outputs.data.fill(0.1, 16, 32);
    const { degenerate, perInput, total } = sobolImportance({
      outputs,
      nbDesign: 4,
      estimator: 'homma',
      resamples: 20,
    });
    expect(degenerate).toBe(1);
    expect([...perInput.data.subarray(2, 4)]).toEqual([0, 0]);
    expect([...total].every(Number.isFinite)).toBe(true);
    const constant = sobolImportance({
      outputs: { data: new Float64Array(32).fill(7), dims: [2, 16] },
      nbDesign: 4,
      estimator: 'jansen',
    });
    expect(constant.degenerate).toBe(2);
    expect(constant.aboveNext).toEqual(Float64Array.of(0.5, Number.NaN)); // ties
  });

  it('takes rounding of float32 for constant, and only in float32', () => {
    const data = Float32Array.from({ length: 16 }, (_, k) => 10 + (k % 2) * 1e-6); // one unit in the last place
    const request = { nbDesign: 4, estimator: 'jansen', resamples: 5 } as const;
    expect(sobolImportance({ outputs: { data, dims: [1, 16] }, ...request }).degenerate).toBe(1);
    const wide = { data: Float64Array.from(data), dims: [1, 16] };
    expect(sobolImportance({ outputs: wide, ...request }).degenerate).toBe(0);
  });

  it('knows a clear ranking from a tie', () => {
    const { outputs } = affineOutputs(
      [
        [5, 1, 1],
        [5, 1, 1],
        [4, 1, 1],
      ],
      32,
    );
    const { aboveNext, total } = sobolImportance({ outputs, nbDesign: 32, estimator: 'jansen' });
    expect(aboveNext[0]).toBeGreaterThan(0.99);
    const second = total[1] >= total[2] ? 1 : 2;
    expect(aboveNext[second]).toBeLessThan(0.99);
  });

  it('gives the same bits for a seed', () => {
    const request = { outputs: noise(5, 8 * 4, 1), nbDesign: 8, estimator: 'glen', resamples: 130 } as const;
    expect(sobolImportance({ ...request, seed: 3 })).toEqual(sobolImportance({ ...request, seed: 3 }));
    expect(sobolImportance({ ...request, seed: 3 }).lower).not.toEqual(
      sobolImportance({ ...request, seed: 4 }).lower,
    );
  });

  it('names what it cannot use', () => {
    const good = { outputs: noise(2, 8 * 4, 1), nbDesign: 8, estimator: 'jansen' as const };
    const refuses = (change: object, code: string, words: RegExp) =>
      expect(() => sobolImportance({ ...good, ...change })).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(words) }),
      );
    refuses({ nbDesign: 5 }, 'SHAPE', /N\(r \+ 2\)/);
    refuses({ nbDesign: 1 }, 'SHAPE', /N ≥ 2/);
    refuses({ outputs: { data: new Float64Array(32), dims: [32] } }, 'SHAPE', /inputs/);
    refuses({ outputs: { data: new Float64Array(0), dims: [0, 32] } }, 'SHAPE', /inputs/);
    refuses({ designs: 3 }, 'SHAPE', /divides 2 rows/);
    refuses({ estimator: 'sobol' }, 'OPTION', /jansen.*got sobol/);
    refuses({ estimator: 'toString' }, 'OPTION', /toString/);
    refuses({ confidence: 95 }, 'VALUE', /0.95/);
    refuses({ resamples: 0 }, 'VALUE', /resamples/);
    refuses({ resamples: 1e9 }, 'VALUE', /resamples/);
    refuses({ seed: 1.5 }, 'VALUE', /seed/);
    const broken = noise(2, 32, 1);
    broken.data[32 + 20] = Infinity;
    refuses({ outputs: broken }, 'VALUE', /Infinity at input 1, design row 20/);
  });
});
