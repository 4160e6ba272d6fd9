// Slopes that stay in the runtime's blocked layout: exact at the kinks, as the plain ones are.

import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../../../src/errors.ts';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { differentiate } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { deviation, noise, run } from './halves.ts';

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

/** Noise, and in each map the numbers next to the kinks. */
function values(kinks: readonly number[]): Tensor {
  const x = noise([2, CHANNELS, 6, 6], 4);
  const data = x.data as Float32Array;
  const ulp = 2 ** -22;
  data.forEach((value, i) => {
    const kink = kinks[i % kinks.length];
    const place = Math.floor(i / kinks.length) % 8;
    if (place < 3) data[i] = kink + (place - 1) * Math.max(Math.abs(kink), 1) * ulp;
    else data[i] = value * 8;
  });
  return x;
}

async function gradientOf(bytes: Uint8Array, x: Tensor, batch?: number): Promise<Tensor> {
  const model = differentiate(bytes, { of: 'y', withRespectTo: 'x', ...(batch ? { batch } : {}) });
  const v = noise(x.dims, 9);
  return (await run(model, { x, 'y/cotangent': v }))['x/gradient'];
}

const cases: [string, (number | null)[], (x: number) => number, number[]][] = [
  ['Relu', [], (x) => Number(x > 0), [0]],
  ['Clip', [0, 6], (x) => Number(x > 0 && x < 6), [0, 6]],
  ['Clip', [-1, 1], (x) => Number(x > -1 && x < 1), [-1, 1]],
  // bounds whose middle is no float are compared as they are
  ['Clip', [0.1, 0.7], (x) => Number(x >= Math.fround(0.1) && x <= Math.fround(0.7)), [0.1, 0.7]],
  ['Clip', [null, 2], (x) => Number(x <= 2), [2]],
];

describe.each(cases)('%s between %j', (op, limits, slope, kinks) => {
  it.each([undefined, 2])('has its slope next to the kinks, batch %s', async (batch) => {
    const bytes = behindConv(op, limits).bytes(20, 9);
    const x = values(kinks);
    const gradient = (await gradientOf(bytes, x, batch)).data as Float32Array;
    const v = noise(x.dims, 9).data as Float32Array;
    (x.data as Float32Array).forEach((value, i) => {
      // half a unit in the last place of the middle of Clip: what rounds to its bound counts as clipped
      const isAtBound = kinks.some((k) => value !== k && Math.abs(value - k) < 1.3e-7);
      if (!isAtBound) expect(gradient[i], `at ${value}`).toBe(v[i] * slope(value) + 0);
    });
  });
});

describe('the blocked layout', () => {
  it('needs neither Where nor Equal', () => {
    for (const [op, limits] of cases.slice(0, 3)) {
      const bytes = differentiate(behindConv(op, limits).bytes(20, 9), { of: 'y', withRespectTo: 'x' });
      const ops = decodeModel(bytes).graph!.node.map((n) => n.opType);
      expect(ops).not.toContain('Where');
      expect(ops).not.toContain('Equal');
    }
  });

  it('changes nothing of the slope of Sigmoid', async () => {
    const x = values([0]);
    const gradient = await gradientOf(behindConv('Sigmoid').bytes(20, 9), x);
    const v = noise(x.dims, 9).data as Float32Array;
    const expected = (x.data as Float32Array).map((value, i) => {
      const s = 1 / (1 + Math.exp(-value));
      return v[i] * s * (1 - s);
    });
    // the runtime's Sigmoid is good to 1e-6
    expect(deviation(gradient, new Tensor('float32', expected, x.dims))).toBeLessThan(1e-5);
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
