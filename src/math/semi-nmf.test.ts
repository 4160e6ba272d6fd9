import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { nmf } from './nmf.ts';
import { nnls } from './nnls.ts';
import { pace } from './pace.ts';
import { times } from './products.ts';
import { type SemiNmfOptions, semiNmf } from './semi-nmf.ts';
import { leadingSvd } from './svd.ts';

function noise(n: number, p: number, seed: number, from = -1): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length: n * p }, () => from + (1 - from) * rng.uniform());
}

/** An exact product U W with U ≥ 0, one large coefficient a row, and W of any sign. */
function product(n: number, p: number, r: number, seed: number): Tensor<Float64Array> {
  const U = noise(n, r, seed, 0).map((v, k) => (k % r === Math.floor(k / r) % r ? 1 + v : 0.1 * v));
  const data = new Float64Array(n * p);
  times(U, n, noise(r, p, seed + 1), r, p, data);
  return { data, dims: [n, p] };
}
const squares = (A: Tensor<Float64Array>): number => A.data.reduce((s, v) => s + v * v, 0);

describe('semiNmf', () => {
  it('recovers clusters: as many different rows as concepts leave no loss', async () => {
    const centers = noise(4, 9, 1);
    const data = Float64Array.from(
      { length: 40 * 9 },
      (_, k) => centers[(Math.floor(k / 9) % 4) * 9 + (k % 9)],
    );
    const { loss, converged } = await semiNmf({ data, dims: [40, 9] }, { rank: 4 });
    expect(loss).toBeLessThan(1e-25); // float64 rounding
    expect(converged).toBe(true);
  });

  it('finds factors of an exact product', async () => {
    const A = product(80, 15, 3, 2);
    const { U, loss } = await semiNmf(A, { rank: 3, maxIter: 2000, tol: 1e-8 });
    expect(loss / squares(A)).toBeLessThan(1e-8);
    expect(U.data.every((v) => v >= 0)).toBe(true);
  });

  it('replaces a concept that no row uses', async () => {
    // the centres of the two clusters lie on one ray, so one of them is not needed; two rays in between are exact
    const rows = [
      [1, 0.1],
      [1, -0.1],
      [1, 0],
      [3, 0.1],
      [3, -0.1],
      [3, 0],
    ];
    const A = { data: Float64Array.from(rows.flat()), dims: [6, 2] };
    const { U, loss } = await semiNmf(A, { rank: 2, maxIter: 1000, tol: 1e-9 });
    expect(loss / squares(A)).toBeLessThan(1e-10); // .06 of 30 if it stayed unused
    expect([0, 1].every((t) => U.data.some((v, k) => k % 2 === t && v > 0))).toBe(true);
  });

  it('is never below the SVD, nor above NMF on non-negative data', async () => {
    const A = { data: noise(60, 12, 3, 0), dims: [60, 12] };
    const { loss } = await semiNmf(A, { rank: 4, maxIter: 1000, tol: 1e-7 });
    const { s } = await leadingSvd(A, 4, 0, pace('test'));
    const floor = (squares(A) - s.reduce((sum, v) => sum + v * v, 0)) / 2; // Eckart and Young (1936)
    expect(loss).toBeGreaterThanOrEqual(floor * (1 - 1e-12));
    // fewer constraints; both are local minima, on this matrix far apart
    expect(loss).toBeLessThan((await nmf(A, { rank: 4, maxIter: 2000, tol: 1e-7 })).loss);
  });

  const shape = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    p: fc.integer({ min: 1, max: 10 }),
    rank: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(1000),
    copies: fc.boolean(),
  });

  it('never raises the loss; U is the exact least squares on W', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ n, p, rank, seed, copies }) => {
        // with copies, concepts become unused or dependent on the way
        const data = noise(n, p, seed).map((v, k, all) => (copies ? all[k % (2 * p)] : v));
        const A = { data, dims: [n, p] };
        let last = Infinity;
        for (const maxIter of [1, 2, 3, 6, 15]) {
          const { U, W, loss } = await semiNmf(A, { rank, maxIter, tol: 0, seed });
          expect(U.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
          expect(W.data.every((v) => Number.isFinite(v))).toBe(true);
          expect(loss).toBeLessThanOrEqual(last + 1e-12 * squares(A)); // float64 rounding
          last = loss;
          const fit = new Float64Array(n * p);
          times(Float64Array.from((await nnls(A, W)).data), n, Float64Array.from(W.data), rank, p, fit);
          const again = fit.reduce((sum, v, k) => sum + (v - data[k]) ** 2, 0) / 2;
          expect(again).toBeCloseTo(loss, 9); // dependent concepts: other coefficients, the same fit
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits for the same seed', async () => {
    const A = { data: Float32Array.from(noise(50, 8, 1)), dims: [50, 8] };
    const before = A.data.slice();
    const [a, b] = [await semiNmf(A, { rank: 3, seed: 4 }), await semiNmf(A, { rank: 3, seed: 4 })];
    expect(a).toEqual(b);
    expect(a.U.data).toBeInstanceOf(Float32Array);
    expect(A.data).toEqual(before);
  });

  it('gives 0, not NaN, for zeros, and takes one row and more concepts than rows', async () => {
    const zeros = await semiNmf({ data: new Float64Array(12), dims: [4, 3] }, { rank: 2 });
    expect([...zeros.U.data, ...zeros.W.data, zeros.loss].every((v) => v === 0)).toBe(true);
    const { loss, W } = await semiNmf({ data: Float64Array.of(1, -2, 3), dims: [1, 3] }, { rank: 5 });
    expect(loss).toBeLessThan(1e-25);
    expect(W.data.every((v) => Number.isFinite(v))).toBe(true);
  });

  it('names what it cannot use, and stops when aborted', async () => {
    const A = { data: noise(4, 3, 1), dims: [4, 3] };
    const refuses = (B: Tensor, options: SemiNmfOptions, code: string) =>
      expect(semiNmf(B, options)).rejects.toThrow(expect.objectContaining({ code }));
    await refuses(A, { rank: 0 }, 'VALUE');
    await refuses(A, { rank: 2, tol: Number.NaN }, 'VALUE');
    await refuses({ data: A.data.map(() => Infinity), dims: [4, 3] }, { rank: 2 }, 'VALUE');
    await refuses({ data: A.data, dims: [3, 3] }, { rank: 2 }, 'SHAPE');
    await refuses(A, { rank: 2, signal: AbortSignal.abort() }, 'ABORTED');
  });
});
