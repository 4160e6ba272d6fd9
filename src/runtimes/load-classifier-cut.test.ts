import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenPath } from '../../test/golden/npy.ts';
import type { Activations } from '../craft/activation-store.ts';
import type { Classifier } from '../craft/classifier.ts';
import { random } from '../tensor/random.ts';
import { loadClassifier } from './load-classifier-fs.ts';

const model = new Uint8Array(readFileSync(goldenPath('models/cnn.onnx')));
const rng = random(5);
const images = {
  data: Float32Array.from({ length: 2 * 3 * 64 * 64 }, () => rng.uniform()),
  dims: [2, 3, 64, 64],
};

describe('a classifier cut again at an earlier layer', () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await loadClassifier(model);
  });
  afterAll(() => classifier.release());

  it('lists the end of every block before its layer, nearest first', () => {
    expect(classifier.layer.tensor).toBe('features');
    expect(classifier.earlier.map(({ name, grid }) => [name, grid])).toEqual([
      ['features.2.2', [8, 8]],
      ['features.1.2', [16, 16]],
      ['features.0.2', [32, 32]],
    ]);
  });

  it('is the same function, whatever the layer', async () => {
    const whole = await classifier.latentToLogit(await classifier.inputToLatent(images));
    for (const { tensor, dims } of classifier.earlier) {
      const cut = await classifier.at(tensor);
      const latent = await cut.inputToLatent(images);
      expect(latent.dims.slice(1)).toEqual(dims.slice(1));
      const logits = await cut.latentToLogit(latent);
      logits.data.forEach((score, k) => {
        expect(score).toBeCloseTo(whole.data[k], 4); // float32, other ops fused
      });
      expect(cut.preprocess).toBe(classifier.preprocess);
    }
  });

  it('opens a layer once, and knows what is before that', async () => {
    const [, second] = classifier.earlier;
    const cut = await classifier.at(second.tensor);
    expect(await classifier.at(second.tensor)).toBe(cut);
    expect(cut.earlier.map(({ name }) => name)).toEqual(['features.0.2']);
    expect(await cut.at(classifier.earlier[2].tensor)).toBe(
      await classifier.at(classifier.earlier[2].tensor),
    );
  });

  it('names the error of a layer that is none, and tries again the next time', async () => {
    await expect(classifier.at('nowhere')).rejects.toMatchObject({ code: 'LAYER_NOT_FOUND' });
    await expect(classifier.at('nowhere')).rejects.toMatchObject({ code: 'LAYER_NOT_FOUND' });
  });
});

it('keeps the activations of every layer apart', async () => {
  const kept = new Map<string, Activations>();
  const activations = {
    has: async (key: string) => kept.has(key),
    get: async (key: string) => kept.get(key) ?? null,
    put: async (key: string, entry: Activations) => void kept.set(key, entry),
  };
  const classifier = await loadClassifier(model, { activations });
  const cut = await classifier.at('features.1.2');
  await classifier.activations?.put('latent', 'x', { latent: images });
  expect(await cut.activations?.has('latent', 'x')).toBe(false);
  expect(await classifier.activations?.has('latent', 'x')).toBe(true);
  await classifier.release();
});
