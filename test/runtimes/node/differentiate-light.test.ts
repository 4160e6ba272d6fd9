// Networks of the field at operator set 9, made small and smooth: the chain rule at their cuts, and the slope along
// a direction.

import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type CutModel, cutModel, inspectModel } from '../../../src/onnx.ts';
import { lightBytes, lightNetworks, smoothLight } from '../../models/light-networks.ts';
import { deviation, type Feeds, noise, run } from './halves.ts';
import { composedVjp, dot, vjp } from './vjp.ts';

/**
 * Cuts of each network, from the first to the last; ALL_CUTS=1 tries them all, 334, which takes minutes:
 * ALL_CUTS=1 npx vitest run test/runtimes/node/differentiate-light.test.ts --testTimeout 1e6
 */
const CUTS = process.env.ALL_CUTS ? Number.POSITIVE_INFINITY : 6;

describe.each(Object.keys(lightNetworks))('%s', (name) => {
  it('has gradients in its full size', () => {
    expect(inspectModel(lightBytes(name)).gradients).toEqual({ supported: true, missingOps: [] });
  });

  it('has the gradient of its halves, and the slope of its difference quotient', async () => {
    const bytes = smoothLight(name);
    const { input, inputs, layers, logits } = inspectModel(bytes);
    const feeds = { [input]: noise(inputs[0].dims as number[], 1) };
    const count = Math.min(CUTS, layers.length);
    const cuts = Array.from({ length: count }, (_, i) => {
      const { tensor } = layers[Math.round((i * (layers.length - 1)) / (count - 1))];
      return { tensor, halves: cutModel(bytes, tensor, { output: logits }) };
    });
    const { latent: last, y } = await outputs(cuts[count - 1], feeds, logits);
    expect(last.dims.length).toBeGreaterThan(1);
    const v = noise(y.dims, 3);
    const tensors = cuts.map((c) => c.tensor);
    const whole = await vjp(bytes, logits, [input, ...tensors], feeds, v);
    for (const { tensor, halves } of cuts) {
      const latent = (await run(halves.encoder, feeds))[tensor];
      const { atLatent, atInput } = await composedVjp(halves, input, feeds, latent, v);
      // float32 sums of thousands of terms in another order; measured ≤ 2e-6 at all 334 cuts
      expect(deviation(atLatent, whole[tensor]), tensor).toBeLessThan(1e-5);
      expect(deviation(atInput, whole[input]), tensor).toBeLessThan(1e-5);
    }

    const middle = cuts[count >> 1];
    const { latent } = await outputs(middle, feeds, logits);
    const ratio = await slopeRatio(middle.halves, latent, whole[middle.tensor], v);
    // float32 noise over the step
    expect(Math.abs(ratio - 1)).toBeLessThan(2e-3);
  });
});

async function outputs(
  { tensor, halves }: { tensor: string; halves: CutModel },
  feeds: Feeds,
  logits: string,
): Promise<{ latent: Tensor; y: Tensor }> {
  const latent = (await run(halves.encoder, feeds))[tensor];
  return { latent, y: (await run(halves.head, { [tensor]: latent }))[logits] };
}

/**
 * Norm of the gradient over the difference quotient along it, where the slope is largest against the noise. Steps
 * of a hundredth of the latent.
 */
async function slopeRatio(halves: CutModel, latent: Tensor, gradient: Tensor, v: Tensor): Promise<number> {
  const { inputName } = halves.latent;
  const norm = Math.sqrt(dot(gradient, gradient));
  const size = Math.sqrt(dot(latent, latent));
  const along = async (step: number): Promise<number> => {
    const data = (latent.data as Float32Array).map(
      (value, i) => value + (step * size * (gradient.data as Float32Array)[i]) / norm,
    );
    const moved = new Tensor('float32', data, [...latent.dims]);
    return dot((await run(halves.head, { [inputName]: moved }))[halves.output], v);
  };
  const quotient = async (h: number): Promise<number> =>
    ((await along(h)) - (await along(-h))) / (2 * h * size);
  // Richardson: the error is of order h⁴
  return norm / ((4 * (await quotient(0.005)) - (await quotient(0.01))) / 3);
}
