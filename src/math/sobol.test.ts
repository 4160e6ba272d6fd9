import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haltonDesign, replicatedDesign, sobolDesign } from './designs.ts';
import { type EstimatorName, glen, homma, janon, jansen, saltelli } from './sobol.ts';
import { mean, variance } from './stats.ts';

const estimators = { jansen, homma, janon, glen, saltelli } satisfies Record<EstimatorName, typeof jansen>;
const all = Object.entries(estimators);

type Design = ReturnType<typeof replicatedDesign>;

/** f on every row of a design. */
function run({ data, dims }: Design, f: (m: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: dims[0] }, (_, n) => f(data.subarray(n * dims[1], (n + 1) * dims[1])));
}

/** A random design size, number of concepts and outputs in a common range. */
const outputs = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 6 })).chain(([N, r]) =>
  fc.record({
    N: fc.constant(N),
    r: fc.constant(r),
    y: fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
      minLength: N * (r + 2),
      maxLength: N * (r + 2),
    }),
  }),
);

describe.each(all)('%s', (_, estimator) => {
  it('never reads the rows of B', () => {
    fc.assert(
      fc.property(outputs, ({ N, y }) => {
        const withB = estimator(Float64Array.from(y), N);
        const withoutB = Float64Array.from(y).fill(Number.NaN, N, 2 * N);
        expect(estimator(withoutB, N)).toEqual(withB);
      }),
    );
  });

  it('is all 0, not NaN, when f is constant, whatever the constant', () => {
    for (const value of [0, 2, 0.1, -1e-30, 1e30]) {
      expect(estimator(new Float64Array(4 * 5).fill(value), 4)).toEqual(new Float64Array(3));
      expect(estimator(new Float32Array(4 * 5).fill(value), 4)).toEqual(new Float64Array(3));
    }
  });

  it('treats concepts alike: another order of the blocks gives the same indices in that order', () => {
    fc.assert(
      fc.property(outputs, ({ N, r, y }) => {
        const blocks = Array.from({ length: r }, (_, i) => y.slice((2 + i) * N, (3 + i) * N)).reverse();
        const turned = estimator(Float64Array.from([...y.slice(0, 2 * N), ...blocks.flat()]), N);
        expect([...turned].reverse()).toEqual([...estimator(Float64Array.from(y), N)]);
      }),
    );
  });

  it('refuses outputs that are not N(r + 2)', () => {
    for (const [length, N] of [
      [0, 4],
      [8, 4],
      [13, 4],
      [20, 1],
      [20, 0],
      [20, 2.5],
      [20, Number.NaN],
    ]) {
      expect(() => estimator(new Float64Array(length), N)).toThrow(
        expect.objectContaining({ code: 'SHAPE' }),
      );
    }
  });

  // f = Σ a_i m_i + Π-like terms with known indices, on a scrambled Sobol design large enough that the
  // error of every estimator is below .01
  const N = 4096;

  it('finds the indices of the Ishigami function', () => {
    // Ishigami and Homma (1990), a = 7, b = 0.1: variances of x1, x2 and the pair (x1, x3)
    const [a, b] = [7, 0.1];
    const v1 = (1 + (b * Math.PI ** 4) / 5) ** 2 / 2;
    const v2 = a ** 2 / 8;
    const v13 = b ** 2 * Math.PI ** 8 * (1 / 18 - 1 / 50);
    const total = [v1 + v13, v2, v13].map((v) => v / (v1 + v2 + v13));
    const angle = (m: number) => Math.PI * (2 * m - 1);
    const f = (m: Float64Array) =>
      Math.sin(angle(m[0])) + a * Math.sin(angle(m[1])) ** 2 + b * angle(m[2]) ** 4 * Math.sin(angle(m[0]));
    const st = estimator(run(replicatedDesign(sobolDesign(6, N)), f), N);
    for (let i = 0; i < 3; i++) expect(Math.abs(st[i] - total[i])).toBeLessThan(0.02);
  });

  it('finds the indices of the Sobol g-function', () => {
    // g = Π (|4m − 2| + a_i) / (1 + a_i); V_i = 1 / (3 (1 + a_i)²); ST_i = V_i Π_{j≠i} (1 + V_j) / (Π (1 + V_j) − 1)
    const a = [0, 1, 4.5, 9, 99, 99];
    const V = a.map((v) => 1 / (3 * (1 + v) ** 2));
    const product = V.reduce((p, v) => p * (1 + v), 1);
    const f = (m: Float64Array) => m.reduce((p, v, i) => (p * (Math.abs(4 * v - 2) + a[i])) / (1 + a[i]), 1);
    const st = estimator(run(replicatedDesign(sobolDesign(12, N)), f), N);
    for (let i = 0; i < 6; i++) {
      expect(Math.abs(st[i] - (V[i] * (product / (1 + V[i]))) / (product - 1))).toBeLessThan(0.02);
    }
  });
});

describe('jansen', () => {
  it('is the formula', () => {
    fc.assert(
      fc.property(outputs, ({ N, r, y }) => {
        const a = y.slice(0, N);
        fc.pre(variance(a) > 1e-6);
        const st = jansen(Float64Array.from(y), N);
        for (let i = 0; i < r; i++) {
          const expected =
            a.reduce((s, v, n) => s + (v - y[(2 + i) * N + n]) ** 2, 0) / (2 * N * variance(a));
          expect(st[i] / (expected || 1)).toBeCloseTo(expected ? 1 : 0, 8); // float64 rounding, cancelled in s²
        }
      }),
    );
  });

  it('gives exactly 0 to the concepts that f ignores, and never less than 0', () => {
    fc.assert(
      fc.property(outputs, fc.nat(), ({ N, r, y }, pick) => {
        const i = pick % r;
        const values = Float64Array.from(y);
        values.copyWithin((2 + i) * N, 0, N); // f(C_i) = f(A)
        const st = jansen(values, N);
        expect(st[i]).toBe(0);
        expect(st.every((v) => v >= 0)).toBe(true);
      }),
    );
  });

  it('does not see an offset or a factor of f', () => {
    const y = run(replicatedDesign(sobolDesign(6, 64)), (m) => m[0] + m[1] * m[2]);
    const st = jansen(y, 64);
    const other = jansen(
      y.map((v) => 1e6 + 4 * v),
      64,
    );
    for (let i = 0; i < 3; i++) expect(other[i]).toBeCloseTo(st[i], 8); // 1e6 leaves 1e-10 of f
  });
});

describe('additive f of equal weights: Σ ST = 1', () => {
  const sum = (points: ReturnType<typeof sobolDesign>): number =>
    jansen(
      run(replicatedDesign(points), (m) => m.reduce((s, v) => s + v, 0)),
      points.dims[0],
    ).reduce((s, v) => s + v, 0);

  it.each([10, 20])('scrambled Sobol of 32 points is near it for r = %i', (r) => {
    const sums = Array.from({ length: 40 }, (_, seed) => sum(sobolDesign(2 * r, 32, { seed })));
    // s² of 32 sums of r uniforms has a relative deviation of about √(2/31) = .25, and a ratio a bias of
    // a few %: the mean over 40 seeds is within 3 of .25/√40 = .04
    expect(mean(sums)).toBeGreaterThan(0.88);
    expect(mean(sums)).toBeLessThan(1.2);
  });

  it.each([
    [10, 0.4],
    [20, 0.14],
  ])('unscrambled Halton, the sampler of the reference, is far off for r = %i: %d', (r, biased) => {
    expect(sum(haltonDesign(2 * r, 32))).toBeCloseTo(biased, 2); // the figure of record, two digits
  });
});
