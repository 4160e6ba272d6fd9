import { describe, expect, it } from 'vitest';
import { craftOf, images, openShapes, uniform } from '../../../test/attribution/shapes.ts';
import { recordDeviation } from '../../../test/golden/deviations.ts';
import { goldenPath, readNpy, readNpz } from '../../../test/golden/npy.ts';
import { visionTransformer } from '../../../test/models/networks.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Craft } from '../craft.ts';
import type { MapOptions } from './map-options.ts';

const shapes = openShapes();

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
      [shapes.cnn, 'pooled'],
      [shapes.cnn, 'mean'],
      [shapes.pooledCnn, 'pooled'],
    ] as const) {
      const { worst, active } = await worstSlope(craftOf(classifier), x, { coefficient }, 0.02);
      expect(active).toBeGreaterThan(1);
      // a step of 0.02 along the gradient passes kinks of some ReLUs; float32 scores differ by 1e-5 of a step
      recordDeviation(`∂u/∂x by differences, cnn ${coefficient}, relative`, worst, 2e-2);
    }
    const logit = await worstSlope(craftOf(shapes.cnn), x, { classId: 2 }, 0.02);
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
