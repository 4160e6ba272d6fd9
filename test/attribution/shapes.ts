// The classifier of shapes of the golden data, with images of it and a concept bank, for tests of maps.

import { afterAll, beforeAll } from 'vitest';
import type { Classifier } from '../../src/craft/classifier.ts';
import { Craft } from '../../src/craft/craft.ts';
import type { CraftOptions } from '../../src/craft/options.ts';
import { loadClassifier } from '../../src/runtimes/load-classifier-fs.ts';
import { random } from '../../src/tensor/random.ts';
import { sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { goldenPath, readNpy, readNpz } from '../golden/npy.ts';

const pixels = readNpy(goldenPath('craft4d/inputs_u8.npy'));

/** Images [count, 3, 64, 64] as the classifier takes them. */
export const images = (from: number, count: number): Tensor<Float32Array> => {
  const [, ...rest] = pixels.dims;
  const size = sizeOf(rest);
  return {
    data: Float32Array.from(
      pixels.data.subarray(from * size, (from + count) * size),
      (v) => (v / 255 - 0.5) / 0.25,
    ),
    dims: [count, ...rest],
  };
};

/** Numbers from −1 to 1. */
export const uniform = (dims: readonly number[], seed = 1): Tensor<Float32Array> => {
  const rng = random(seed);
  return { data: Float32Array.from({ length: sizeOf(dims) }, () => 2 * rng.uniform() - 1), dims };
};

export const W = readNpz(goldenPath('craft4d/deel.npz')).fit_W;

export const craftOf = (options: CraftOptions, bank: Tensor = W): Craft => {
  const craft = new Craft({ ...options, batchSize: 32 });
  craft.useConcepts(bank);
  return craft;
};

/** Sum of map k of the first image. */
export const total = (maps: Tensor<Float32Array>, k: number): number => {
  const area = maps.dims[2] * maps.dims[3];
  return maps.data.subarray(k * area, (k + 1) * area).reduce((sum, v) => sum + v, 0);
};

/** The classifier cut at its last map and behind the pool, open during the tests of a file. */
export function openShapes(): { cnn: Classifier; pooledCnn: Classifier } {
  const open = {} as { cnn: Classifier; pooledCnn: Classifier };
  beforeAll(async () => {
    open.cnn = await loadClassifier(goldenPath('models/cnn.onnx'), { layer: 'features' });
    open.pooledCnn = await loadClassifier(goldenPath('models/cnn.onnx'), { layer: 'pooled' });
  });
  afterAll(() => Promise.all([open.cnn.release(), open.pooledCnn.release()]));
  return open;
}
