// Gradients by difference quotients in onnxruntime, and those of a differentiated model.

import * as ort from 'onnxruntime-node';
import { differentiate } from '../../../src/onnx.ts';
import { random } from '../../../src/tensor/random.ts';
import { modelOf, type OpCase, type OpInput } from '../../models/op-case.ts';
import { type Feeds, noise } from './halves.ts';

const options: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
};

/** Steps of the two central differences that are extrapolated: the kinks of the ops lie 0.05 and more away. */
const STEP = 0.04;

/** Multiples of 0.1 plus 0.05, in ±3, off every kink; positive ones; or all different. */
function valuesOf({ dims, values = 'any' }: OpInput, seed: number): ort.Tensor {
  const rng = random(seed);
  const n = dims.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: n }, (_, i) => {
    if (values === 'distinct') return (i - n / 2) * 0.1 + 0.05;
    // 0.025 away from those of the other kind, for Max and Min
    return values === 'positive' ? 0.5 + 0.3 * rng.below(8) : 0.3 * (rng.below(20) - 10) + 0.15;
  });
  if (values === 'distinct') {
    for (let i = n - 1; i > 0; i--) {
      const k = rng.below(i + 1);
      [data[i], data[k]] = [data[k], data[i]];
    }
  }
  return new ort.Tensor('float32', data, [...dims]);
}

/** Largest difference of gradient and difference quotient, as a share of the largest entry of the gradient. */
export function gradientDeviation(c: OpCase): Promise<number> {
  return modelDeviation(modelOf(c), c.inputs);
}

/** As {@link gradientDeviation}, of a model with the inputs x0, x1, … and one output. */
export async function modelDeviation(bytes: Uint8Array, inputs: readonly OpInput[]): Promise<number> {
  const forward = await ort.InferenceSession.create(bytes, options);
  const [of] = forward.outputNames;
  const names = inputs.map((_, i) => `x${i}`);
  const feeds: Feeds = Object.fromEntries(inputs.map((input, i) => [names[i], valuesOf(input, 7 + i)]));
  const y = (await forward.run(feeds))[of];
  const v = noise(y.dims, 5);
  const model = differentiate(bytes, { of, withRespectTo: names });
  const backward = await ort.InferenceSession.create(model, options);
  const results = await backward.run({ ...feeds, [`${of}/cotangent`]: v });
  const value = async (input: string, x: Float32Array): Promise<number> => {
    const changed = new ort.Tensor('float32', x, feeds[input].dims);
    const out = (await forward.run({ ...feeds, [input]: changed }))[of].data as Float32Array;
    return out.reduce((sum, o, i) => sum + o * (v.data as Float32Array)[i], 0);
  };
  let worst = 0;
  let largest = 1e-3;
  for (const name of names) {
    const gradient = results[`${name}/gradient`];
    if (String(gradient.dims) !== String(feeds[name].dims)) return Number.POSITIVE_INFINITY;
    const at = feeds[name].data as Float32Array;
    const quotient = async (i: number, h: number): Promise<number> => {
      const [up, down] = [Float32Array.from(at), Float32Array.from(at)];
      up[i] += h;
      down[i] -= h;
      return ((await value(name, up)) - (await value(name, down))) / (up[i] - down[i]);
    };
    for (let i = 0; i < at.length; i++) {
      // Richardson: the error is of order h⁴
      const expected = (4 * (await quotient(i, STEP / 2)) - (await quotient(i, STEP))) / 3;
      const difference = Math.abs((gradient.data as Float32Array)[i] - expected);
      if (!(difference <= worst)) worst = difference;
      largest = Math.max(largest, Math.abs(expected));
    }
  }
  await forward.release();
  await backward.release();
  return worst / largest;
}
