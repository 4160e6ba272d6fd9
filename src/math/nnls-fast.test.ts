import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { endIdle } from './kernels/crew.ts';
import { nnls, nnlsStream } from './nnls.ts';

afterAll(endIdle);

function matrix(n: number, p: number, seed: number, from = -1): Tensor<Float32Array> {
  const rng = random(seed);
  const data = Float32Array.from({ length: n * p }, () => from + (1 - from) * rng.uniform());
  return { data, dims: [n, p] };
}
const wide = ({ data, dims }: Tensor): Tensor => ({ data: Float64Array.from(data), dims });

function squares(A: Tensor, U: Tensor, W: Tensor, i: number): number {
  const [r, p] = W.dims;
  let total = 0;
  for (let j = 0; j < p; j++) {
    let e = A.data[i * p + j];
    for (let t = 0; t < r; t++) e -= U.data[i * r + t] * W.data[t * p + j];
    total += e * e;
  }
  return total;
}

describe('nnls of float32', () => {
  const problem = fc.record({
    n: fc.integer({ min: 1, max: 110 }),
    p: fc.integer({ min: 1, max: 70 }),
    r: fc.integer({ min: 1, max: 20 }),
    from: fc.constantFrom(-1, -0.3, 0),
    seed: fc.nat(10_000),
  });

  it('leaves the residual of the float64 solver, row by row, any signs, even where concepts are dependent', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ n, p, r, from, seed }) => {
        const [A, W] = [matrix(n, p, seed), matrix(r, p, seed + 1, from)];
        const [U, exact] = [await nnls(A, W), await nnls(wide(A), wide(W))];
        expect(U.data.every((v) => v >= 0 && v < Infinity)).toBe(true);
        for (let i = 0; i < n; i++) {
          const norm = A.data.subarray(i * p, (i + 1) * p).reduce((sum, v) => sum + v * v, 0);
          // products and u are rounded to float32; with dependent concepts u is large and cancels
          const worse = squares(A, U, W, i) - squares(A, exact, W, i);
          expect(worse).toBeLessThan(1e-4 * norm);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has the coefficients of float64 where concepts are not alike', async () => {
    const [A, W] = [matrix(500, 300, 1, 0), matrix(12, 300, 2)];
    const [U, exact] = [(await nnls(A, W)).data, (await nnls(wide(A), wide(W))).data];
    const largest = Math.max(...exact);
    for (const [k, v] of exact.entries()) expect(Math.abs(U[k] - v) / largest).toBeLessThan(1e-6); // float32
  });

  it('gives a row the same bits whatever stands around it, for any number of threads and any chunks', async () => {
    const [A, W] = [matrix(700, 450, 3), matrix(9, 450, 4, 0)];
    const all = await nnls(A, W);
    for (const i of [0, 47, 48, 345, 699]) {
      const alone = await nnls({ data: A.data.slice(i * 450, (i + 1) * 450), dims: [1, 450] }, W);
      expect(alone.data).toEqual(all.data.slice(i * 9, (i + 1) * 9));
    }
    for (const threads of [2, 3]) expect(await nnls(A, W, { threads })).toEqual(all);
    for (const size of [1, 100, 5000]) {
      const rows = {
        rows: 700,
        columns: 450,
        *chunks() {
          for (let i = 0; i < 700; i += size) {
            const end = Math.min(700, i + size);
            yield { data: A.data.subarray(i * 450, end * 450), dims: [end - i, 450] };
          }
        },
      };
      const parts: number[] = [];
      for await (const { data, dims } of nnlsStream(rows, W)) {
        expect(dims[1]).toBe(9);
        parts.push(...data);
      }
      expect(Float32Array.from(parts)).toEqual(all.data);
    }
  });

  it('takes duplicate, opposite, zero, tiny and huge concepts', async () => {
    const w = [1, 2, 0, 1];
    const rows = [w, w, w.map((v) => -v), [0, 0, 0, 0], [0, 0, 3e20, 0], w.map((v) => 2e-25 * v)];
    const W = { data: Float32Array.from(rows.flat()), dims: [6, 4] };
    const A = matrix(40, 4, 5);
    const [U, exact] = [await nnls(A, W), await nnls(wide(A), wide(W))];
    for (let i = 0; i < 40; i++) {
      expect(U.data[i * 6 + 3]).toBe(0);
      expect(squares(A, U, W, i) - squares(A, exact, W, i)).toBeLessThan(1e-6); // float32
    }
  });

  it('names what it cannot use', async () => {
    const W = matrix(3, 20, 6);
    const refuses = (A: Tensor, options: object, code: string, words: RegExp) =>
      expect(nnls(A, W, options)).rejects.toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(words) }),
      );
    const A = matrix(100, 20, 7);
    for (const [at, value] of [
      [1234, Number.NaN],
      [0, Infinity],
      [1999, -Infinity],
    ]) {
      const broken = { data: A.data.map((v, k) => (k === at ? value : v)), dims: A.dims };
      await refuses(broken, {}, 'VALUE', new RegExp(`at row ${Math.floor(at / 20)}, column ${at % 20}`));
    }
    await refuses(matrix(5, 19, 1), {}, 'SHAPE', /\[5,19\]/);
    await refuses({ data: new Float32Array(0), dims: [0, 20] }, {}, 'SHAPE', /n, p ≥ 1/);
    await refuses(A, { threads: -1 }, 'OPTION', /threads/);
    await refuses(A, { signal: AbortSignal.abort() }, 'ABORTED', /nnls/);
    const stream = nnlsStream({ rows: 5, columns: 20, chunks: () => [matrix(4, 20, 1)] }, W);
    await expect(async () => {
      for await (const _ of stream);
    }).rejects.toThrow(expect.objectContaining({ code: 'SHAPE', message: expect.stringMatching(/got 4/) }));
  });
});
