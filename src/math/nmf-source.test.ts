import { afterAll, describe, expect, it } from 'vitest';
import { features, hash, source } from '../../test/math/matrices.ts';
import { endIdle } from './kernels/crew.ts';
import { type NmfOptions, nmf, type RowSource } from './nmf.ts';

afterAll(endIdle);

describe('nmf of a source of rows', () => {
  it('gives the bits of the whole matrix, in any chunks and memory', async () => {
    const A = features(2600, 1030, 9, 21);
    const whole = await nmf(A, { rank: 7, maxIter: 4 });
    for (const [size, memory] of [
      [1, 1],
      [333, 5e6],
      [5000, undefined],
    ] as const) {
      const rows = source(A, size);
      const fit = await nmf(rows, { rank: 7, maxIter: 4, threads: 2, memory });
      expect(hash(fit.U, fit.W)).toBe(hash(whole.U, whole.W));
      expect(fit.loss).toBe(whole.loss);
      expect(rows.passes).toBe(6 + fit.iterations); // the sketch's, and one a step
    }
  });

  it('names what is wrong with a source', async () => {
    const A = features(2600, 400, 6, 51);
    const refuses = (B: RowSource, options: Partial<NmfOptions>, code: string, words: RegExp) =>
      expect(nmf(B, { rank: 4, ...options })).rejects.toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(words) }),
      );
    const rows = source(A, 500);
    await refuses({ ...rows, rows: 0 }, {}, 'SHAPE', /rows/);
    await refuses({ ...rows, rows: 2599 }, {}, 'SHAPE', /2599 rows in every pass; got more/);
    await refuses({ ...rows, rows: 2601 }, {}, 'SHAPE', /2601 rows in every pass; got 2600/);
    await refuses({ ...rows, columns: 399 }, {}, 'SHAPE', /chunks of 399 columns; got 400/);
    await refuses(rows, { rank: 401 }, 'OPTION', /min\(rows, columns\) = 400/);
    await refuses(rows, { solver: 'cd' }, 'OPTION', /source of rows/);
    await refuses(rows, { alphaW: 1 }, 'OPTION', /source of rows/);
    const negative = source({ data: A.data.map((v, k) => (k === 9 ? -1 : v)), dims: A.dims }, 500);
    await refuses(negative, {}, 'VALUE', /semiNmf/);
    let calls = 0;
    const shrinking = { ...rows, chunks: () => source(A, calls++ ? 500 : 600).chunks() };
    expect((await nmf(shrinking, { rank: 3, maxIter: 2 })).solver).toBe('fast'); // other chunks, same rows
  });
});
