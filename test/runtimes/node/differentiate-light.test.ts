// Networks of the field at operator set 9, made smooth: the slope along a direction, and the chain rule at a cut.

import { readdirSync, readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/read.ts';
import { valuesOf } from '../../../src/onnx/tensor-values.ts';
import { cutModel, inspectModel } from '../../../src/onnx.ts';
import { random } from '../../../src/tensor/random.ts';
import { floatTensor } from '../../models/builder.ts';
import { deviation, noise, run } from './halves.ts';
import { composedVjp, dot, vjp } from './vjp.ts';

const folder = new URL('../../golden/light/', import.meta.url);

/** Larger weights stay constant. */
const MAX_RANDOM = 1 << 19;

/**
 * Random weights for the constant ones, and no kinks: Relu → Softplus, MaxPool → AveragePool. Weights have mean
 * 0 and the variance that keeps activations in size; scales and variances of norms stay 1.
 */
function smooth(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const shapes = new Map(graph.initializer.map((t) => [t.name, valuesOf(t, 8)]));
  const rng = random(11);
  graph.node = graph.node.filter((node) => {
    if (node.opType === 'Relu') node.opType = 'Softplus';
    if (node.opType === 'MaxPool') node.opType = 'AveragePool';
    const dims = node.opType === 'ConstantOfShape' ? shapes.get(node.input[0]) : null;
    const size = dims?.reduce((a, b) => a * b, 1) ?? Number.POSITIVE_INFINITY;
    if (!dims || size > MAX_RANDOM) return true;
    const fanIn = Math.max(1, size / dims[0]);
    const isMatrix = dims.length > 1;
    const values = Float32Array.from({ length: size }, () =>
      isMatrix ? (2 * rng.uniform() - 1) * Math.sqrt(3 / fanIn) : 0.5 + rng.uniform(),
    );
    graph.initializer.push(floatTensor(values, dims, node.output[0]));
    return false;
  });
  return encodeModel(model);
}

// the others take ten seconds and more, or have half a gigabyte of weights
const files = ['squeezenet', 'shufflenet', 'inception_v1'];

it.each(readdirSync(folder).filter((file) => file.endsWith('.onnx')))('%s has gradients', (file) => {
  const { gradients } = inspectModel(new Uint8Array(readFileSync(new URL(file, folder))));
  expect(gradients).toEqual({ supported: true, missingOps: [] });
});

describe.each(files)('%s, made smooth', (name) => {
  it('has the slope of its difference quotient, and the gradient of its halves', async () => {
    const bytes = smooth(new Uint8Array(readFileSync(new URL(`light_${name}.onnx`, folder))));
    const { input, inputs, layers, logits, gradients } = inspectModel(bytes);
    expect(gradients).toEqual({ supported: true, missingOps: [] });
    const x = noise(inputs[0].dims as number[], 1);
    const feeds = { [input]: x };
    const { tensor } = layers[Math.floor(layers.length / 2)];
    const halves = cutModel(bytes, tensor, { output: logits });
    const latent = (await run(halves.encoder, feeds))[tensor];
    const y = (await run(halves.head, { [tensor]: latent }))[logits];
    const v = noise(y.dims, 3);
    const whole = await vjp(bytes, logits, [input, tensor], feeds, v);

    const { atLatent, atInput } = await composedVjp(halves, input, feeds, latent, v);
    // float32 sums of thousands of terms in another order; measured ≤ 1e-6
    expect(deviation(atLatent, whole[tensor])).toBeLessThan(1e-5);
    expect(deviation(atInput, whole[input])).toBeLessThan(1e-5);

    const gradient = whole[tensor].data as Float32Array;
    const norm = Math.sqrt(dot(whole[tensor], whole[tensor]));
    // along the gradient, where the slope is largest against the noise; a step of 1e-2 of the latent
    const size = Math.sqrt(dot(latent, latent));
    const along = async (step: number): Promise<number> => {
      const data = (latent.data as Float32Array).map(
        (value, i) => value + (step * size * gradient[i]) / norm,
      );
      const moved = new Tensor('float32', data, [...latent.dims]);
      return dot((await run(halves.head, { [tensor]: moved }))[logits], v);
    };
    const quotient = async (h: number): Promise<number> =>
      ((await along(h)) - (await along(-h))) / (2 * h * size);
    const expected = (4 * (await quotient(0.005)) - (await quotient(0.01))) / 3;
    // float32 noise over the step; measured ≤ 1e-4
    expect(Math.abs(norm / expected - 1)).toBeLessThan(2e-3);
  });
});
