import { describe, expect, it } from 'vitest';
import { craftOf, images, openShapes, uniform } from '../../../test/attribution/shapes.ts';
import { goldenPath, readNpz } from '../../../test/golden/npy.ts';
import { channelsLastNetwork } from '../../../test/models/networks.ts';
import type { CraftError } from '../../errors.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { MAP_METHODS, type MapOptions } from './map-options.ts';

const shapes = openShapes();

describe('every method', () => {
  const masks = readNpz(goldenPath('craft4d/object_masks.npz')).masks;
  /** Mean of a map inside the object over its mean outside. */
  const contrast = (maps: Tensor<Float32Array>, n: number, index: number, floor: number): number => {
    const area = 64 * 64;
    let [inside, outside, size] = [0, 0, 0];
    for (let k = 0; k < area; k++) {
      const value = Math.max(0, maps.data[index * area + k] - floor);
      if (masks.data[n * area + k]) [inside, size] = [inside + value, size + 1];
      else outside += value;
    }
    return inside / size / (outside / (area - size));
  };

  /** A mean of scores (rise) has no zero: its least value is nothing. */
  const floorOf = (maps: Tensor<Float32Array> & { method: string }, n: number): number =>
    maps.method === 'rise' ? Math.min(...maps.data.subarray(n * 4096, (n + 1) * 4096)) : 0;

  it.each(MAP_METHODS)('%s finds the object', async (method) => {
    const craft = craftOf(shapes.cnn);
    const x = images(0, 4);
    const u = await craft.mapTarget({}).scores(x);
    // the strongest concept over the four images
    const sums = Array.from({ length: 6 }, (_, i) => [0, 1, 2, 3].reduce((s, n) => s + u[n * 6 + i], 0));
    const concept = sums.indexOf(Math.max(...sums));
    const options = { method, concepts: [concept], masks: 256, samples: 4, steps: 8 };
    const maps = await craft.attributionMaps(x, options);
    expect(maps.dims).toEqual([4, 1, 64, 64]);
    expect(maps.method).toBe(method);
    const found = [0, 1, 2, 3].map((n) => contrast(maps, n, n, floorOf(maps, n)));
    // the object covers a tenth of the image: by chance the ratio is 1
    expect(found.reduce((a, b) => a + b) / 4).toBeGreaterThan(1.3);
    const again = await craft.attributionMaps(images(0, 4), options);
    expect(again.data).toEqual(maps.data); // the same seed, the same bits
  });

  it.each(MAP_METHODS.filter((m) => m !== 'latent'))(
    '%s maps a class score and stops on a signal',
    async (method) => {
      const craft = craftOf(shapes.cnn);
      const x = images(5, 1);
      const small = { method, masks: 32, samples: 2, steps: 2, patch: 16, classId: 1 };
      const maps = await craft.attributionMaps(x, small);
      expect(maps.dims).toEqual([1, 1, 64, 64]);
      expect(maps.data.every(Number.isFinite)).toBe(true);
      const signal = AbortSignal.abort();
      await expect(craft.attributionMaps(images(6, 1), { ...small, signal })).rejects.toMatchObject({
        code: 'ABORTED',
      });
    },
  );

  it.each(MAP_METHODS.filter((m) => m !== 'latent'))(
    '%s maps concepts and a class together as it maps them alone',
    async (method) => {
      const craft = craftOf(shapes.cnn);
      const x = images(4, 2);
      const small = {
        method,
        masks: 16,
        samples: 2,
        steps: 2,
        patch: 32,
        tolerance: Number.POSITIVE_INFINITY,
      };
      const both = await craft.attributionMaps(x, { ...small, concepts: [1, 3], classId: 2 });
      const concepts = await craft.attributionMaps(x, { ...small, concepts: [1, 3] });
      const ofClass = await craft.attributionMaps(x, { ...small, classId: 2 });
      expect(both.dims).toEqual([2, 3, 64, 64]);
      const area = 64 * 64;
      for (const n of [0, 1]) {
        const alone = [
          ...concepts.data.subarray(2 * n * area, 2 * (n + 1) * area),
          ...ofClass.data.subarray(n * area, (n + 1) * area),
        ];
        const largest = alone.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        // the engine may order sums by the size of a batch
        alone.forEach((v, k) => {
          expect(Math.abs(both.data[3 * n * area + k] - v)).toBeLessThanOrEqual(1e-5 * largest);
        });
      }
    },
  );

  it('does not depend on how the images are batched', async () => {
    for (const method of ['smooth-grad', 'rise', 'integrated-gradients'] as const) {
      const options: MapOptions = { method, concepts: [0, 1], masks: 32, samples: 2, steps: 2 };
      const all = await craftOf(shapes.cnn).attributionMaps(images(0, 3), options);
      const batches = { images: [images(0, 2), images(2, 1)] };
      const parts = await craftOf(shapes.cnn).attributionMaps(batches.images, options);
      expect(parts.dims).toEqual(all.dims);
      const largest = all.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      // the engine may order sums by the size of a batch
      all.data.forEach((v, k) => {
        expect(Math.abs(v - parts.data[k])).toBeLessThanOrEqual(1e-5 * largest);
      });
    }
  });
});

describe('occlusion and rise', () => {
  it('run g as often as patches and masks are, for all concepts at once', async () => {
    const craft = craftOf(shapes.cnn);
    let before = shapes.cnn.encoderRuns();
    await craft.attributionMaps(images(0, 1), { method: 'occlusion', patch: 16, stride: 8 });
    expect(shapes.cnn.encoderRuns() - before).toBe(7 * 7 + 1);
    before = shapes.cnn.encoderRuns();
    await craft.attributionMaps(images(0, 1), { method: 'rise', masks: 40 });
    expect(shapes.cnn.encoderRuns() - before).toBe(40);
    expect(shapes.cnn.gradientRuns()).toBeGreaterThanOrEqual(0);
  });

  it('occlusion of a linear score is the share of a pixel, exactly, in either layout', async () => {
    for (const inputLayout of ['NCHW', 'NHWC'] as const) {
      // s = 3 x(1, 2) and nothing else
      const weigh = ({ data, dims }: Tensor): Tensor => {
        const at = inputLayout === 'NCHW' ? 1 * 4 + 2 : (1 * 4 + 2) * 2;
        const size = sizeOf(dims.slice(1));
        return {
          data: Float32Array.from({ length: dims[0] }, (_, n) => 3 * data[n * size + at]),
          dims: [dims[0], 1],
        };
      };
      const craft = craftOf(
        { inputToLatent: (batch) => weigh(batch as Tensor), inputLayout },
        {
          data: Float64Array.of(1),
          dims: [1, 1],
        },
      );
      const x = {
        data: new Float32Array(2 * 3 * 4).fill(1),
        dims: inputLayout === 'NCHW' ? [1, 2, 3, 4] : [1, 3, 4, 2],
      };
      const maps = await craft.attributionMaps(x, { method: 'occlusion', patch: 1, stride: 1 });
      const expected = new Float32Array(12);
      expected[6] = 3;
      expect(maps.data).toEqual(expected);
    }
  });
});

describe('what cannot be mapped', () => {
  const fails = (work: Promise<unknown>, code: CraftError['code'], words: RegExp): Promise<void> =>
    expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(words) });

  it('says so and falls back to nothing', async () => {
    const { vjp: _, ...blind } = shapes.cnn;
    const x = images(0, 1);
    await fails(craftOf(blind).attributionMaps(x, { method: 'saliency' }), 'STATE', /occlusion or rise/);
    await fails(
      craftOf({ ...shapes.pooledCnn, gridLayer: null }).attributionMaps(x),
      'STATE',
      /earlier layer/,
    );
    await fails(craftOf(shapes.pooledCnn).attributionMaps(x, { method: 'latent' }), 'SHAPE', /grid/);
    const craft = craftOf(shapes.cnn);
    await fails(craft.attributionMaps(x, { classId: 1, method: 'latent' }), 'OPTION', /maps concepts/);
    await fails(craft.attributionMaps(x, { classId: 9 }), 'CLASS_NOT_FOUND', /0 to 3/);
    await fails(craft.attributionMaps(x, { concepts: [6] }), 'OPTION', /0 to 5; got 6/);
    await fails(craft.attributionMaps(x, { concepts: [] }), 'OPTION', /empty/);
    await fails(craft.attributionMaps(x, { method: 'magic' as 'rise' }), 'OPTION', /grad-cam/);
    await fails(craft.attributionMaps(x, { method: 'rise', keep: 1 }), 'OPTION', /keep/);
    await fails(craft.attributionMaps(x, { method: 'occlusion', patch: 65 }), 'OPTION', /shorter side/);
    await fails(craft.attributionMaps(['a text'], { method: 'rise' }), 'SHAPE', /images/);
    await fails(craft.attributionMaps({ data: new Float32Array(64), dims: [1, 64] }), 'SHAPE', /images/);
  });

  it('works on a model whose images and latents have channels last', async () => {
    const model = await loadClassifier(channelsLastNetwork().bytes(), { layer: 'map' });
    expect([model.inputLayout, model.latentLayout]).toEqual(['NHWC', 'NHWC']);
    const craft = craftOf(model, { data: uniform([2, 6], 8).data.map(Math.abs), dims: [2, 6] });
    const x = uniform([1, 10, 10, 3], 6);
    for (const method of MAP_METHODS) {
      const maps = await craft.attributionMaps(x, { method, masks: 16, samples: 2, steps: 2 });
      expect(maps.dims).toEqual([1, 2, 10, 10]);
    }
    await model.release();
  });
});
