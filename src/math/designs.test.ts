import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haltonDesign, latinHypercubeDesign, replicatedDesign, sobolDesign } from './designs.ts';
import { mean } from './stats.ts';

const column = ({ data, dims }: { data: Float64Array; dims: readonly number[] }, k: number): number[] =>
  Array.from({ length: dims[0] }, (_, i) => data[i * dims[1] + k]);

const samplers = {
  halton: (d: number, n: number) => haltonDesign(d, n),
  'scrambled halton': (d: number, n: number, seed?: number) => haltonDesign(d, n, { scramble: true, seed }),
  sobol: (d: number, n: number) => sobolDesign(d, n, { scramble: false }),
  'scrambled sobol': (d: number, n: number, seed?: number) => sobolDesign(d, n, { seed }),
  'latin hypercube': (d: number, n: number, seed?: number) => latinHypercubeDesign(d, n, { seed }),
};
const random = Object.entries(samplers).filter(([, draw]) => draw.length === 3);

describe.each(Object.entries(samplers))('%s', (_, draw) => {
  it('has n points in [0, 1)^d', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        (d, n, seed) => {
          const { data, dims } = draw(d, n, seed);
          expect(dims).toEqual([n, d]);
          expect(data).toHaveLength(n * d);
          expect(data.every((v) => v >= 0 && v < 1)).toBe(true);
        },
      ),
    );
  });

  it('refuses sizes that are not whole numbers from 1, or far too large', () => {
    for (const [d, n] of [
      [0, 8],
      [8, 0],
      [1.5, 8],
      [8, Number.NaN],
      [-1, 8],
      [1e5, 1e5],
    ]) {
      expect(() => draw(d, n)).toThrow(expect.objectContaining({ code: 'VALUE' }));
    }
  });
});

describe.each(random)('%s, from a seed', (_, draw) => {
  it('gives the same bits for a seed, others for another, independent ones for each dimension', () => {
    expect(draw(6, 32, 3)).toEqual(draw(6, 32, 3));
    expect(draw(6, 32, 3).data).not.toEqual(draw(6, 32, 4).data);
    expect(column(draw(6, 32, 3), 4)).not.toEqual(column(draw(6, 32, 3), 5));
  });

  it('puts a point anywhere: means over seeds are those of the uniform distribution', () => {
    const seeds = Array.from({ length: 400 }, (_, seed) => seed);
    for (const k of [0, 7]) {
      const first = seeds.map((seed) => draw(8, 16, seed).data[k]);
      // mean 1/2 and mean square 1/3 of a uniform, with standard errors .29/√400 and .30/√400; 4 of them
      expect(Math.abs(mean(first) - 1 / 2)).toBeLessThan(0.06);
      expect(Math.abs(mean(first.map((v) => v * v)) - 1 / 3)).toBeLessThan(0.06);
    }
  });

  it('refuses a seed that is not a whole number', () => {
    expect(() => draw(2, 4, 0.5)).toThrow(expect.objectContaining({ code: 'VALUE' }));
  });
});

describe('even spread', () => {
  /** Points in each of the base^levels intervals of a column. */
  const cells = (values: number[], count: number): number[] => {
    const hits = new Array<number>(count).fill(0);
    for (const v of values) hits[Math.floor(v * count)]++;
    return hits;
  };

  it.each([false, true])(
    'sobol puts one of 2^m points into each 2^-m interval, in all 256 dimensions (scrambled: %s)',
    (scramble) => {
      const design = sobolDesign(256, 64, { scramble, seed: 5 });
      for (let k = 0; k < 256; k++) expect(cells(column(design, k), 64)).toEqual(new Array(64).fill(1));
    },
  );

  it.each([false, true])(
    'sobol is a (0, m, 2)-net in its first two dimensions (scrambled: %s)',
    (scramble) => {
      const design = sobolDesign(2, 64, { scramble, seed: 9 });
      const [x, y] = [column(design, 0), column(design, 1)];
      for (let bits = 0; bits <= 6; bits++) {
        const [across, down] = [2 ** bits, 2 ** (6 - bits)];
        const boxes = x.map((v, i) => (Math.floor(v * across) * down + Math.floor(y[i] * down)) / 64);
        expect(cells(boxes, 64)).toEqual(new Array(64).fill(1));
      }
    },
  );

  it('halton puts one of base^m points into each interval, scrambled or not', () => {
    for (const scramble of [false, true]) {
      const { data } = haltonDesign(3, 625, { scramble });
      const at = (k: number, n: number) => Array.from({ length: n }, (_, i) => data[i * 3 + k]);
      // 1e-12: a digit that rounding left just below its interval
      expect(
        cells(
          at(0, 512).map((v) => v + 1e-12),
          512,
        ),
      ).toEqual(new Array(512).fill(1));
      expect(
        cells(
          at(1, 243).map((v) => v + 1e-12),
          243,
        ),
      ).toEqual(new Array(243).fill(1));
      expect(
        cells(
          at(2, 625).map((v) => v + 1e-12),
          625,
        ),
      ).toEqual(new Array(625).fill(1));
    }
  });

  it('a latin hypercube puts one of any n points into each interval', () => {
    const design = latinHypercubeDesign(5, 37, { seed: 2 });
    for (let k = 0; k < 5; k++) expect(cells(column(design, k), 37)).toEqual(new Array(37).fill(1));
  });
});

describe('sobol', () => {
  it('starts with the points that every table of it shows', () => {
    const { data } = sobolDesign(3, 4, { scramble: false });
    expect([...data]).toEqual([0, 0, 0, 0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.25, 0.75, 0.75]);
  });

  it('is scrambled digit by digit with coins that depend on the digits before, not shifted', () => {
    const bits = (design: { data: Float64Array }) => [...design.data].map((v) => (v * 2 ** 32) >>> 0);
    const plain = bits(sobolDesign(1, 64, { scramble: false }));
    const flips = bits(sobolDesign(1, 64, { seed: 1 })).map((v, i) => (v ^ plain[i]) >>> 0);
    expect(new Set(flips).size).toBe(64);
    expect(new Set(flips.map((f) => f >>> 31)).size).toBe(1); // the first digit: one coin for all
    // the second digit's coin depends on the first digit alone
    const second = new Set(flips.map((f, i) => `${plain[i] >>> 31}:${(f >>> 30) & 1}`));
    expect(second.size).toBe(2);
  });

  it('refuses more dimensions than there are direction numbers', () => {
    expect(() => sobolDesign(257, 8)).toThrow(
      expect.objectContaining({
        code: 'VALUE',
        message: expect.stringMatching(/256 dimensions \(128 concepts\).*latinHypercube/),
      }),
    );
  });
});

describe('halton', () => {
  it('is the van der Corput sequence of each prime', () => {
    const { data } = haltonDesign(3, 5);
    const expected = [
      0,
      0,
      0,
      1 / 2,
      1 / 3,
      1 / 5,
      1 / 4,
      2 / 3,
      2 / 5,
      3 / 4,
      1 / 9,
      3 / 5,
      1 / 8,
      4 / 9,
      4 / 5,
    ];
    for (const [k, v] of expected.entries()) expect(data[k]).toBeCloseTo(v, 15); // float64 rounding
  });
});

describe('replicatedDesign', () => {
  it('is A, B, and A with one column from B', () => {
    const points = { data: Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40), dims: [2, 4] };
    expect(replicatedDesign(points)).toEqual({
      data: Float64Array.of(1, 2, 3, 4, 10, 20, 30, 40, 10, 2, 30, 4, 1, 20, 3, 40),
      dims: [8, 2],
    });
  });

  it('refuses an odd number of columns and what is no matrix', () => {
    const bad = (data: Float64Array, dims: number[], code: string) =>
      expect(() => replicatedDesign({ data, dims })).toThrow(expect.objectContaining({ code }));
    bad(new Float64Array(6), [2, 3], 'SHAPE');
    bad(new Float64Array(6), [6], 'SHAPE');
    bad(Float64Array.of(0, Number.NaN), [1, 2], 'VALUE');
  });
});
