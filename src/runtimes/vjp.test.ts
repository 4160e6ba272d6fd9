import { describe, expect, it } from 'vitest';
import { maxOfMax, recordDeviation } from '../../test/golden/deviations.ts';
import { goldenPath } from '../../test/golden/npy.ts';
import { GraphBuilder } from '../../test/models/builder.ts';
import { visionTransformer } from '../../test/models/networks.ts';
import type { Classifier } from '../craft/classifier.ts';
import { random } from '../tensor/random.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { loadClassifier } from './load-classifier-fs.ts';

const uniform = (dims: readonly number[], seed = 1): Tensor<Float32Array> => {
  const rng = random(seed);
  return { data: Float32Array.from({ length: sizeOf(dims) }, () => 2 * rng.uniform() - 1), dims };
};

describe('vjp', () => {
  it.each([
    { model: 'cnn', layer: 'features', dims: [2, 3, 64, 64], classes: 4 },
    { model: 'tv', layer: 'features', dims: [2, 3, 96, 96], classes: 10 },
  ])('of h then of g is that of f: $model', async ({ model, layer, dims, classes }) => {
    const classifier = await loadClassifier(goldenPath(`models/${model}.onnx`), { layer });
    const x = uniform(dims);
    const v = uniform([2, classes], 2);
    const latent = await classifier.inputToLatent(x);
    const whole = await classifier.vjp(x, v, { of: 'logit', withRespectTo: 'input' });
    const byLatent = await classifier.vjp(latent, v, { of: 'logit', withRespectTo: 'latent' });
    const byInput = await classifier.vjp(x, byLatent, { of: 'latent', withRespectTo: 'input' });
    expect(classifier.gradientRuns()).toBe(6);
    await classifier.release();
    expect(byLatent.dims).toEqual(latent.dims);
    expect(byInput.dims).toEqual(dims);
    // float32, and kinks that the two graphs round to different sides
    recordDeviation(
      `vjp_g ∘ vjp_h against vjp_f, ${model}, of max`,
      maxOfMax(byInput.data, whole.data),
      1e-5,
    );
  });

  it('fills up the batch of a model that takes a fixed number of images', async () => {
    const fixed = await loadClassifier(visionTransformer('mean', 2).bytes(), { layer: 'hidden' });
    const free = await loadClassifier(visionTransformer('mean').bytes(), { layer: 'hidden' });
    const x = uniform([3, 3, 8, 8]);
    const v = uniform([3, 17, 8], 2);
    const options = { of: 'latent', withRespectTo: 'input' } as const;
    const got = await fixed.vjp(x, v, options);
    const expected = await free.vjp(x, v, options);
    await Promise.all([fixed.release(), free.release()]);
    expect(got.dims).toEqual([3, 3, 8, 8]);
    expect(maxOfMax(got.data, expected.data as Float32Array)).toBeLessThan(1e-5); // float32, another batch size
  });

  it('reaches the tensor of an earlier layer', async () => {
    const vit = await loadClassifier(visionTransformer('cls').bytes(), { layer: 'cls' });
    const { layer, layout, prefixTokens, activations } = vit.gridLayer!;
    expect({ layout, prefixTokens }).toEqual({ layout: 'NTC', prefixTokens: 1 });
    const x = uniform([2, 3, 8, 8]);
    const gradient = await vit.vjp(x, uniform([2, 8], 2), { of: 'latent', withRespectTo: { layer } });
    expect(gradient.dims).toEqual((await activations(x)).dims);
    const grid = gradient.data.filter((_, k) => Math.floor(k / 8) % 17 > 0);
    expect(grid.some((g) => g !== 0)).toBe(true); // the tokens of the image count, through the attention
    await vit.release();
  });

  it('names the op that has no gradient, and what works without', async () => {
    const b = new GraphBuilder(1);
    const x = b.input('x', ['N', 3, 8, 8]);
    const map = b.node('Relu', [b.node('Mod', [x, b.floats([2], [])], { fmod: 1 }, 'remainder')], {}, 'map');
    const pooled = b.node('GlobalAveragePool', [map], {}, 'pooled');
    b.output(b.node('Gemm', [b.node('Flatten', [pooled]), b.weights([3, 2])], {}, 'logits'), ['N', 2]);
    const model = await loadClassifier(b.bytes(), { layer: 'map' });
    const image = uniform([1, 3, 8, 8]);
    const byInput = model.vjp(image, image, { of: 'latent', withRespectTo: 'input' });
    await expect(byInput).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringMatching(/Mod.*occlusion/),
    });
    // the head has one all the same
    const byLatent = await model.vjp(image, uniform([1, 2]), { of: 'logit', withRespectTo: 'latent' });
    expect(byLatent.dims).toEqual([1, 3, 8, 8]);
    await model.release();
  });

  it('refuses what makes no sense', async () => {
    const model: Classifier = await loadClassifier(goldenPath('models/cnn.onnx'), { layer: 'features' });
    const x = uniform([2, 3, 64, 64]);
    const run = (options: Parameters<Classifier['vjp']>[2], v = uniform([2, 4])) => model.vjp(x, v, options);
    await expect(run({ of: 'latent', withRespectTo: 'latent' })).rejects.toMatchObject({ code: 'OPTION' });
    await expect(run({ of: 'logit', withRespectTo: 'input' }, uniform([1, 4]))).rejects.toMatchObject({
      code: 'SHAPE',
    });
    await expect(run({ of: 'logit', withRespectTo: { layer: 'nowhere' } })).rejects.toMatchObject({
      code: 'LAYER_NOT_FOUND',
    });
    await model.release();
  });
});
