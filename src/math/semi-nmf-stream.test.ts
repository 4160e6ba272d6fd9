import { afterAll, describe, expect, it } from 'vitest';
import { signed, source } from '../../test/math/matrices.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { squaredResidual } from './factor-checks.ts';
import { endIdle } from './kernels/crew.ts';
import { nnls } from './nnls.ts';
import { semiNmf } from './semi-nmf.ts';

afterAll(endIdle);

describe('semiNmf of a source of rows', () => {
  it.each([
    [900, 300, 6, 0.3],
    [1200, 400, 10, 1],
    [400, 30, 8, 0.5],
  ])('ends where the whole matrix does, in six passes: %i × %i, r = %i', async (n, p, r, noise) => {
    const A = signed(n, p, r, noise, n);
    const rows = source(A, 137);
    const streamed = await semiNmf(rows, { rank: r });
    const whole = await semiNmf(A, { rank: r });
    expect(rows.passes).toBe(6);
    // other minima, and what the span of r + 20 leaves out; the goal for a stream is half a percent
    expect(streamed.loss / whole.loss - 1).toBeLessThan(0.005);
    const own = squaredResidual(A, Float64Array.from(streamed.U.data), Float64Array.from(streamed.W.data), r);
    expect(Math.abs(own / 2 / streamed.loss - 1)).toBeLessThan(1e-5); // residuals rounded to float32
    expect((await nnls(A, streamed.W)).data).toEqual(streamed.U.data);
  });

  it('gives the same bits however it is cut, held and shared out', async () => {
    const A = signed(1500, 500, 5, 0.3, 4);
    const run = (rows: number, options: { threads: number; memory?: number }) =>
      semiNmf(source(A, rows), { rank: 5, ...options });
    const one = await run(1500, { threads: 1 });
    expect(await run(64, { threads: 2 })).toEqual(one);
    expect(await run(333, { threads: 2, memory: 1 })).toEqual(one);
  });

  it('takes zeros, and names what it cannot use', async () => {
    const zeros = { data: new Float32Array(6000), dims: [100, 60] };
    const { U, W, loss } = await semiNmf(source(zeros, 7), { rank: 3 });
    expect([...U.data, ...W.data, loss].every((v) => v === 0)).toBe(true);
    const A = signed(100, 60, 3, 0.3, 1);
    const refuses = (B: Tensor<Float32Array>, options: object, code: string, change: object = {}) =>
      expect(semiNmf({ ...source(B, 50), ...change }, { rank: 3, ...options })).rejects.toThrow(
        expect.objectContaining({ code }),
      );
    await refuses(A, { rank: 61 }, 'OPTION');
    await refuses(A, { memory: 0 }, 'OPTION');
    await refuses(A, {}, 'SHAPE', { rows: 99 });
    await refuses(A, {}, 'SHAPE', { columns: 59 });
    for (const bad of [Number.NaN, Infinity, -Infinity, 1e13]) {
      const data = A.data.slice();
      data[4000] = bad;
      await refuses({ data, dims: A.dims }, {}, 'VALUE');
    }
    await refuses(A, { signal: AbortSignal.abort() }, 'ABORTED');
  });
});
