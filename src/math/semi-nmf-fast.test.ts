import { afterAll, describe, expect, it } from 'vitest';
import { signed } from '../../test/math/matrices.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { squaredResidual } from './factor-checks.ts';
import { endIdle } from './kernels/crew.ts';
import { nnls } from './nnls.ts';
import { pace } from './pace.ts';
import { semiNmf } from './semi-nmf.ts';
import { plainSemiNmf } from './semi-nmf-plain.ts';

afterAll(endIdle);

const plain = (A: Tensor, rank: number) =>
  plainSemiNmf(A, { rank, seed: 0, maxIter: 200, tol: 1e-4, pace: pace('test') });

describe('semiNmf on the kernels', () => {
  it.each([
    [400, 90, 6],
    [700, 130, 9],
    [1300, 420, 5],
  ])('ends near the plain alternation: %i × %i, r = %i', async (n, p, r) => {
    const A = signed(n, p, r, 0.3, n);
    const fast = await semiNmf(A, { rank: r });
    const { loss } = await plain(A, r);
    // other centres to start from where n > 512, other rounding: minima lie some 10⁻³ apart
    expect(Math.abs(fast.loss / loss - 1)).toBeLessThan(0.01);
    expect(fast.converged).toBe(true);
    expect(fast.U.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
    const own = squaredResidual(A, Float64Array.from(fast.U.data), Float64Array.from(fast.W.data), r) / 2;
    expect(Math.abs(own / fast.loss - 1)).toBeLessThan(1e-5); // residuals rounded to float32
  });

  it('gives U that is the exact least squares on W', async () => {
    const A = signed(600, 100, 6, 0.2, 2);
    const { U, W } = await semiNmf(A, { rank: 6, maxIter: 4 });
    expect((await nnls(A, W)).data).toEqual(U.data); // the same kernel on the same float32 bank
  });

  it('never raises the loss', async () => {
    const A = signed(500, 80, 5, 0.5, 3);
    let last = Infinity;
    for (const maxIter of [1, 2, 4, 8, 16]) {
      const { loss } = await semiNmf(A, { rank: 7, maxIter, tol: 0 });
      expect(loss).toBeLessThanOrEqual(last * (1 + 1e-6)); // float32 products
      last = loss;
    }
  });

  it('gives the same bits for any number of threads', async () => {
    const A = signed(1500, 500, 5, 0.3, 4);
    const one = await semiNmf(A, { rank: 5, maxIter: 5, threads: 1 });
    for (const threads of [2, 3]) expect(await semiNmf(A, { rank: 5, maxIter: 5, threads })).toEqual(one);
  });

  it('replaces a concept that no row uses, and takes zeros', async () => {
    const A = signed(300, 60, 2, 0, 5); // two concepts are enough; the others get residuals
    const { U, W, loss } = await semiNmf(A, { rank: 8, maxIter: 50 });
    expect([...U.data, ...W.data].every((v) => Number.isFinite(v))).toBe(true);
    const square = A.data.reduce((sum, v) => sum + v * v, 0);
    expect(loss / square).toBeLessThan(1e-6); // an exact product
    const zeros = await semiNmf({ data: new Float32Array(60_000), dims: [600, 100] }, { rank: 4 });
    expect([...zeros.U.data, ...zeros.W.data, zeros.loss].every((v) => v === 0)).toBe(true);
  });

  it('reports progress, stops when aborted and refuses a bad option', async () => {
    const A = signed(700, 100, 5, 0.3, 6);
    const controller = new AbortController();
    const run = semiNmf(A, { rank: 5, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
    const seen: number[] = [];
    const { iterations } = await semiNmf(A, { rank: 5, onProgress: ({ iteration }) => seen.push(iteration) });
    expect(seen).toEqual(Array.from({ length: iterations }, (_, k) => k + 1));
    await expect(semiNmf(A, { rank: 5, threads: 0 })).rejects.toThrow(
      expect.objectContaining({ code: 'OPTION' }),
    );
  });
});
