import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type NmfOptions, nmf } from './nmf.ts';
import { times } from './products.ts';

function uniform(n: number, p: number, seed: number, below = 0): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length: n * p }, () => Math.max(0, rng.uniform() - below));
}

/** An exact product of non-negative factors. */
function product(n: number, p: number, r: number, seed: number): Tensor<Float64Array> {
  const data = new Float64Array(n * p);
  times(uniform(n, r, seed, 0.5), n, uniform(r, p, seed + 1, 0.5), r, p, data);
  return { data, dims: [n, p] };
}

const refuses = (A: Tensor, options: NmfOptions, code: string, words: RegExp): Promise<void> =>
  expect(nmf(A, options)).rejects.toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(words) }),
  );

describe('nmf', () => {
  it('recovers the row of a rank 1 matrix', async () => {
    const A = { data: Float64Array.of(1, 2, 3, 2, 4, 6, 0, 0, 0), dims: [3, 3] };
    const { U, W, loss } = await nmf(A, { rank: 1 });
    expect(W.data[1] / W.data[0]).toBeCloseTo(2, 10); // exact up to rounding: the start is the SVD
    expect(W.data[2] / W.data[0]).toBeCloseTo(3, 10);
    expect(U.data[2]).toBeLessThan(1e-10); // the mean in its place is swept away
    expect(loss).toBeLessThan(1e-20);
  });

  it('finds factors of an exact product', async () => {
    const A = product(40, 25, 3, 1);
    const { loss } = await nmf(A, { rank: 3, maxIter: 5000, tol: 1e-10 });
    expect(loss / A.data.reduce((s, v) => s + v * v, 0)).toBeLessThan(1e-8); // linear convergence, stopped
  });

  const shape = fc.record({
    n: fc.integer({ min: 1, max: 60 }),
    p: fc.integer({ min: 1, max: 12 }),
    rank: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(1000),
  });

  it.each(['cd', 'mu'] as const)(
    'never raises the loss, and keeps U and W ≥ 0 and finite (%s)',
    async (solver) => {
      await fc.assert(
        fc.asyncProperty(shape, async ({ n, p, rank, seed }) => {
          const A = { data: uniform(n, p, seed, 0.3), dims: [n, p] };
          let last = Infinity;
          for (const maxIter of [1, 2, 5, 20]) {
            const { U, W, loss, iterations } = await nmf(A, { rank, maxIter, solver, tol: 0, seed });
            expect(iterations).toBeLessThanOrEqual(maxIter);
            expect([...U.data, ...W.data].every((v) => v >= 0 && v < Infinity)).toBe(true);
            expect(loss).toBeLessThanOrEqual(last * (1 + 1e-9) + 1e-12); // rounding near an exact fit
            last = loss;
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  it('fulfils the optimality conditions when run long', async () => {
    const A = { data: uniform(30, 8, 4), dims: [30, 8] };
    const { U, W } = await nmf(A, { rank: 3, maxIter: 20000, tol: 1e-9 });
    const fit = new Float64Array(30 * 8);
    times(Float64Array.from(U.data), 30, Float64Array.from(W.data), 3, 8, fit);
    for (let i = 0; i < 30; i++) {
      for (let t = 0; t < 3; t++) {
        let gradient = 0;
        for (let j = 0; j < 8; j++) gradient += (fit[i * 8 + j] - A.data[i * 8 + j]) * W.data[t * 8 + j];
        // the stop leaves 1e-9 of the first violation, some hundreds, spread over 114 entries
        expect(U.data[i * 3 + t] > 0 ? Math.abs(gradient) : -gradient).toBeLessThan(1e-6);
      }
    }
  });

  it('gives the same bits for the same seed, others for another', async () => {
    const A = { data: uniform(20, 10, 9), dims: [20, 10] };
    const run = (seed: number) => nmf(A, { rank: 4, init: 'random', seed, maxIter: 5 });
    expect(await run(1)).toEqual(await run(1));
    expect((await run(1)).W).not.toEqual((await run(2)).W);
  });

  it('answers in the float type of A, and leaves A and a given start as they are', async () => {
    const A = { data: Float32Array.from(uniform(9, 5, 1)), dims: [9, 5] };
    const init = { U: { data: uniform(9, 2, 2), dims: [9, 2] }, W: { data: uniform(2, 5, 3), dims: [2, 5] } };
    const before = structuredClone({ A, init });
    const { U, W } = await nmf(A, { rank: 2, init });
    expect([U.data, W.data].every((d) => d instanceof Float32Array)).toBe(true);
    expect({ A, init }).toEqual(before);
    expect((await nmf({ data: Uint8Array.from(A.data), dims: [9, 5] }, { rank: 2 })).U.data).toBeInstanceOf(
      Float64Array,
    );
  });

  it('gives 0, not NaN, for a matrix of zeros', async () => {
    for (const init of ['nndsvd', 'nndsvda', 'random'] as const) {
      const { U, W, loss, converged } = await nmf(
        { data: new Float64Array(12), dims: [4, 3] },
        { rank: 2, init },
      );
      expect([...U.data, ...W.data, loss].every((v) => v === 0)).toBe(true);
      expect(converged).toBe(true);
    }
  });

  it('takes one row, one column, more concepts than either', async () => {
    for (const dims of [
      [1, 6],
      [6, 1],
      [1, 1],
    ]) {
      const A = { data: uniform(dims[0], dims[1], 5), dims };
      const { U, W, loss } = await nmf(A, { rank: 3 });
      expect([U.dims, W.dims]).toEqual([
        [dims[0], 3],
        [3, dims[1]],
      ]);
      expect(loss).toBeLessThan(1e-6); // rank 1 is enough
    }
  });

  it('has no coefficient left where an L1 penalty outweighs the data', async () => {
    const A = { data: uniform(20, 6, 1), dims: [20, 6] };
    const { U } = await nmf(A, { rank: 2, alphaW: 100, l1Ratio: 1 });
    expect(U.data.every((v) => v === 0)).toBe(true);
  });

  it('reports progress that ends at the stop', async () => {
    const seen: number[] = [];
    const A = product(30, 10, 2, 3);
    const { iterations } = await nmf(A, {
      rank: 2,
      onProgress: ({ iteration, violation }) => {
        seen.push(iteration);
        expect(violation).toBeGreaterThanOrEqual(0);
      },
    });
    expect(seen).toEqual(Array.from({ length: iterations }, (_, k) => k + 1));
  });

  it('stops when aborted, before and during the run', async () => {
    const A = { data: uniform(300, 40, 1), dims: [300, 40] };
    await refuses(A, { rank: 4, signal: AbortSignal.abort() }, 'ABORTED', /nmf/);
    const controller = new AbortController();
    let iterations = 0;
    const run = nmf(A, {
      rank: 4,
      maxIter: 1e6,
      tol: 0,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        iterations = iteration;
        if (iteration === 3) controller.abort();
      },
    });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
    expect(iterations).toBe(3);
  });

  it('lets timers run between its blocks', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    const A = { data: uniform(300, 40, 1), dims: [300, 40] };
    await refuses(
      A,
      { rank: 4, maxIter: 1e9, tol: 0, init: 'random', signal: controller.signal },
      'ABORTED',
      /nmf/,
    );
  });

  it('names what it cannot use', async () => {
    const A = { data: uniform(4, 3, 1), dims: [4, 3] };
    const broken = (k: number, v: number) => ({
      data: A.data.map((x, at) => (at === k ? v : x)),
      dims: [4, 3],
    });
    await refuses(broken(7, -0.5), { rank: 2 }, 'VALUE', /-0.5 at row 2, column 1.*semiNmf/);
    await refuses(broken(4, Number.NaN), { rank: 2 }, 'VALUE', /NaN at row 1, column 1/);
    await refuses({ data: new Float64Array(0), dims: [0, 3] }, { rank: 2 }, 'SHAPE', /n, p ≥ 1/);
    await refuses({ data: A.data, dims: [12] }, { rank: 2 }, 'SHAPE', /matrix/);
    for (const rank of [0, -1, 1.5, Number.NaN, 1e9]) await refuses(A, { rank }, 'VALUE', /rank/);
    await refuses(A, { rank: 4, init: 'nndsvd' }, 'OPTION', /min\(n, p\) = 3/);
    await refuses(A, { rank: 2, init: 'svd' as 'nndsvd' }, 'OPTION', /nndsvda/);
    await refuses(A, { rank: 2, solver: 'newton' as 'cd' }, 'OPTION', /solver/);
    await refuses(A, { rank: 2, betaLoss: 'kullback-leibler' }, 'OPTION', /needs solver 'mu'/);
    await refuses(A, { rank: 2, alphaW: -1 }, 'VALUE', /alphaW/);
    await refuses(A, { rank: 2, l1Ratio: 2 }, 'VALUE', /l1Ratio/);
    await refuses(A, { rank: 2, maxIter: 0 }, 'VALUE', /maxIter/);
    await refuses(A, { rank: 2, tol: -1 }, 'VALUE', /tol/);
    await refuses(A, { rank: 2, seed: 0.5 }, 'VALUE', /seed/);
    const U = { data: new Float64Array(8).fill(1), dims: [4, 2] };
    await refuses(A, { rank: 2, init: { U, W: U } }, 'SHAPE', /init.W/);
    await refuses(A, { rank: 2, init: { U: { ...U, data: U.data.map(() => -1) }, W: U } }, 'VALUE', /init.U/);
  });
});
