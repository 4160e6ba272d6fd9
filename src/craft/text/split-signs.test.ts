import { describe, expect, it } from 'vitest';
import { nnls } from '../../math/nnls.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Craft } from '../craft.ts';
import { joinSigns, splitSigns, withSplitSigns } from './split-signs.ts';
import type { TokenVjp } from './token-vjp.ts';

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

/** A smooth encoder of words: a = sin(Σ_t e_t M), of two numbers a word, with embeddings and gradients as a runtime gives them. */
function smooth() {
  const M = [1.3, -0.7, 0.4, -0.9, 0.8, 1.1]; // [2, 3]
  const baseline = [0.05, -0.1];
  const embed = (text: string) =>
    text.split(' ').flatMap((word) => [Math.sin(word.length), Math.cos(3 * word.length)]);
  const sums = (e: readonly number[]) =>
    [0, 1, 2].map((c) => e.reduce((sum, x, k) => sum + x * M[3 * (k % 2) + c], 0));
  const latentOf = (e: readonly number[]) => sums(e).map(Math.sin);
  const between = (e: readonly number[], alpha: number) =>
    e.map((x, k) => baseline[k % 2] + alpha * (x - baseline[k % 2]));
  const tensor = (rows: number[][]): Tensor<Float32Array> => ({
    data: Float32Array.from(rows.flat()),
    dims: [rows.length, rows[0].length],
  });
  const tokenVjp: TokenVjp = async (texts, cotangent, { at }) => {
    const points = texts.map((text, n) => between(embed(text), at?.[n] ?? 1));
    const v = typeof cotangent === 'function' ? await cotangent(tensor(points.map(latentOf))) : cotangent;
    return points.map((point, n) => {
      const slopes = sums(point).map((s, c) => Math.cos(s) * v.data[3 * n + c]);
      const gradient = point.map((_, k) => slopes.reduce((sum, s, c) => sum + s * M[3 * (k % 2) + c], 0));
      const dims = [point.length / 2, 2];
      return {
        embeddings: { data: Float32Array.from(embed(texts[n])), dims },
        baseline: { data: Float32Array.from(point, (_, k) => baseline[k % 2]), dims },
        gradients: { data: Float32Array.from(gradient), dims },
      };
    });
  };
  return { embed, latentOf, baseline, tensor, tokenVjp };
}

describe('gradients of split latents', () => {
  const { embed, latentOf, baseline, tensor, tokenVjp } = smooth();
  const texts = ['buy it now', 'a linux kernel'];
  const inputToLatent = (batch: unknown) => tensor((batch as string[]).map((text) => latentOf(embed(text))));
  const options = withSplitSigns({ numberOfConcepts: 2, inputToLatent, tokenVjp });
  const V = tensor(texts.map((_, n) => [0.7, -1.2, 0.3, 1.9, 0.4, -0.8].map((v) => v + n)));
  const split = (e: readonly number[]) => splitSigns(tensor([latentOf(e)])).data;

  it('are those of differences, on both sides of 0', async () => {
    const signs = texts.flatMap((text) => latentOf(embed(text)).map(Math.sign));
    expect(new Set(signs)).toEqual(new Set([-1, 1]));
    const pulled = await options.tokenVjp!(texts, V, { of: 'latent' });
    for (const [n, text] of texts.entries()) {
      const e = embed(text);
      const v = V.data.subarray(6 * n, 6 * n + 6);
      const value = (at: readonly number[]) => split(at).reduce((sum, a, c) => sum + a * v[c], 0);
      for (const k of e.keys()) {
        const step = 1e-2;
        const moved = (by: number) => value(e.map((x, j) => (j === k ? x + by : x)));
        const difference = (moved(step) - moved(-step)) / (2 * step);
        // float32 latents over a step of 0.02, and the square of the step; measured 6e-5
        expect(pulled[n].gradients.data[k]).toBeCloseTo(difference, 3);
      }
    }
  });

  it('are the same for a cotangent that follows from the latents', async () => {
    const given = await options.tokenVjp!(texts, V, { of: 'latent', at: [0.3, 0.8] });
    const asked = await options.tokenVjp!(texts, async () => V, { of: 'latent', at: [0.3, 0.8] });
    expect(asked).toEqual(given);
    const wrong = { data: new Float32Array(6), dims: [2, 3] };
    await expect(options.tokenVjp!(texts, async () => wrong, { of: 'latent' })).rejects.toThrow(/\[2, 6\]/);
  });

  it('locate a concept: the scores of a text add up to what it has more than padding', async () => {
    const [text] = texts;
    const ends = Array.from(text.matchAll(/\S+/g), ({ index, 0: word }) => [index, index + word.length]);
    const tokenize = () => ({
      ids: Int32Array.from(ends.keys()),
      typeIds: new Int32Array(ends.length),
      pieces: text.split(' '),
      offsets: Int32Array.from(ends.flat()),
      truncated: 0,
    });
    const craft = new Craft({ ...options, tokenize });
    const W = tensor([
      [1, 0.2, 0, 0, 0.5, 0.1],
      [0, 0.3, 0.8, 0.4, 0, 1],
    ]);
    craft.useConcepts(W);
    const coefficient = async (e: readonly number[]) =>
      (await nnls(splitSigns(tensor([latentOf(e)])), W)).data;
    const whole = await coefficient(embed(text));
    const padding = await coefficient(embed(text).map((_, k) => baseline[k % 2]));
    for (const concept of [0, 1]) {
      const map = await craft.tokenHeatmap(text, concept, { method: 'gradient', steps: 400 });
      const sum = map.scores.reduce((all, s) => all + s, 0);
      // float32, and the square of a step of 1/400; measured 2e-7
      expect(Math.abs(sum - (whole[concept] - padding[concept]))).toBeLessThan(1e-4);
    }
  });
});
