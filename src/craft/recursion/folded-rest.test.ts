import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Toy, writeToy } from '../../../test/cli/toy.ts';
import { openImageFolder } from '../../inputs/image-folder-fs.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Craft } from '../craft.ts';
import type { FoldedHead } from '../folded-head.ts';
import { Head } from '../head.ts';
import { latentShape } from '../layout.ts';
import { allScores } from '../score-rows.ts';
import { openRestScorer } from './folded-rest.ts';

const [T, p, r] = [4, 3, 2];
const shape = latentShape([1, T, p], { layout: 'NTC', prefixTokens: 0 });
const W = { data: Float32Array.of(1, 0, 2, 0, 3, 1), dims: [r, p] };
const rng = random(1);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => rng.uniform());
const slope = draw(T * p);
/** h = tanh ∘ P, P(A) = slope · A − 1. */
const affine = (latent: ArrayLike<number>): number => slope.reduce((sum, s, k) => sum + s * latent[k], -1);
const rowsOf = ({ data, dims: [count] }: Tensor): Float32Array[] =>
  Array.from({ length: count }, (_, n) => Float32Array.from(data.subarray(n * T * p, (n + 1) * T * p)));
const scored = {
  latents: [0, 1, 2].map(() => ({ data: draw(T * p), count: 1, shape })),
  coefficients: [0, 1, 2].map(() => ({ data: draw(T * r), count: 1, rank: r, shape })),
  W,
  head: new Head((latent: Tensor) => ({
    data: Float64Array.from(rowsOf(latent), (row) => Math.tanh(affine(row))),
    dims: [latent.dims[0], 1],
  })),
  classId: 0,
  batchSize: 4,
};
const masks = { count: 5, of: () => Float64Array.from({ length: 5 * r }, (_, k) => (k % 7) / 7) };
/** @param off - what P is wrong by. */
const folded = (off = 0, released: string[] = []): FoldedHead => ({
  prefix: async (latents) => Float32Array.from(rowsOf(latents), (row) => affine(row) + off * row[0]),
  async tail({ coefficients, count, basis, offset }) {
    return Float32Array.from({ length: count }, (_, k) =>
      Math.tanh(basis.reduce((sum, a, j) => sum + a * coefficients[k * r + j], offset[0])),
    );
  },
  width: 1,
  isVector: true,
  rows: 3,
  release: async () => void released.push('released'),
});

describe('scores with sub-concepts turned down', () => {
  it('are the same through a folded head, which runs r + 2 rows of its beginning a part', async () => {
    const whole = await openRestScorer(scored, null);
    const fold = await openRestScorer(scored, async () => folded());
    expect([whole.path, fold.path]).toEqual(['batched', 'folded-prefix']);
    const ask = ({ scores }: typeof fold) => allScores(3, 5, (take) => scores({})(masks, take));
    const [x, y] = [await ask(fold), await ask(whole)];
    expect(x).toMatchObject({ headEvaluations: 15, prefixEvaluations: 3 * (r + 2) });
    x.y.forEach((score, k) => {
      expect(score).toBeCloseTo(y.y[k], 5); // float32
    });
  });

  it('do not use a fold that gives other scores, and free it', async () => {
    const released: string[] = [];
    const scorer = await openRestScorer(scored, async () => folded(0.01, released));
    expect(scorer.path).toBe('batched');
    expect(released).toEqual(['released']);
  });
});

describe('shares through an ONNX head', () => {
  let toy: Toy;
  beforeAll(async () => {
    toy = await writeToy(8);
  });
  afterAll(() => rmSync(toy.folder, { recursive: true }));

  it('fold the convolution that the layer goes into', async () => {
    const classifier = await loadClassifier(toy.model, { layer: 'features' });
    const images = await openImageFolder(toy.images, { preprocess: classifier.preprocess, batchSize: 8 });
    const sharesWith = async (isFolded: boolean) => {
      const at = async (layer: string) => {
        const other = await classifier.at(layer);
        return isFolded ? other : { ...other, foldHead: undefined };
      };
      const craft = new Craft({ ...classifier, at, numberOfConcepts: 2, patchSize: 32 });
      await craft.fit(images);
      const [{ tensor }] = classifier.earlier;
      const child = await craft.decompose(0, { layer: tensor, numberOfConcepts: 2, percentile: 50 });
      return child.estimateShares({ classId: 2, nbDesign: 8 });
    };
    const [fold, whole] = [await sharesWith(true), await sharesWith(false)];
    expect([fold.path, whole.path]).toEqual(['folded-prefix', 'batched']);
    fold.total.forEach((share, j) => {
      expect(share).toBeCloseTo(whole.total[j], 4); // float32 scores
    });
    expect(fold.without).toBeCloseTo(whole.without, 4);
    await classifier.release();
  });
});
