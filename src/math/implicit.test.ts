import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { nnlsJvp, nnlsVjp } from './implicit.ts';
import { nnls } from './nnls.ts';

function matrix(n: number, p: number, seed: number, from = -1): Tensor<Float64Array> {
  const rng = random(seed);
  return {
    data: Float64Array.from({ length: n * p }, () => from + (1 - from) * rng.uniform()),
    dims: [n, p],
  };
}

const inner = (x: ArrayLike<number>, y: Float64Array): number => y.reduce((sum, v, k) => sum + v * x[k], 0);

describe('nnlsJvp', () => {
  it('moves one active concept by its part of the way', () => {
    const U = { data: Float64Array.of(2, 0), dims: [1, 2] };
    const W = { data: Float64Array.of(3, 4, 1, 1), dims: [2, 2] };
    const moved = nnlsJvp(U, W, { data: Float64Array.of(5, 10), dims: [1, 2] }).data;
    expect(moved[0]).toBeCloseTo((5 * 3 + 10 * 4) / 25, 14); // float64 rounding
    expect(moved[1]).toBe(0);
  });

  it('is the transpose of nnlsVjp, for banks of any sign, as of Semi-NMF', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.constantFrom(0, 0.3), async (seed, ridge) => {
        const [A, W] = [matrix(3, 9, seed), matrix(5, 9, seed + 1)];
        const [v, way] = [matrix(3, 5, seed + 2), matrix(3, 9, seed + 3)];
        const U = await nnls(A, W);
        const forward = inner(nnlsJvp(U, W, way, { ridge }).data, v.data);
        // the same sums in another order, times the condition of W
        expect(forward).toBeCloseTo(inner(nnlsVjp(U, W, v, { ridge }).data, way.data), 8);
      }),
    );
  });

  it('is 0 at a kink for a concept that has not entered', async () => {
    // a is orthogonal to the second concept and its multiplier is 0: u₂ = max(0, a₂)
    const W = { data: Float64Array.of(1, 0, 0, 1), dims: [2, 2] };
    const U = await nnls({ data: Float64Array.of(1, 0), dims: [1, 2] }, W);
    expect([...U.data]).toEqual([1, 0]);
    expect([...nnlsJvp(U, W, { data: Float64Array.of(0, 1), dims: [1, 2] }).data]).toEqual([0, 0]);
    expect([...nnlsVjp(U, W, { data: Float64Array.of(0, 1), dims: [1, 2] }).data]).toEqual([0, 0]);
  });

  it('names what it cannot use', () => {
    const [U, W] = [matrix(2, 3, 1, 0), matrix(3, 4, 2)];
    expect(() => nnlsJvp(U, W, matrix(2, 3, 1))).toThrow(
      expect.objectContaining({
        code: 'SHAPE',
        message: expect.stringMatching(/tangent \[n, p\], \[2,4\]; got \[2,3\]/),
      }),
    );
    expect(() => nnlsJvp(U, W, matrix(2, 4, 1), { ridge: -1 })).toThrow(
      expect.objectContaining({ code: 'VALUE' }),
    );
  });
});

describe('nnlsVjp', () => {
  it('is W over its squared norm for one active concept', () => {
    const U = { data: Float64Array.of(2, 0), dims: [1, 2] };
    const W = { data: Float64Array.of(3, 4, 1, 1), dims: [2, 2] };
    const v = { data: Float64Array.of(5, 7), dims: [1, 2] };
    // to float64 rounding
    expect(nnlsVjp(U, W, v).data[0]).toBeCloseTo((5 * 3) / 25, 14);
    expect(nnlsVjp(U, W, v).data[1]).toBeCloseTo((5 * 4) / 25, 14);
    expect(nnlsVjp(U, W, v, { ridge: 25 }).data[0]).toBeCloseTo((5 * 3) / (25 + 25), 14);
  });

  it('is 0 for a row without active concept', () => {
    const W = matrix(2, 3, 1);
    const zero = { data: new Float32Array(2), dims: [1, 2] };
    expect(nnlsVjp(zero, W, { data: Float64Array.of(1, 1), dims: [1, 2] }).data).toEqual(new Float32Array(3));
  });

  it('is the slope of v · u(a) between the kinks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), async (seed) => {
        const [a, W, v, way] = [
          matrix(1, 9, seed),
          matrix(5, 9, seed + 1),
          matrix(1, 5, seed + 2),
          matrix(1, 9, seed + 3),
        ];
        const step = 1e-5;
        const at = async (t: number) =>
          nnls({ data: a.data.map((x, k) => x + t * way.data[k]), dims: [1, 9] }, W);
        const [before, here, after] = [await at(-step), await at(0), await at(step)];
        const active = ({ data }: Tensor) => [...data].map((x) => x > 0).join();
        if (active(before) !== active(after)) return; // a kink in between
        const value = ({ data }: Tensor) => inner(data, v.data);
        const slope = (value(after) - value(before)) / (2 * step);
        const pulled = inner(nnlsVjp(here, W, v).data, way.data);
        // u is linear in between: only rounding / step is left, times the condition of W
        expect(slope).toBeCloseTo(pulled, 6);
      }),
    );
  });

  it('needs a ridge where active concepts are dependent', () => {
    const W = { data: Float64Array.of(1, 2, 1, 2), dims: [2, 2] };
    const U = { data: Float64Array.of(1, 1), dims: [1, 2] };
    expect(() => nnlsVjp(U, W, U)).toThrow(
      expect.objectContaining({ code: 'VALUE', message: expect.stringMatching(/row 0; give a ridge/) }),
    );
    expect(nnlsVjp(U, W, U, { ridge: 1e-3 }).data.every(Number.isFinite)).toBe(true);
  });

  it('names what it cannot use', () => {
    const U = matrix(2, 3, 1, 0);
    const W = matrix(3, 4, 2);
    expect(() => nnlsVjp(U, matrix(2, 4, 1), U)).toThrow(expect.objectContaining({ code: 'SHAPE' }));
    expect(() => nnlsVjp(U, W, matrix(2, 2, 1))).toThrow(expect.objectContaining({ code: 'SHAPE' }));
    expect(() => nnlsVjp(U, W, U, { ridge: -1 })).toThrow(expect.objectContaining({ code: 'VALUE' }));
  });
});
