import { describe, expect, it } from 'vitest';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Craft } from '../craft.ts';
import { joinSigns, splitSigns, withSplitSigns } from './split-signs.ts';

const signed = (n: number, p: number): Tensor<Float32Array> => {
  const rng = random(3);
  return { data: Float32Array.from({ length: n * p }, () => 2 * rng.uniform() - 1), dims: [n, p] };
};

describe('splitSigns', () => {
  it('is never negative, and joined again it is what it was', () => {
    const A = signed(7, 5);
    const split = splitSigns(A);
    expect(split.dims).toEqual([7, 10]);
    expect(split.data.every((a) => a >= 0)).toBe(true);
    expect(joinSigns(split)).toEqual(A);
    expect([...splitSigns({ data: Float32Array.of(-2, 3), dims: [1, 2] }).data]).toEqual([0, 3, 2, 0]);
  });

  it('refuses maps', () => {
    expect(() => splitSigns({ data: new Float32Array(8), dims: [2, 2, 2] })).toThrow(/latents \[n, p\]/);
  });
});

describe('withSplitSigns', () => {
  it('leaves the classifier what it was', async () => {
    const A = signed(12, 4);
    const options = {
      numberOfConcepts: 8, // all of 2p: the concepts can be the axes themselves
      inputToLatent: () => A,
      latentToLogit: ({ data, dims: [n] }: Tensor) => ({
        data: Float32Array.from({ length: n }, (_, k) => Math.tanh(data[4 * k] - 2 * data[4 * k + 1])),
        dims: [n, 1],
      }),
    };
    const craft = new Craft({ ...withSplitSigns(options), factorizer: 'nmf' });
    const { W, relativeError } = await craft.fit(splitSigns(A));
    expect(W.dims).toEqual([8, 8]);
    expect(W.data.every((w) => w >= 0)).toBe(true);
    const { logits, reconstructed } = await craft.reconstruct(splitSigns(A));
    expect([...logits.data]).toEqual([...options.latentToLogit(A).data]);
    // the rest of NMF at full rank: tanh has slope ≤ 1, its argument at most √5 · ‖a − uW‖
    const worst = Math.max(...logits.data.map((y, k) => Math.abs(y - reconstructed.data[k])));
    const norm = Math.sqrt(A.data.reduce((sum, a) => sum + a * a, 0));
    expect(worst).toBeLessThan(Math.sqrt(10) * relativeError * norm + 1e-5);
  });

  it('locates in states of tokens that are split too', async () => {
    const states: Tensor = { data: Float32Array.of(1, -2, 0, 3), dims: [2, 2] };
    const split = withSplitSigns({
      numberOfConcepts: 4,
      inputToLatent: () => states,
      tokenize: () => ({
        ids: Int32Array.of(0, 1),
        typeIds: new Int32Array(2),
        pieces: ['cash', 'kernel'],
        offsets: Int32Array.of(0, 4, 5, 11),
        truncated: 0,
      }),
      tokenStates: async (texts) => texts.map(() => states),
    });
    const craft = new Craft(split);
    craft.useConcepts({
      data: Float32Array.from({ length: 16 }, (_, k) => Number(k % 5 === 0)),
      dims: [4, 4],
    });
    // concept 3 is the negative part of the second number: 2 in the first token, 0 in the other
    const { scores, method } = await craft.tokenHeatmap('cash kernel', 3);
    expect(method).toBe('states');
    expect([...scores]).toEqual([2, 0]);
  });
});
