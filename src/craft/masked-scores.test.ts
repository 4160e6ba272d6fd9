import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { FoldedHead } from './folded-head.ts';
import { Head } from './head.ts';
import { latentShape } from './layout.ts';
import { inputsOf, openScorer } from './masked-scores.ts';
import { allScores } from './score-rows.ts';

const [T, p, r] = [4, 3, 2];
const shape = latentShape([1, T, p], { layout: 'NTC', prefixTokens: 0 });
const W = { data: Float32Array.of(1, 0, 2, 0, 3, 1), dims: [r, p] };
const rng = random(1);
const us = Array.from({ length: 5 }, () => Float32Array.from({ length: T * r }, () => rng.uniform()));
const { inputs } = inputsOf(us.map((data) => ({ data, count: 1, rank: r, shape })));
const masks = Float64Array.from({ length: 7 * r }, () => rng.uniform());
const shared = { count: 7, of: () => masks };

/** y₀ = tanh of the sum of a latent, y₁ = its largest number, and the sizes of the batches. */
function callable(): { head: Head; batches: number[] } {
  const batches: number[] = [];
  const head = new Head(({ data, dims: [count] }: Tensor) => {
    batches.push(count);
    const scores = Array.from({ length: count }, (_, n) => {
      const latent = Array.from(data.subarray(n * T * p, (n + 1) * T * p));
      return [Math.tanh(latent.reduce((sum, v) => sum + v, 0)), Math.max(...latent)];
    });
    return { data: Float64Array.from(scores.flat()), dims: [count, 2] };
  });
  return { head, batches };
}

const expected = (classId: number): number[] =>
  us.flatMap((u) =>
    Array.from({ length: 7 }, (_, m) => {
      const latent: number[] = [];
      for (let t = 0; t < T; t++)
        for (let c = 0; c < p; c++)
          latent.push(
            [0, 1].reduce((sum, i) => sum + u[t * r + i] * masks[m * r + i] * W.data[i * p + c], 0),
          );
      return classId === 0 ? Math.tanh(latent.reduce((sum, v) => sum + v, 0)) : Math.max(...latent);
    }),
  );

describe('openScorer', () => {
  it.each([0, 1])('runs a callable on full batches over several inputs, class %i', async (classId) => {
    const { head, batches } = callable();
    const context = { head, foldHead: null, classId, batchSize: 16 };
    const scorer = await openScorer(context, { W, shape, inputs });
    const done: number[] = [];
    const { y, ...counts } = await allScores(5, 7, (take) =>
      scorer.scores({ masks: shared, take, onInputs: (n) => done.push(n) }),
    );
    expect(scorer).toMatchObject({ path: 'batched', isAffine: false });
    // 5 · 7 rows by 16
    expect(batches).toEqual([16, 16, 3]);
    expect(counts).toEqual({ headEvaluations: 35, prefixEvaluations: 0 });
    expect(done).toEqual([2, 4, 5]);
    const theirs = expected(classId);
    y.forEach((score, k) => {
      expect(score).toBeCloseTo(theirs[k], 5); // latents are float32
    });
  });

  it('uses no fold that gives other scores than h, and frees it', async () => {
    const { head } = callable();
    let released = 0;
    const other: FoldedHead = {
      prefix: async ({ dims }) => new Float32Array(dims[0]).fill(1),
      tail: null,
      width: 1,
      isVector: true,
      rows: 100,
      release: async () => {
        released++;
      },
    };
    const context = { head, foldHead: async () => other, classId: 1, batchSize: 16 };
    const scorer = await openScorer(context, { W, shape, inputs });
    expect([scorer.path, scorer.isAffine, released]).toEqual(['batched', false, 1]);
  });

  it('frees a fold that fails, and says why', async () => {
    const { head } = callable();
    let released = 0;
    const failing: FoldedHead = {
      prefix: () => Promise.reject(new Error('the engine is gone')),
      tail: null,
      width: 1,
      isVector: true,
      rows: 100,
      release: async () => {
        released++;
      },
    };
    const context = { head, foldHead: async () => failing, classId: 1, batchSize: 16 };
    await expect(openScorer(context, { W, shape, inputs })).rejects.toThrow('the engine is gone');
    expect(released).toBe(1);
  });

  it('stops between two batches', async () => {
    const { head, batches } = callable();
    const stop = new AbortController();
    const scorer = await openScorer(
      { head, foldHead: null, classId: 0, batchSize: 14 },
      { W, shape, inputs },
    );
    const scores = scorer.scores({
      masks: shared,
      take: () => {},
      signal: stop.signal,
      onInputs: () => stop.abort(),
    });
    await expect(scores).rejects.toMatchObject({ code: 'ABORTED' });
    expect(batches).toEqual([14]);
  });
});
