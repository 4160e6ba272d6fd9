import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { pace } from './pace.ts';
import { dot, times, transpose } from './products.ts';
import { leadingSvd } from './svd.ts';

function noise(n: number, p: number, seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length: n * p }, () => rng.uniform() - 0.5);
}

/** n × p of rank r: X Y with concept k scaled by decay^k. */
function lowRank(n: number, p: number, r: number, decay: number): Tensor<Float64Array> {
  const X = noise(n, r, 1).map((v, k) => v * decay ** (k % r));
  const data = new Float64Array(n * p);
  times(X, n, noise(r, p, 2), r, p, data);
  return { data, dims: [n, p] };
}

/** Largest |A − Σ s_j u_j v_jᵀ| of its first k triplets. */
function remainder(A: Tensor<Float64Array>, { Ut, s, Vt }: Awaited<ReturnType<typeof leadingSvd>>): number {
  const [n, p] = A.dims;
  const k = s.length;
  const scaled = transpose(
    Ut.map((v, at) => v * s[Math.floor(at / n)]),
    k,
    n,
  );
  const fit = new Float64Array(n * p);
  times(scaled, n, Vt, k, p, fit);
  return A.data.reduce((worst, v, at) => Math.max(worst, Math.abs(v - fit[at])), 0);
}

describe('leadingSvd', () => {
  it.each([
    [40, 15],
    [15, 40],
    [1, 7],
    [7, 1],
  ])('rebuilds a %i × %i matrix from orthonormal vectors', async (n, p) => {
    const A = { data: noise(n, p, 3), dims: [n, p] };
    const k = Math.min(n, p);
    const svd = await leadingSvd(A, k, 0, pace('test'));
    expect(remainder(A, svd)).toBeLessThan(1e-13); // float64 rounding of values below 1
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const expected = i === j ? 1 : 0;
        expect(dot(svd.Ut, i * n, svd.Ut, j * n, n)).toBeCloseTo(expected, 12); // float64 rounding
        expect(dot(svd.Vt, i * p, svd.Vt, j * p, p)).toBeCloseTo(expected, 12);
      }
      if (i > 0) expect(svd.s[i]).toBeLessThanOrEqual(svd.s[i - 1]);
    }
  });

  it('has the singular values of a closed form: a diagonal times rotations', async () => {
    const [c, s] = [0.6, 0.8];
    // [[c, −s], [s, c]] · diag(3, 1) · [[c, s], [−s, c]]
    const data = Float64Array.of(3 * c * c + s * s, 3 * c * s - s * c, 3 * s * c - c * s, 3 * s * s + c * c);
    const svd = await leadingSvd({ data, dims: [2, 2] }, 2, 0, pace('test'));
    expect(svd.s[0]).toBeCloseTo(3, 14); // float64 rounding
    expect(svd.s[1]).toBeCloseTo(1, 14);
  });

  it('keeps the vectors orthonormal where rows nearly agree (Läuchli)', async () => {
    const e = 1e-7;
    const data = Float64Array.of(1, e, 0, 0, 1, 0, e, 0, 1, 0, 0, e);
    const { s, Vt } = await leadingSvd({ data, dims: [3, 4] }, 3, 0, pace('test'));
    expect(s[0]).toBeCloseTo(Math.sqrt(3), 12); // singular values √(3 + e²), e, e
    for (const j of [1, 2]) expect(s[j] / e).toBeCloseTo(1, 8); // eps / e
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < i; j++) expect(dot(Vt, i * 4, Vt, j * 4, 4)).toBeCloseTo(0, 12); // float64 rounding, however near the rows
    }
  });

  it('gives 0 beyond the rank, and no NaN', async () => {
    const svd = await leadingSvd(lowRank(30, 20, 4, 1), 8, 0, pace('test'));
    expect(svd.s.subarray(4).every((v) => v < 1e-14 * svd.s[0])).toBe(true);
    expect([...svd.Ut, ...svd.Vt].every(Number.isFinite)).toBe(true);
  });

  it('sketches a large matrix of low rank to rounding', async () => {
    const A = lowRank(300, 200, 10, 0.8);
    const svd = await leadingSvd(A, 10, 7, pace('test'));
    expect(remainder(A, svd)).toBeLessThan(1e-12); // the sketch is wider than the rank: only rounding
  });

  it('sketches the leading values of a flat spectrum within 2 %', async () => {
    const A = { data: noise(300, 160, 5), dims: [300, 160] };
    const sketch = await leadingSvd(A, 10, 7, pace('test'));
    const exact = await leadingSvd(A, 160, 7, pace('test')); // as wide as A: no sketch
    for (let j = 0; j < 10; j++) {
      // the power iterations raise the gap to value 31, some 10 %, to the 9th power
      expect(sketch.s[j] / exact.s[j]).toBeGreaterThan(0.98);
      expect(sketch.s[j] / exact.s[j]).toBeLessThanOrEqual(1 + 1e-12);
    }
  });

  it('gives the same bits for the same seed', async () => {
    const A = lowRank(300, 200, 30, 0.9);
    const [a, b] = [await leadingSvd(A, 5, 3, pace('test')), await leadingSvd(A, 5, 3, pace('test'))];
    expect(a).toEqual(b);
  });
});
