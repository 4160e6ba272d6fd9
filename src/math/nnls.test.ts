import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { nnls, transformCd } from './nnls.ts';
import { times } from './products.ts';

function matrix(n: number, p: number, seed: number, from = -1): Tensor<Float64Array> {
  const rng = random(seed);
  return {
    data: Float64Array.from({ length: n * p }, () => from + (1 - from) * rng.uniform()),
    dims: [n, p],
  };
}

/** How far u is from optimal: Karush–Kuhn–Tucker, each gradient scaled by the sizes of a and w. */
function violation(A: Tensor, W: Tensor, U: Tensor): number {
  const [n, p] = A.dims;
  const r = W.dims[0];
  const fit = new Float64Array(n * p);
  times(Float64Array.from(U.data), n, Float64Array.from(W.data), r, p, fit);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < r; t++) {
      let [gradient, a2, w2] = [0, 0, 0];
      for (let j = 0; j < p; j++) {
        const w = W.data[t * p + j];
        gradient += (fit[i * p + j] - A.data[i * p + j]) * w;
        a2 += A.data[i * p + j] ** 2;
        w2 += w * w;
      }
      const breach = U.data[i * r + t] > 0 ? Math.abs(gradient) : Math.max(0, -gradient);
      if (breach > 0) worst = Math.max(worst, breach / Math.sqrt(a2 * w2));
    }
  }
  return worst;
}

/** Smallest ‖a − uW‖² over every active set, each solved without the sign constraint. */
function bruteForce(a: Float64Array, W: Tensor<Float64Array>): number {
  const [r, p] = W.dims;
  let best = Infinity;
  for (let mask = 0; mask < 2 ** r; mask++) {
    const rows = Array.from({ length: r }, (_, t) => t).filter((t) => (mask >> t) & 1);
    const M = rows.map((i) => [
      ...rows.map((k) => inner(W.data.subarray(i * p, (i + 1) * p), W.data.subarray(k * p, (k + 1) * p))),
      inner(W.data.subarray(i * p, (i + 1) * p), a),
    ]);
    const u = solve(M);
    if (u.some((v) => v < 0)) continue;
    let residual = 0;
    for (let j = 0; j < p; j++) {
      let fit = 0;
      for (const [k, t] of rows.entries()) fit += u[k] * W.data[t * p + j];
      residual += (a[j] - fit) ** 2;
    }
    best = Math.min(best, residual);
  }
  return best;
}
const inner = (x: Float64Array, y: Float64Array): number => x.reduce((sum, v, k) => sum + v * y[k], 0);

/** Gauss–Jordan with pivoting on [M | b]. */
function solve(M: number[][]): number[] {
  const n = M.length;
  for (let c = 0; c < n; c++) {
    const pivot = M.slice(c).reduce(
      (best, row, k) => (Math.abs(row[c]) > Math.abs(M[best][c]) ? c + k : best),
      c,
    );
    [M[c], M[pivot]] = [M[pivot], M[c]];
    for (let i = 0; i < n; i++) {
      if (i === c) continue;
      const factor = M[i][c] / M[c][c];
      for (let k = c; k <= n; k++) M[i][k] -= factor * M[c][k];
    }
  }
  return M.map((row, c) => row[n] / row[c]);
}

describe('nnls', () => {
  it('clips the projection on an orthogonal bank', async () => {
    const A = { data: Float64Array.of(3, -4, 5, -1, 2, 0), dims: [2, 3] };
    const W = { data: Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0.5), dims: [3, 3] };
    expect([...(await nnls(A, W)).data]).toEqual([1.5, 0, 10, 0, 2, 0]); // a_j / w_j or 0
  });

  const problem = fc.record({
    n: fc.integer({ min: 1, max: 60 }),
    p: fc.integer({ min: 1, max: 40 }),
    r: fc.integer({ min: 1, max: 20 }),
    from: fc.constantFrom(-1, -0.3, 0),
    seed: fc.nat(10_000),
  });

  it('fulfils the optimality conditions, any signs, even where concepts are dependent (r > p)', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ n, p, r, from, seed }) => {
        const [A, W] = [matrix(n, p, seed), matrix(r, p, seed + 1, from)];
        const U = await nnls(A, W);
        expect(U.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
        // rounding, times the condition of the active concepts (a Gram matrix squares it)
        expect(violation(A, W, U)).toBeLessThan(1e-8);
      }),
      { numRuns: 200 },
    );
  });

  it('is the best of all active sets', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const [A, W] = [matrix(1, 8, seed), matrix(5, 8, seed + 100, seed % 2 ? -1 : 0)];
      const U = await nnls(A, W);
      const fit = new Float64Array(8);
      times(Float64Array.from(U.data), 1, W.data, 5, 8, fit);
      const residual = fit.reduce((sum, v, j) => sum + (v - A.data[j]) ** 2, 0);
      expect(residual).toBeCloseTo(bruteForce(A.data, W), 10); // both in float64
    }
  });

  it('gives back the coefficients of rows made from the bank', async () => {
    const [U, W] = [matrix(50, 6, 1, 0), matrix(6, 20, 2, 0)];
    U.data.forEach((v, k) => {
      if (v < 0.4) U.data[k] = 0;
    });
    const A = { data: new Float64Array(50 * 20), dims: [50, 20] };
    times(U.data, 50, W.data, 6, 20, A.data);
    const found = (await nnls(A, W)).data;
    expect(Math.max(...found.map((v, k) => Math.abs(v - U.data[k])))).toBeLessThan(1e-11); // condition ≈ 100
  });

  it('takes duplicate, opposite and zero concepts', async () => {
    const w = [1, 2, 0, 1];
    const rows = [w, w, w.map((v) => -v), [0, 0, 0, 0], [0, 0, 3, 0], w.map((v) => 2 * v)];
    const W = { data: Float64Array.from(rows.flat()), dims: [6, 4] };
    const A = matrix(40, 4, 5);
    const U = await nnls(A, W);
    expect(violation(A, W, U)).toBeLessThan(1e-12); // float64 rounding
    for (let i = 0; i < 40; i++) expect(U.data[i * 6 + 3]).toBe(0);
  });

  it('does not depend on the other rows or on the scale of a concept', async () => {
    const [A, W] = [matrix(60, 10, 7, 0), matrix(4, 10, 8, 0)];
    const all = await nnls(A, W);
    for (const i of [0, 31, 59]) {
      const alone = await nnls({ data: A.data.subarray(i * 10, (i + 1) * 10), dims: [1, 10] }, W);
      expect(alone.data).toEqual(all.data.slice(i * 4, (i + 1) * 4)); // to the bit
    }
    const scaled = await nnls(A, { data: W.data.map((v, k) => (k < 10 ? v * 1024 : v)), dims: [4, 10] });
    for (let i = 0; i < 60; i++) expect(scaled.data[i * 4] * 1024).toBeCloseTo(all.data[i * 4], 10);
  });

  it('gives 0 where nothing helps, float32 for float32, and keeps its inputs', async () => {
    const W = matrix(3, 5, 1, 0);
    const A = { data: new Float32Array(10).fill(-1), dims: [2, 5] };
    const before = structuredClone({ A, W });
    expect((await nnls(A, W)).data).toEqual(new Float32Array(6));
    expect({ A, W }).toEqual(before);
  });

  it('takes very small and very large values', async () => {
    for (const size of [1e-100, 1e99]) {
      const W = { data: Float64Array.of(size, 0, size, size), dims: [2, 2] };
      const U = await nnls({ data: Float64Array.of(3 * size, 2 * size), dims: [1, 2] }, W);
      expect(U.data[0]).toBeCloseTo(1, 10);
      expect(U.data[1]).toBeCloseTo(2, 10);
    }
  });

  it('names what it cannot use', async () => {
    const A = matrix(2, 3, 1);
    await expect(nnls(A, matrix(2, 4, 1))).rejects.toThrow(
      expect.objectContaining({ code: 'SHAPE', message: expect.stringMatching(/\[2,3\] and \[2,4\]/) }),
    );
    const broken = { data: Float64Array.of(1, Number.NaN, 0), dims: [1, 3] };
    await expect(nnls(broken, A)).rejects.toThrow(expect.objectContaining({ code: 'VALUE' }));
    await expect(nnls({ data: Float64Array.of(1, 1e101, 0), dims: [1, 3] }, A)).rejects.toThrow(
      expect.objectContaining({
        code: 'VALUE',
        message: expect.stringMatching(/1e\+101 at row 0, column 1/),
      }),
    );
    await expect(nnls(A, A, { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
  });
});

describe('transformCd', () => {
  it('approaches nnls as tol goes to 0', async () => {
    const [A, W] = [matrix(20, 12, 3, 0), matrix(4, 12, 4, 0)];
    const { U } = transformCd(A, W, { tol: 1e-14, maxIter: 20_000 });
    const exact = (await nnls(A, W)).data;
    // linear convergence, stopped at 1e-14
    for (const [k, v] of exact.entries()) expect(U.data[k]).toBeCloseTo(v, 9);
  });

  it('refuses a signed bank and a bad option', () => {
    const A = matrix(2, 3, 1, 0);
    const W = { data: Float64Array.of(1, 0, -1), dims: [1, 3] };
    expect(() => transformCd(A, W)).toThrow(
      expect.objectContaining({ code: 'VALUE', message: expect.stringMatching(/nnls/) }),
    );
    expect(() => transformCd(A, A, { maxIter: 0 })).toThrow(expect.objectContaining({ code: 'VALUE' }));
  });
});
