import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import { clusterCenters } from './k-means.ts';
import { pace } from './pace.ts';

const centers = (data: Float64Array, p: number, k: number, seed: number) =>
  clusterCenters({ data, dims: [data.length / p, p] }, k, random(seed), pace('test'));

describe('clusterCenters', () => {
  it('finds clusters that stand apart', async () => {
    const rng = random(1);
    const data = Float64Array.from(
      { length: 60 * 2 },
      (_, at) => 100 * (Math.floor(at / 2) % 3) + rng.uniform(),
    );
    const C = await centers(data, 2, 3, 0);
    const rounded = [0, 1, 2].map((c) => Math.floor(C[2 * c] / 100)).sort();
    expect(rounded).toEqual([0, 1, 2]);
    for (let c = 0; c < 3; c++) {
      const members = Array.from({ length: 60 }, (_, i) => data[2 * i]).filter(
        (v) => Math.abs(v - C[2 * c]) < 50,
      );
      expect(C[2 * c]).toBeCloseTo(members.reduce((a, b) => a + b, 0) / 20, 10); // float64 rounding
    }
  });

  it('leaves 0 where there are fewer different rows than centres', async () => {
    const C = await centers(Float64Array.of(5, 5, 7), 1, 4, 3);
    expect([...C].sort()).toEqual([0, 0, 5, 7]);
  });

  it('stays within the values, the same for a seed', async () => {
    const values = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 4, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 5 }), fc.nat(100), async (row, k, seed) => {
        const C = await centers(Float64Array.from(row), 1, k, seed);
        const [least, most] = [Math.min(0, ...row), Math.max(0, ...row)];
        expect(C.every((v) => v >= least - 1e-14 && v <= most + 1e-14)).toBe(true); // a mean rounds
        expect(await centers(Float64Array.from(row), 1, k, seed)).toEqual(C);
      }),
    );
  });
});
