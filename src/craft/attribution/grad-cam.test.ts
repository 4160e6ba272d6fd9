import { describe, expect, it } from 'vitest';
import { craftOf, images, openShapes, total, uniform } from '../../../test/attribution/shapes.ts';
import { recordDeviation } from '../../../test/golden/deviations.ts';
import { visionTransformer } from '../../../test/models/networks.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Craft } from '../craft.ts';

const shapes = openShapes();

describe('grad-cam', () => {
  it('sums to u_i before the ReLU, and has the closed form J·A/(HW)', async () => {
    const craft = craftOf(shapes.cnn);
    const x = images(0, 3);
    const u = await craft.mapTarget({}).scores(x);
    const before = shapes.cnn.encoderRuns();
    const maps = await craft.attributionMaps(x, { size: { height: 8, width: 8 } });
    expect(shapes.cnn.encoderRuns() - before).toBe(3); // and no run backward
    expect(maps.dims).toEqual([3, 6, 8, 8]);
    // Σ ReLU(v) ≥ Σ v = u, equal where nothing is negative
    u.forEach((value, k) => {
      expect(total(maps, k)).toBeGreaterThan(value - 1e-4);
    });
    const { target, latents } = { target: craft.mapTarget({}), latents: await shapes.cnn.inputToLatent(x) };
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
    const closed = await craftOf(shapes.cnn).attributionMaps(x, { size });
    const before = shapes.pooledCnn.gradientRuns();
    const pulled = await craftOf(shapes.pooledCnn).attributionMaps(x, { size });
    const u = await craftOf(shapes.cnn).mapTarget({}).scores(x);
    // one run backward a concept that is active, none for the others
    expect(shapes.pooledCnn.gradientRuns() - before).toBe(u.filter((value) => value > 0).length);
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
