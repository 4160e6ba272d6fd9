import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordDeviation } from '../../../test/golden/deviations.ts';
import { goldenPath, readNpy, readNpz } from '../../../test/golden/npy.ts';
import { channelsLastNetwork, visionTransformer } from '../../../test/models/networks.ts';
import type { CraftError } from '../../errors.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import { random } from '../../tensor/random.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Classifier } from '../classifier.ts';
import { Craft } from '../craft.ts';
import type { CraftOptions } from '../options.ts';
import { MAP_METHODS, type MapOptions } from './map-options.ts';

const pixels = readNpy(goldenPath('craft4d/inputs_u8.npy'));
const images = (from: number, count: number): Tensor<Float32Array> => {
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
const uniform = (dims: readonly number[], seed = 1): Tensor<Float32Array> => {
  const rng = random(seed);
  return { data: Float32Array.from({ length: sizeOf(dims) }, () => 2 * rng.uniform() - 1), dims };
};
const W = readNpz(goldenPath('craft4d/deel.npz')).fit_W;
const craftOf = (options: CraftOptions, bank: Tensor = W): Craft => {
  const craft = new Craft({ ...options, batchSize: 32 });
  craft.useConcepts(bank);
  return craft;
};
const total = (maps: Tensor<Float32Array>, k: number): number => {
  const area = maps.dims[2] * maps.dims[3];
  return maps.data.subarray(k * area, (k + 1) * area).reduce((sum, v) => sum + v, 0);
};

let cnn: Classifier;
let pooledCnn: Classifier;
beforeAll(async () => {
  cnn = await loadClassifier(goldenPath('models/cnn.onnx'), { layer: 'features' });
  pooledCnn = await loadClassifier(goldenPath('models/cnn.onnx'), { layer: 'pooled' });
});
afterAll(() => Promise.all([cnn.release(), pooledCnn.release()]));

/** |v · ∇s − (s(x + εv) − s(x − εv)) / 2ε| / |∇s| along v = ∇s / |∇s|, the worst of all targets. */
async function worstSlope(craft: Craft, x: Tensor<Float32Array>, options: MapOptions, epsilon: number) {
  const target = craft.mapTarget(options);
  const { scores, gradients } = await target.gradients(x, 'input');
  let worst = 0;
  let active = 0;
  for (let k = 0; k < scores.length; k++) {
    const gradient = gradients.data.subarray(k * x.data.length, (k + 1) * x.data.length);
    const norm = Math.hypot(...gradient);
    if (norm === 0) continue;
    active++;
    const at = async (step: number): Promise<number> => {
      const moved = { data: x.data.map((value, c) => value + (step * gradient[c]) / norm), dims: x.dims };
      return (await target.scores(moved))[k];
    };
    const slope = ((await at(epsilon)) - (await at(-epsilon))) / (2 * epsilon);
    worst = Math.max(worst, Math.abs(slope - norm) / norm);
  }
  return { worst, active };
}

describe('the chain x → g → NNLS → u against central differences', () => {
  it('holds on the convolutional network, for maps and for vectors, pooled and mean', async () => {
    const x = images(3, 1);
    for (const [classifier, coefficient] of [
      [cnn, 'pooled'],
      [cnn, 'mean'],
      [pooledCnn, 'pooled'],
    ] as const) {
      const { worst, active } = await worstSlope(craftOf(classifier), x, { coefficient }, 0.02);
      expect(active).toBeGreaterThan(1);
      // a step of 0.02 along the gradient passes kinks of some ReLUs; float32 scores differ by 1e-5 of a step
      recordDeviation(`∂u/∂x by differences, cnn ${coefficient}, relative`, worst, 2e-2);
    }
    const logit = await worstSlope(craftOf(cnn), x, { classId: 2 }, 0.02);
    recordDeviation('∂logit/∂x by differences, cnn, relative', logit.worst, 2e-2);
  });

  it('holds on the randomly weighted MobileNetV2', async () => {
    const tv = await loadClassifier(goldenPath('models/tv.onnx'), { layer: 'features' });
    const input = readNpy(goldenPath('craft_tv/inputs_u8.npy'));
    const size = sizeOf(input.dims.slice(1));
    const x = {
      data: Float32Array.from(input.data.subarray(0, size), (v) => (v / 255 - 0.5) / 0.25),
      dims: [1, ...input.dims.slice(1)],
    };
    const craft = craftOf(tv, readNpz(goldenPath('craft_tv/deel.npz')).fit_W);
    const { worst, active } = await worstSlope(craft, x, {}, 0.002);
    await tv.release();
    expect(active).toBeGreaterThan(0);
    // 35 layers of ReLU6 with random weights: even so short a step passes kinks
    recordDeviation('∂u/∂x by differences, tv, relative', worst, 2e-2);
  });

  it.each(['cls', 'mean'] as const)('holds on a smooth transformer that reads the %s token', async (head) => {
    const vit = await loadClassifier(visionTransformer(head).bytes(), { layer: 'hidden' });
    const x = uniform([1, 3, 8, 8], 5);
    // two concepts along the latent itself, so that both are active
    const latent = await vit.inputToLatent(x);
    const bank = uniform([2, 8], 2);
    const first = head === 'cls' ? 0 : 8;
    for (let c = 0; c < 8; c++) bank.data[c] += latent.data[first + c];
    const { worst, active } = await worstSlope(craftOf(vit, bank), x, {}, 0.01);
    await vit.release();
    expect(active).toBeGreaterThan(0);
    // smooth: what is left is the third derivative and float32
    recordDeviation(`∂u/∂x by differences, transformer ${head}, relative`, worst, 2e-3);
  });
});

describe('grad-cam', () => {
  it('sums to u_i before the ReLU, and has the closed form J·A/(HW)', async () => {
    const craft = craftOf(cnn);
    const x = images(0, 3);
    const u = await craft.mapTarget({}).scores(x);
    const before = cnn.encoderRuns();
    const maps = await craft.attributionMaps(x, { size: { height: 8, width: 8 } });
    expect(cnn.encoderRuns() - before).toBe(3); // and no run backward
    expect(maps.dims).toEqual([3, 6, 8, 8]);
    // Σ ReLU(v) ≥ Σ v = u, equal where nothing is negative
    u.forEach((value, k) => {
      expect(total(maps, k)).toBeGreaterThan(value - 1e-4);
    });
    const { target, latents } = { target: craft.mapTarget({}), latents: await cnn.inputToLatent(x) };
    const alpha = await latentWeights(target, latents);
    let worst = 0;
    for (let n = 0; n < 3; n++) {
      for (let k = 0; k < 6; k++) {
        let sum = 0;
        for (let c = 0; c < 64; c++) {
          for (let t = 0; t < 64; t++)
            sum += alpha[(n * 6 + k) * 64 + c] * latents.data[(n * 64 + c) * 64 + t];
        }
        worst = Math.max(worst, Math.abs(sum - u[n * 6 + k]));
      }
    }
    // float32 sums of 4096 products, coefficients up to 10
    recordDeviation('grad-cam without ReLU against u', worst, 1e-4);
  });

  it('is the same by a run backward where the cut is behind the pool', async () => {
    const x = images(4, 2);
    const size = { height: 8, width: 8 };
    const closed = await craftOf(cnn).attributionMaps(x, { size });
    const before = pooledCnn.gradientRuns();
    const pulled = await craftOf(pooledCnn).attributionMaps(x, { size });
    const u = await craftOf(cnn).mapTarget({}).scores(x);
    // one run backward a concept that is active, none for the others
    expect(pooledCnn.gradientRuns() - before).toBe(u.filter((value) => value > 0).length);
    const largest = closed.data.reduce((most, v) => Math.max(most, v), 0);
    const worst = closed.data.reduce((most, v, k) => Math.max(most, Math.abs(v - pulled.data[k])), 0);
    recordDeviation('grad-cam, backward against closed form, of max', worst / largest, 1e-5); // float32
  });

  it('finds the tokens of the image, and goes before the attention for a CLS token', async () => {
    const x = uniform([2, 3, 8, 8], 3);
    for (const [head, layer] of [
      ['mean', 'hidden'],
      ['cls', 'hidden'],
      ['cls', 'cls'],
    ] as const) {
      const vit = await loadClassifier(visionTransformer(head).bytes(), { layer });
      expect(vit.gridLayer?.prefixTokens ?? 1).toBeLessThan(2);
      const craft = craftOf(vit, uniform([3, 8], 4));
      const u = await craft.mapTarget({}).scores(x);
      const maps = await craft.attributionMaps(x, { size: { height: 4, width: 4 } });
      const logit = await craft.attributionMaps(x, { classId: 1, size: { height: 4, width: 4 } });
      await vit.release();
      expect(maps.dims).toEqual([2, 3, 4, 4]);
      expect(logit.dims).toEqual([2, 1, 4, 4]);
      u.forEach((value, k) => {
        if (value === 0) expect(total(maps, k)).toBe(0);
      });
      expect(maps.data.some((v) => v > 0)).toBe(true);
    }
  });
});

/** α of grad-cam as the target gives it. */
async function latentWeights(target: ReturnType<Craft['mapTarget']>, latents: Tensor) {
  const [count, C, h, w] = latents.dims;
  const data = new Float32Array(latents.data.length);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < C; c++) {
      for (let t = 0; t < h * w; t++) data[(n * h * w + t) * C + c] = latents.data[(n * C + c) * h * w + t];
    }
  }
  const shape = {
    layout: 'NCHW' as const,
    width: C,
    locations: h * w,
    prefixTokens: 0,
    grid: [h, w] as const,
    dims: [C, h, w],
  };
  return (await target.latentGradients({ data, count, shape }))!;
}

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
    const craft = craftOf(cnn);
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
      const craft = craftOf(cnn);
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

  it('does not depend on how the images are batched', async () => {
    for (const method of ['smooth-grad', 'rise', 'integrated-gradients'] as const) {
      const options: MapOptions = { method, concepts: [0, 1], masks: 32, samples: 2, steps: 2 };
      const all = await craftOf(cnn).attributionMaps(images(0, 3), options);
      const batches = { images: [images(0, 2), images(2, 1)] };
      const parts = await craftOf(cnn).attributionMaps(batches.images, options);
      expect(parts.dims).toEqual(all.dims);
      const largest = all.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      // the engine may order sums by the size of a batch
      all.data.forEach((v, k) => {
        expect(Math.abs(v - parts.data[k])).toBeLessThanOrEqual(1e-5 * largest);
      });
    }
  });
});

describe('integrated gradients', () => {
  it('are complete, the more so the more steps', async () => {
    const craft = craftOf(cnn);
    const x = images(2, 1);
    const gaps: number[] = [];
    for (const steps of [4, 64]) {
      const maps = await craft.attributionMaps(x, { method: 'integrated-gradients', steps });
      const target = craft.mapTarget({});
      const full = await target.scores(x);
      const none = await target.scores({ data: new Float32Array(x.data.length), dims: x.dims });
      full.forEach((score, k) => {
        // what is reported is what the map says, in float32 sums of 4096 pixels
        expect(maps.gap!.data[k]).toBeCloseTo(total(maps, k) - (score - none[k]), 3);
      });
      const scale = Math.max(...full);
      gaps.push(Math.max(...maps.gap!.data.map(Math.abs)) / scale);
    }
    expect(gaps[1]).toBeLessThan(gaps[0]);
    // midpoint rule with 64 points over a function with kinks
    recordDeviation('integrated gradients: gap of 64 steps, of max u', gaps[1], 2e-2);
  });
});

describe('occlusion and rise', () => {
  it('run g as often as patches and masks are, for all concepts at once', async () => {
    const craft = craftOf(cnn);
    let before = cnn.encoderRuns();
    await craft.attributionMaps(images(0, 1), { method: 'occlusion', patch: 16, stride: 8 });
    expect(cnn.encoderRuns() - before).toBe(7 * 7 + 1);
    before = cnn.encoderRuns();
    await craft.attributionMaps(images(0, 1), { method: 'rise', masks: 40 });
    expect(cnn.encoderRuns() - before).toBe(40);
    expect(cnn.gradientRuns()).toBeGreaterThanOrEqual(0);
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
    const { vjp: _, ...blind } = cnn;
    const x = images(0, 1);
    await fails(craftOf(blind).attributionMaps(x, { method: 'saliency' }), 'STATE', /occlusion or rise/);
    await fails(craftOf({ ...pooledCnn, gridLayer: null }).attributionMaps(x), 'STATE', /earlier layer/);
    await fails(craftOf(pooledCnn).attributionMaps(x, { method: 'latent' }), 'SHAPE', /grid/);
    const craft = craftOf(cnn);
    await fails(craft.attributionMaps(x, { classId: 1, concepts: [0] }), 'OPTION', /got both/);
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
