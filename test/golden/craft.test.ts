// Craft against the original Python, stage by stage, with the options that make it the same computation:
// coordinate descent from the stored start, truncated descent for new inputs, unscrambled Halton.
// Tolerances: golden/README of the reference set, quoted at each.

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Craft, type CraftOptions, type InputBatch, type Tensor } from '../../src/index.ts';
import { loadClassifier } from '../../src/node.ts';
import { maxAbs, maxOfMax, recordDeviation } from './deviations.ts';
import { goldenPath, readNpy, readNpz, scalar } from './npy.ts';

interface Case {
  readonly name: string;
  readonly models: { g: string; h: string };
  /** The golden 2-D path averages the features itself. */
  readonly pooled: boolean;
  readonly options: Pick<CraftOptions, 'numberOfConcepts' | 'patchSize' | 'batchSize'>;
  readonly classId: number;
  readonly nbDesign: number;
  /** Whether h is pool + linear. */
  readonly affine: boolean;
}

const cases: Case[] = [
  {
    name: 'craft4d',
    models: { g: 'cnn.g.onnx', h: 'cnn.h.onnx' },
    pooled: false,
    options: { numberOfConcepts: 6, patchSize: 16, batchSize: 64 },
    classId: 2,
    nbDesign: 32,
    affine: false,
  },
  {
    name: 'craft2d',
    models: { g: 'cnn.g.onnx', h: 'cnn.h2.onnx' },
    pooled: true,
    // 40 inputs in one batch: the reference's descent stops by the sum over all of them
    options: { numberOfConcepts: 5, patchSize: 32, batchSize: 64 },
    classId: 3,
    nbDesign: 16,
    affine: false,
  },
  {
    name: 'craft_tv',
    models: { g: 'tv.g.onnx', h: 'tv.h.onnx' },
    pooled: false,
    options: { numberOfConcepts: 5, patchSize: 40, batchSize: 16 },
    classId: 3,
    nbDesign: 8,
    affine: true,
  },
];

describe.each(cases)('$name', ({ name, models, pooled, options, classId, nbDesign, affine }) => {
  const golden = (file: string) => readNpz(goldenPath(`${name}/${file}.npz`));
  const images = toInput(readNpy(goldenPath(`${name}/inputs_u8.npy`)));
  const deel = golden('deel');
  const exact = golden('exact_nnls');
  let g: InferenceSession;
  let h: InferenceSession;
  beforeAll(async () => {
    g = await InferenceSession.create(goldenPath(`models/${models.g}`));
    h = await InferenceSession.create(goldenPath(`models/${models.h}`));
  });
  afterAll(() => Promise.all([g.release(), h.release()]));

  const calls = { g: 0, h: 0 };
  const make = (more: Partial<CraftOptions> = {}): Craft =>
    new Craft({
      ...options,
      unitNorm: false,
      async inputToLatent(batch: InputBatch) {
        calls.g += (batch as Tensor).dims[0];
        const latent = await run(g, batch as Tensor);
        return pooled ? spatialMean(latent) : latent;
      },
      latentToLogit(latent) {
        calls.h += latent.dims[0];
        return run(h, latent);
      },
      ...more,
    });

  it('encodes crops and images as the reference does', async () => {
    const craft = make();
    calls.g = 0;
    const { crops } = await craft.fit(images, { maxIter: 1 });
    const rows = readNpy(goldenPath(`${name}/patch_activations.npy`)).dims[0];
    expect(crops).toHaveLength(rows);
    await craft.transform(images);
    await craft.reconstruct(images);
    // once a crop, once an image: never twice
    expect(calls.g).toBe(rows + images.dims[0]);
  });

  it('gives the logits of the reference', async () => {
    const craft = make();
    await craft.fit(images, { maxIter: 1 });
    const { logits } = await craft.reconstruct(images);
    // another order of float32 convolution
    recordDeviation(
      'logits h(g(x))',
      maxAbs(logits.data, readNpy(goldenPath(`${name}/logits.npy`)).data),
      1e-3,
    );
  });

  describe.each([
    { repo: 'deel', maxIter: 200 },
    { repo: 'fork', maxIter: 1000 },
  ])('as $repo', ({ repo, maxIter }) => {
    const reference = golden(repo);

    it('factorises the crops', async () => {
      const init = { U: deel.init_U0, W: deel.init_W0 };
      const fit = await make().fit(images, { init, maxIter, solver: 'cd' });
      // the reference runs in float32 and stops a sweep earlier or later
      recordDeviation('fit: iterations', Math.abs(fit.iterations - scalar(reference.n_iter)), 1);
      // the activations differ by 1e-4 of max as well: another engine
      recordDeviation('fit: U, of max', maxOfMax(fit.U.data, reference.fit_U.data), 1e-3);
      recordDeviation('fit: W, of max', maxOfMax(fit.W.data, reference.fit_W.data), 1e-3);
      const error = Math.sqrt(2 * fit.loss);
      recordDeviation(
        'fit: error, relative',
        Math.abs(error / scalar(reference.reconstruction_err) - 1),
        1e-5,
      );
    });

    it('projects new inputs and ranks the concepts', async () => {
      const craft = make();
      craft.useConcepts(reference.fit_W);
      const U = await craft.transform(images, { projection: 'cd' });
      expect(U.dims).toEqual(reference.transform_U.dims);
      // the same truncated descent in float64 on float32 activations
      recordDeviation('transform (cd): U, of max', maxOfMax(U.data, reference.transform_U.data), 2e-4);

      calls.h = 0;
      const importance = await craft.estimateImportance(images, {
        classId,
        nbDesign,
        sampler: 'halton',
        projection: 'cd',
      });
      const r = reference.fit_W.dims[0];
      expect(calls.h).toBe(images.dims[0] * nbDesign * (r + 1)); // 𝐁 is never evaluated
      recordDeviation('importance (cd, from W)', maxAbs(importance.total, reference.importance.data), 1e-3);
      // per input the change of U by 2e-4 weighs more: its variance is smaller
      recordDeviation(
        'importance per input (cd)',
        maxAbs(importance.perInput.data, reference.sti_per_input.data),
        1e-3,
      );
    });
  });

  it('projects exactly, as scipy does', async () => {
    const craft = make();
    craft.useConcepts(deel.fit_W);
    const U = await craft.transform(images);
    expect(U.dims).toEqual(exact.U.dims);
    // float32 activations of another engine
    recordDeviation('transform (exact NNLS): U, of max', maxOfMax(U.data, exact.U.data), 1e-5);
    const { total } = await craft.estimateImportance(images, { classId, nbDesign, sampler: 'halton' });
    recordDeviation('importance (exact NNLS)', maxAbs(total, exact.importance.data), 5e-4);
    recordDeviation('importance (exact) against the reference', maxAbs(total, deel.importance.data), 2e-3);
  });

  it('gets the whole chain from the images right', async () => {
    const craft = make();
    await craft.fit(images, { solver: 'cd', init: 'nndsvda', maxIter: 200 });
    const { total } = await craft.estimateImportance(images, {
      classId,
      nbDesign,
      sampler: 'halton',
      projection: 'cd',
    });
    // an own SVD in place of the stored start
    recordDeviation('importance, from the images', maxAbs(total, deel.importance.data), 5e-3);
  });

  if (affine) {
    it('gives the closed form where the head is affine, and sampling comes near it', async () => {
      const craft = make({ affineHead: true });
      craft.useConcepts(deel.fit_W);
      const closed = await craft.estimateImportance(images, { classId });
      expect(closed.method).toBe('closed-form');
      // S_i = c_i² / Σ c²: what each concept adds, and what it counts, are one
      const { data: c, dims } = closed.contributions!;
      const first = Array.from(c.subarray(0, dims[1]), (v) => v * v);
      const sum = first.reduce((all, v) => all + v, 0);
      first.forEach((v, k) => {
        expect(sum > 0 ? v / sum : 0).toBeCloseTo(closed.perInput.data[k], 9); // the same float64 numbers
      });
      const r = closed.total.length;
      for (let n = 0; n < images.dims[0]; n++) {
        const row = Array.from(closed.perInput.data.subarray(n * r, (n + 1) * r));
        expect(row.reduce((sum, s) => sum + s, 0)).toBeCloseTo(1, 9); // an additive function: Σ S_T = 1
      }
      const sampled = await craft.estimateImportance(images, { classId, nbDesign: 512, method: 'sobol' });
      // Monte Carlo error of N = 512 scrambled Sobol points
      expect(maxAbs(sampled.total, closed.total)).toBeLessThan(0.03);
      // E[∂y/∂m] of an affine y is its coefficient, by either way; the head computes in float32
      expect(maxOfMax(sampled.effect, closed.effect)).toBeLessThan(1e-3);
    });
  }
});

// The same importances as above, but as the command line gets them: the whole model, cut and its head folded.
describe.each([
  { name: 'craft4d', model: 'cnn.onnx', layer: 'features', path: 'folded-pool' },
  { name: 'craft2d', model: 'cnn.onnx', layer: 'pooled', path: 'folded-linear' },
  { name: 'craft_tv', model: 'tv.onnx', layer: 'features', path: 'folded-pool' },
])('$name, folded', ({ name, model, layer, path }) => {
  it('gives the importance of the reference for less work', async () => {
    const { options, classId, nbDesign } = cases.find((c) => c.name === name)!;
    const classifier = await loadClassifier(goldenPath(`models/${model}`), { layer });
    const reference = readNpz(goldenPath(`${name}/deel.npz`));
    const images = toInput(readNpy(goldenPath(`${name}/inputs_u8.npy`)));
    const craft = new Craft({ ...classifier, ...options, unitNorm: false });
    craft.useConcepts(reference.fit_W);
    const importance = await craft.estimateImportance(images, {
      classId,
      nbDesign,
      sampler: 'halton',
      method: 'sobol',
      projection: 'cd',
    });
    await classifier.release();
    const r = reference.fit_W.dims[0];
    expect(importance).toMatchObject({
      path,
      prefixEvaluations: r + 1,
      headEvaluations: classifier.affineHead ? 0 : images.dims[0] * nbDesign * (r + 1),
    });
    // as for the head run whole
    recordDeviation('importance (cd), folded', maxAbs(importance.total, reference.importance.data), 1e-3);
    recordDeviation(
      'importance per input (cd), folded',
      maxAbs(importance.perInput.data, reference.sti_per_input.data),
      1e-3,
    );
  });
});

describe('craft4d maps', () => {
  it('equals the heatmaps of the notebook', async () => {
    const { heatmaps, top_concepts, percentile90 } = readNpz(goldenPath('craft4d/heatmaps.npz'));
    const U = readNpz(goldenPath('craft4d/deel.npz')).transform_U;
    const craft = new Craft({
      inputToLatent: (batch) => batch as Tensor,
      latentLayout: 'NHWC',
      unitNorm: false,
    });
    craft.useConcepts(identity(U.dims[3]));
    // maps of U above its 90th percentile, of images 0 and 1, resized to the image
    const cut = U.data.slice();
    Array.from(top_concepts.data).forEach((k, i) => {
      for (let j = k; j < cut.length; j += U.dims[3]) if (!(cut[j] > percentile90.data[i])) cut[j] = 0;
    });
    const two = { data: cut.subarray(0, 2 * 8 * 8 * U.dims[3]), dims: [2, 8, 8, U.dims[3]] };
    const maps = await craft.attributionMaps(two, {
      method: 'latent',
      concepts: Array.from(top_concepts.data),
      size: { width: 64, height: 64 },
    });
    const plane = 64 * 64;
    const theirs = new Float32Array(maps.data.length); // stored concept by concept, ours image by image
    for (let k = 0; k < 5 * 2; k++) {
      const [i, n] = [Math.floor(k / 2), k % 2];
      theirs.set(heatmaps.data.subarray(k * plane, (k + 1) * plane), (n * 5 + i) * plane);
    }
    // the resize in float32 on both sides
    recordDeviation('concept maps, of max', maxOfMax(maps.data, theirs), 1e-5);
  });
});

function toInput({ data, dims }: Tensor): Tensor<Float32Array> {
  return {
    data: Float32Array.from(data, (v) => Math.fround(Math.fround(Math.fround(v / 255) - 0.5) / 0.25)),
    dims,
  };
}

async function run(session: InferenceSession, { data, dims }: Tensor): Promise<Tensor<Float32Array>> {
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const result = await session.run({ [input]: new OrtTensor('float32', data as Float32Array, dims) });
  return { data: result[output].data as Float32Array, dims: [...result[output].dims] };
}

function spatialMean({ data, dims: [N, C, H, W] }: Tensor<Float32Array>): Tensor<Float32Array> {
  const means = Float32Array.from({ length: N * C }, (_, k) => {
    const plane = data.subarray(k * H * W, (k + 1) * H * W);
    return plane.reduce((sum, v) => sum + v, 0) / (H * W);
  });
  return { data: means, dims: [N, C] };
}

function identity(r: number): Tensor<Float64Array> {
  return { data: Float64Array.from({ length: r * r }, (_, k) => (k % (r + 1) === 0 ? 1 : 0)), dims: [r, r] };
}
