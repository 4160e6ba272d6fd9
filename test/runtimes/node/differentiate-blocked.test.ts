// Slopes that stay in the runtime's blocked layout: exact at the kinks, as the plain ones are.

import type { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../../../src/errors.ts';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { differentiate } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { noise, run } from './halves.ts';

const CHANNELS = 16;

/** An activation behind a Conv that passes its channels on, so that values and slopes are known exactly. */
function behindConv(op: string, limits: readonly (number | null)[] = []): GraphBuilder {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', CHANNELS, 6, 6]);
  const one = b.floats(new Float32Array(CHANNELS).fill(1), [CHANNELS, 1, 1, 1]);
  const map = b.node('Conv', [x, one], { kernel_shape: [1, 1], group: CHANNELS });
  const bounds = limits.map((l) => (l === null ? '' : b.floats([l], [])));
  b.output(b.node(op, [map, ...bounds], {}, 'y'), null);
  return b;
}

/** The next float above (step 1) or below (−1), or `at` itself. */
function nextTo(at: number, step: number): number {
  if (at === 0) return step * 2 ** -90;
  const bits = new Int32Array(new Float32Array([at]).buffer);
  bits[0] += at > 0 ? step : -step;
  return new Float32Array(bits.buffer)[0];
}

/** Noise, and in each map the floats next to the kinks. */
function values(kinks: readonly number[]): Tensor {
  const x = noise([2, CHANNELS, 6, 6], 4);
  const data = x.data as Float32Array;
  data.forEach((value, i) => {
    const place = Math.floor(i / kinks.length) % 8;
    data[i] = place < 3 ? nextTo(kinks[i % kinks.length], place - 1) : value * 8;
  });
  return x;
}

async function gradientOf(bytes: Uint8Array, x: Tensor, batch?: number): Promise<Tensor> {
  const model = differentiate(bytes, { of: 'y', withRespectTo: 'x', ...(batch ? { batch } : {}) });
  const v = noise(x.dims, 9);
  return (await run(model, { x, 'y/cotangent': v }))['x/gradient'];
}

type Slope = (x: number) => number;

const cases: [string, (number | null)[], Slope, number[]][] = [
  ['Relu', [], (x) => Number(x > 0), [0]],
  ['Clip', [0, 6], (x) => Number(x > 0 && x < 6), [0, 6]],
  ['Clip', [-1, 1], (x) => Number(x > -1 && x < 1), [-1, 1]],
  ['Clip', [-7, 0], (x) => Number(x > -7 && x < 0), [-7, 0]],
  ['Clip', [0.1, 0.7], (x) => Number(x > Math.fround(0.1) && x < Math.fround(0.7)), [0.1, 0.7]],
  // one bound only is compared as it is
  ['Clip', [null, 2], (x) => Number(x <= 2), [2]],
];

describe.each(cases)('%s between %j', (op, limits, slope, kinks) => {
  it.each([undefined, 2])('has its slope next to the kinks, batch %s', async (batch) => {
    const bytes = behindConv(op, limits).bytes(20, 9);
    const x = values(kinks);
    const gradient = (await gradientOf(bytes, x, batch)).data as Float32Array;
    const v = noise(x.dims, 9).data as Float32Array;
    (x.data as Float32Array).forEach((value, i) => {
      expect(gradient[i], `at ${value}`).toBe(v[i] * slope(value) + 0);
    });
  });
});

const sigmoid: Slope = (x) => 1 / (1 + Math.exp(-x));
const smooth: [string, (number | null)[], Slope][] = [
  ['Sigmoid', [], (x) => sigmoid(x) * (1 - sigmoid(x))],
  ['HardSigmoid', [-2.5, 2.5], (x) => (Math.abs(x) < 2.5 ? 0.2 : 0)],
  ['HardSwish', [-3, 3], (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5)],
  ['LeakyRelu', [0], (x) => (x > 0 ? 1 : Math.fround(0.01))],
];

it.each(smooth)('%s with kinks at %j has its slope in blocks', async (op, kinks, slope) => {
  const x = values(kinks.length > 0 ? (kinks as number[]) : [0]);
  const v = noise(x.dims, 9).data as Float32Array;
  for (const batch of [undefined, 2]) {
    const gradient = (await gradientOf(behindConv(op).bytes(20, 9), x, batch)).data as Float32Array;
    (x.data as Float32Array).forEach((value, i) => {
      // αx + ½ is rounded: what is a few units in the last place off the kink may count as there
      if (kinks.some((k) => value !== k && k && Math.abs(value - k) < 1e-6)) return;
      // the runtime's Sigmoid is good to 1e-6
      expect(Math.abs(gradient[i] - v[i] * slope(value)), `at ${value}`).toBeLessThan(1e-5);
    });
  }
});

it.each([
  [1 / 6, 0.5],
  [0.25, 0.5],
  [-0.25, 0.5],
  [0.25, 0.25],
  [1e-6, 0.5],
])('x · max(0, min(1, %f x + %f)) has its slope next to the kinks', async (alpha, beta) => {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', CHANNELS, 6, 6]);
  const one = b.floats(new Float32Array(CHANNELS).fill(1), [CHANNELS, 1, 1, 1]);
  const map = b.node('Conv', [x, one], { kernel_shape: [1, 1], group: CHANNELS });
  const gate = b.node('HardSigmoid', [map], { alpha: { float: alpha }, beta: { float: beta } });
  b.output(b.node('Mul', [map, gate], {}, 'y'), null);
  const kinks = [-beta / alpha, (1 - beta) / alpha].map(Math.fround);
  const given = values(kinks);
  const v = noise(given.dims, 9).data as Float32Array;
  const gradient = (await gradientOf(b.bytes(20, 9), given)).data as Float32Array;
  const size = Math.max(...kinks.map(Math.abs));
  (given.data as Float32Array).forEach((value, i) => {
    // αx + β is rounded: what is a few units in the last place off the kink may count as there
    if (kinks.some((k) => value !== k && Math.abs(value - k) < 3e-7 * size)) return;
    const s = alpha * value + beta;
    const isInside = !kinks.includes(value) && s > 0 && s < 1;
    const slope = Math.max(0, Math.min(1, s)) + (isInside ? alpha * value : 0);
    // float32 of numbers of a few units: 6e-8 of each, a handful of roundings
    expect(Math.abs(gradient[i] - v[i] * slope), `at ${value}`).toBeLessThan(1e-5);
  });
});

describe('the blocked layout', () => {
  it('needs neither Where nor Equal', () => {
    for (const [op, limits] of [...cases.slice(0, 5), ...smooth.map(([op]) => [op, []] as const)]) {
      const bytes = differentiate(behindConv(op, limits).bytes(20, 9), { of: 'y', withRespectTo: 'x' });
      const ops = decodeModel(bytes).graph!.node.map((n) => n.opType);
      expect(ops).not.toContain('Where');
      expect(ops).not.toContain('Equal');
    }
  });
});

describe('a fixed batch', () => {
  const bytes = behindConv('Relu').bytes(20, 9);

  it('is that of inputs, cotangent and gradient', () => {
    const { graph } = decodeModel(differentiate(bytes, { of: 'y', withRespectTo: 'x', batch: 3 }));
    const firsts = [...graph!.input, ...graph!.output].map(({ type }) =>
      type?.value.case === 'tensorType' ? type.value.value.shape?.dim[0].value.value : null,
    );
    expect(firsts).toEqual([3n, 3n, 3n, 3n]);
  });

  it.each([0, 1.5, Number.NaN])('of %s is refused', (batch) => {
    const wrong = () => differentiate(bytes, { of: 'y', withRespectTo: 'x', batch });
    expect(wrong).toThrow(CraftError);
    expect(wrong).toThrow(/a whole number of at least 1 as batch/);
  });
});
