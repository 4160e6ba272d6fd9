import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { float64, goldenPath, readNpz, scalar } from '../../test/golden/npy.ts';
import { features, hash, type Matrix, noise } from '../../test/math/matrices.ts';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { squaredResidual } from './factor-checks.ts';
import { endIdle } from './kernels/crew.ts';
import { type NmfOptions, nmf } from './nmf.ts';
import { runFast } from './nmf-run-fast.ts';
import { nnls } from './nnls.ts';
import { times } from './products.ts';

afterAll(endIdle);

const lossOf = (A: Tensor, U: Tensor, W: Tensor): number =>
  squaredResidual(A, Float64Array.from(U.data), Float64Array.from(W.data), W.dims[0]) / 2;

describe('nmf, fast', () => {
  // scikit-learn's float64 fit from its own start; two starts can end in two minima, hence 1e-3 (as for cd)
  it.each(['cnn', 'sparse', 'wide'])('reaches the loss of the golden fit on %s', async (set) => {
    const golden = readNpz(goldenPath(`nmf/${set}_cd.npz`));
    const A = { data: Float32Array.from(golden.X.data), dims: golden.X.dims };
    const key = Object.keys(golden).find((k) => /^cd_i\d+_a0_f64_err$/.test(k)) as string;
    const reference = scalar(golden[key]) ** 2 / 2;
    const fit = await runFast(A, { rank: scalar(golden.r) });
    expect(fit?.loss).toBeLessThan(reference * (1 + 1e-3));
    expect(lossOf(float64(golden.X), fit!.U, fit!.W) / fit!.loss).toBeCloseTo(1, 4); // float32 factors, a close fit
  });

  it.each([
    ['features', features(900, 160, 8, 1), 8],
    ['features, more concepts than there are', features(700, 90, 5, 2), 9],
    ['a flat spectrum', noise(500, 120, 1, 3), 6],
    ['sparse noise', noise(600, 150, 0.1, 4), 6],
    ['a wide matrix', features(120, 800, 6, 5), 6],
  ])('ends at or below coordinate descent on %s', async (kind, A, rank) => {
    const fast = await nmf(A, { rank });
    const cd = await nmf(A, { rank, solver: 'cd' });
    expect([fast.solver, cd.solver]).toEqual(['fast', 'cd']);
    // where there is no structure minima lie close to each other, and cd is not always in the worse one
    expect(fast.loss).toBeLessThanOrEqual(cd.loss * (1 + (kind.includes('noise') ? 2e-4 : 1e-5)));
    expect(fast.iterations).toBeLessThanOrEqual(100);
  });

  const problem = fc.record({
    n: fc.integer({ min: 1, max: 130 }),
    p: fc.integer({ min: 1, max: 70 }),
    r: fc.integer({ min: 1, max: 12 }),
    share: fc.constantFrom(0.05, 0.5, 1),
    seed: fc.nat(1000),
  });

  it('gives finite factors ≥ 0 and their true loss, for any shape', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ n, p, r, share, seed }) => {
        const A = noise(n, p, share, seed);
        const rank = Math.min(r, n, p);
        const fit = await runFast(A, { rank, seed, maxIter: 10 });
        if (!fit) return; // all values tiny: not drawn here
        const { U, W, loss } = fit;
        expect([U.dims, W.dims]).toEqual([
          [n, rank],
          [rank, p],
        ]);
        expect(U.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
        expect(W.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
        const square = A.data.reduce((sum, v) => sum + v * v, 0);
        // float32 sums: of the loss where it is large, of ‖A‖² where the fit is close
        expect(Math.abs(lossOf(A, U, W) - loss)).toBeLessThanOrEqual(1e-5 * loss + 1e-9 * square);
      }),
      { numRuns: 60 },
    );
  });

  it('finds an exact product', async () => {
    const rng = random(7);
    const factor = (count: number) =>
      Float64Array.from({ length: count }, () => Math.max(0, rng.uniform() - 0.5));
    const data = new Float64Array(300 * 120);
    times(factor(300 * 4), 300, factor(4 * 120), 4, 120, data);
    const A = { data: Float32Array.from(data), dims: [300, 120] };
    const square = A.data.reduce((sum, v) => sum + v * v, 0);
    const { loss, solver } = await nmf(A, { rank: 4, tol: 1e-8 });
    expect(solver).toBe('fast');
    expect(loss / square).toBeLessThan(1e-7); // linear convergence, stopped at 100 passes
  });

  it('is the closed form for rank 1: the leading singular pair, which is ≥ 0', async () => {
    const A = noise(400, 300, 1, 9);
    const { W } = await nmf(A, { rank: 1 });
    let v: Float64Array = new Float64Array(300).fill(1);
    for (let i = 0; i < 30; i++) {
      const next = new Float64Array(300);
      for (let k = 0; k < 400; k++) {
        let along = 0;
        for (let j = 0; j < 300; j++) along += A.data[k * 300 + j] * v[j];
        for (let j = 0; j < 300; j++) next[j] += along * A.data[k * 300 + j];
      }
      const norm = Math.sqrt(next.reduce((s, x) => s + x * x, 0));
      v = next.map((x) => x / norm);
    }
    const norm = Math.sqrt(Float64Array.from(W.data).reduce((s, x) => s + x * x, 0));
    for (let j = 0; j < 300; j++) expect(W.data[j] / norm).toBeCloseTo(v[j], 4); // float32, stopped by the loss
  });

  it('gives U that is close to the exact coefficients for its W', async () => {
    const A = features(500, 80, 6, 11);
    const { U, W } = await nmf(A, { rank: 6, tol: 1e-6 });
    const exact = Float64Array.from((await nnls(A, W)).data);
    const largest = Math.max(...exact);
    const worst = Math.max(...exact.map((v, k) => Math.abs(v - U.data[k])));
    expect(worst / largest).toBeLessThan(0.02); // W moved once after U, by less than the stop allows
  });
});

describe('the same bits', () => {
  const shapes: [string, Matrix, number][] = [
    ['many chunks', features(2600, 1030, 9, 21), 7],
    ['one chunk', features(90, 130, 5, 22), 11],
    ['more concepts than a tile', features(1400, 520, 9, 23), 23],
  ];

  it.each(shapes)('for 1, 2 and 3 threads: %s', async (_, A, rank) => {
    const seen = new Set<string>();
    for (const threads of [1, 2, 3, 2]) {
      const { U, W, solver } = await nmf(A, { rank, threads, maxIter: 4 });
      expect(solver).toBe('fast');
      seen.add(hash(U, W, await nnls(A, W, { threads })));
    }
    expect(seen.size).toBe(1);
  });

  it('for the same seed, others for another; A stays as it is', async () => {
    const A = features(600, 90, 6, 31);
    const before = A.data.slice();
    const [a, b, c] = [
      await nmf(A, { rank: 6 }),
      await nmf(A, { rank: 6 }),
      await nmf(A, { rank: 6, seed: 1 }),
    ];
    expect(a).toEqual(b);
    expect(hash(a.W)).not.toBe(hash(c.W));
    expect(A.data).toEqual(before);
  });
});

describe('what fast leaves to cd', () => {
  const A = features(400, 100, 5, 41);

  it.each<[string, Tensor, NmfOptions]>([
    ['a penalty', A, { rank: 5, alphaW: 0.01, maxIter: 3 }],
    ['another start', A, { rank: 5, init: 'random', maxIter: 3 }],
    ['a small matrix', features(40, 20, 3, 1), { rank: 3 }],
    ['more concepts than columns', features(6000, 5, 3, 1), { rank: 7, maxIter: 3 }],
    ['values far from 1', { data: A.data.map((v) => v * 1e-30), dims: A.dims }, { rank: 5, maxIter: 3 }],
    [
      'values that float32 has not',
      { data: Float64Array.from(A.data, (v) => v * 1e60), dims: A.dims },
      { rank: 5, maxIter: 3 },
    ],
  ])('%s', async (_, B, options) => {
    const fit = await nmf(B, options);
    expect(fit.solver).toBe('cd');
    expect(fit.loss).toBeGreaterThan(0);
  });

  it('but not float64 of a usual size, whose type the result keeps', async () => {
    const { U, W, solver } = await nmf({ data: Float64Array.from(A.data), dims: A.dims }, { rank: 5 });
    expect(solver).toBe('fast');
    expect([U.data, W.data].every((d) => d instanceof Float64Array)).toBe(true);
  });

  it('gives 0 for zeros', async () => {
    const { U, W, loss, converged } = await nmf(
      { data: new Float32Array(40000), dims: [400, 100] },
      { rank: 5 },
    );
    expect([...U.data, ...W.data, loss].every((v) => v === 0)).toBe(true);
    expect(converged).toBe(true);
  });
});

describe('errors, progress, ends', () => {
  const A = features(2600, 400, 6, 51);
  const refuses = (B: Tensor, options: Partial<NmfOptions>, code: string, words: RegExp) =>
    expect(nmf(B, { rank: 4, ...options })).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(words) }),
    );

  it('names what it cannot use', async () => {
    const broken = (k: number, v: number) => ({
      data: A.data.map((x, at) => (at === k ? v : x)),
      dims: A.dims,
    });
    await refuses(broken(4007, -0.5), {}, 'VALUE', /-0.5 at row 10, column 7.*semiNmf/);
    await refuses(broken(4007, Number.NaN), {}, 'VALUE', /NaN at row 10, column 7/);
    await refuses(broken(4007, Infinity), {}, 'VALUE', /Infinity at row 10, column 7/);
    await refuses(A, { threads: 0 }, 'OPTION', /threads/);
    await refuses(A, { threads: 1.5 }, 'OPTION', /threads/);
    await refuses(A, { memory: 0 }, 'OPTION', /memory/);
  });

  it.each([1, 2])('reports every pass and stops when aborted, with %i threads', async (threads) => {
    await refuses(A, { threads, signal: AbortSignal.abort() }, 'ABORTED', /nmf/);
    const seen: number[] = [];
    const { iterations } = await nmf(A, {
      rank: 4,
      threads,
      onProgress: ({ iteration }) => seen.push(iteration),
    });
    expect(seen).toEqual(Array.from({ length: iterations }, (_, k) => k + 1));
    const controller = new AbortController();
    const aborting = { threads, signal: controller.signal, onProgress: () => controller.abort() };
    await refuses(A, aborting, 'ABORTED', /nmf/);
    const again = await nmf(A, { rank: 4, threads });
    expect(again.iterations).toBe(iterations); // the engine is as new
  });

  it.each(['fast', 'cd', 'mu'] as const)('says why %s ended', async (solver) => {
    const settled = await nmf(A, { rank: 2, solver, maxIter: 2000, tol: 1e-2 });
    expect([settled.converged, settled.ended]).toEqual([
      true,
      expect.stringMatching(/(settled|fell).*another minimum/),
    ]);
    const cutShort = await nmf(A, { rank: 6, solver, maxIter: 1, tol: 0 });
    expect([cutShort.converged, cutShort.ended]).toEqual([
      false,
      expect.stringMatching(/maxIter = 1 .*raise/),
    ]);
  });

  it('keeps no memory over 1,000 calls', async () => {
    const B = features(130, 60, 4, 61);
    for (let k = 0; k < 200; k++) await runFast(B, { rank: 4, maxIter: 1 });
    const before = process.memoryUsage();
    for (let k = 0; k < 1000; k++) await runFast(B, { rank: 4, maxIter: 1 });
    const after = process.memoryUsage();
    const growth = after.external + after.arrayBuffers - before.external - before.arrayBuffers;
    expect(growth).toBeLessThan(32 * 2 ** 20); // what the collector has not seen yet; a memory a call would be 10 GB
  });
});
