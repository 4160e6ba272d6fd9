import { describe, expect, it } from 'vitest';
import { type BuiltTensor, buildTflite, float32, int8, int32 } from '../../../test/models/tflite-builder.ts';
import {
  expectClose,
  expectOperator,
  nd,
  noise,
  opTypes,
  runImported,
} from '../../../test/models/tflite-run.ts';
import { tfliteToOnnx } from '../tflite.ts';
import { Padding } from './schema.ts';

const types = {
  UINT8: { array: Uint8Array, low: 0 },
  INT8: { array: Int8Array, low: -128 },
} as const;
type Quantised = keyof typeof types;

const inputScale = 1 / 64;

interface Change {
  readonly type?: Quantised;
  readonly out?: Partial<BuiltTensor>;
  readonly perChannel?: boolean;
  readonly biasScale?: boolean;
}

/** A quantised 1 × 1 convolution of 3 channels to 2, with everything needed to compute it by hand. */
function quantisedConv({ type = 'UINT8', out = {}, perChannel = false, biasScale = true }: Change = {}) {
  const { array, low } = types[type];
  const q = [3, 200, 77, 250, 0, 128].map((v) => v + low);
  const scale = perChannel ? [0.02, 0.003] : [0.02];
  const zeroPoint = perChannel ? [low + 128, low + 128] : [low + 120];
  const biasQ = [1000, -2000];
  const biasScales = scale.map((s) => s * inputScale);
  const bytes = buildTflite({
    tensors: [
      { name: 'x', shape: [1, 2, 2, 3], type, scale: [inputScale], zeroPoint: [low + 128] },
      { name: 'w', shape: [2, 1, 1, 3], type, data: array.from(q), scale, zeroPoint, axis: 0 },
      {
        name: 'b',
        shape: [2],
        type: 'INT32',
        data: Int32Array.from(biasQ),
        ...(biasScale ? { scale: biasScales, zeroPoint: biasScales.map(() => 0) } : {}),
      },
      { name: 'y', shape: [1, 2, 2, 2], type, scale: [0.1], zeroPoint: [low + 100], ...out },
    ],
    operators: [
      {
        op: 'CONV_2D',
        inputs: [0, 1, 2],
        outputs: [3],
        options: [int8(0, Padding.VALID), int32(1, 1), int32(2, 1)],
      },
    ],
    inputs: [0],
    outputs: [3],
  });
  const of = (values: number[], o: number) => values[perChannel ? o : 0];
  const weight = (o: number, c: number) => (q[3 * o + c] - of(zeroPoint, o)) * of(scale, o);
  const bias = (o: number) => biasQ[o] * of(scale, o) * inputScale;
  return { bytes, weight, bias, low };
}

describe('quantised convolutions', () => {
  it.each([
    ['UINT8, one scale', {}],
    ['INT8, one scale', { type: 'INT8' as const }],
    ['INT8, a scale for each channel', { type: 'INT8' as const, perChannel: true }],
    ['a bias without a scale of its own', { biasScale: false }],
    ['that, with a scale for each channel', { type: 'INT8' as const, perChannel: true, biasScale: false }],
  ])('compute on (q − z)·s: %s', async (_, change) => {
    const { bytes, weight, bias } = quantisedConv(change);
    const x = noise([2, 2, 2, 3], 71, -2, 2);
    const run = await runImported(bytes, x);
    const y = nd([2, 2, 2, 2], (n, i, j, o) => {
      return bias(o) + [0, 1, 2].reduce((s, c) => s + x.at(n, i, j, c) * weight(o, c), 0);
    });
    expectClose(run.outputs[0], y);
    expect(opTypes(run)).toEqual(['Conv']);
    // pixels are 0 … 255 whatever the file counts from
    expect(run.imported.input.pixel).toEqual({ scale: inputScale, zeroPoint: 128 });
  });

  it.each([
    ['signed values: none', { zeroPoint: [1] }, ['Conv']],
    ['none below 0: ReLU', { zeroPoint: [0] }, ['Conv', 'Relu']],
    ['from 0 to 6: ReLU6', { zeroPoint: [0], scale: [6 / 255] }, ['Conv', 'Clip']],
    ['from 0 to nearly 6: ReLU6', { zeroPoint: [0], scale: [0.023528477177023888] }, ['Conv', 'Clip']],
    [
      'named after Relu6: ReLU6',
      { zeroPoint: [0], scale: [0.01], name: 'net/Relu6;net/add_fold' },
      ['Conv', 'Clip'],
    ],
    ['from 0 to 5.5: ReLU', { zeroPoint: [0], scale: [5.5 / 255] }, ['Conv', 'Relu']],
    ['named after Relu and signed: none', { zeroPoint: [3], name: 'net/Relu' }, ['Conv']],
  ])('end in the activation that the output can hold: %s', async (_, out, expected) => {
    for (const type of ['UINT8', 'INT8'] as const) {
      const shifted = { ...out, zeroPoint: out.zeroPoint.map((z) => z + types[type].low) };
      const run = await runImported(quantisedConv({ type, out: shifted }).bytes, noise([1, 2, 2, 3], 72));
      expect(opTypes(run)).toEqual(expected);
    }
  });
});

describe('operators that cannot make negative values of others', () => {
  const quantised = { type: 'UINT8', scale: [0.1], zeroPoint: [0] };
  it.each([
    [
      'AVERAGE_POOL_2D',
      [0],
      [int8(0, Padding.VALID), int32(1, 1), int32(2, 1), int32(3, 2), int32(4, 2)],
      'AveragePool',
    ],
    ['CONCATENATION', [0, 0], [int32(0, 3)], 'Concat'],
    ['ADD', [0, 0], [], 'Add'],
    ['MUL', [0, 0], [], 'Mul'],
  ])('%s has no activation of its own', (op, inputs, options, opType) => {
    const y = op === 'AVERAGE_POOL_2D' ? [1, 2, 2, 2] : op === 'CONCATENATION' ? [1, 3, 3, 4] : [1, 3, 3, 2];
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 3, 3, 2], ...quantised },
        { name: 'y', shape: y, ...quantised },
      ],
      operators: [{ op, inputs, outputs: [1], options }],
      inputs: [0],
      outputs: [1],
    });
    return runImported(bytes, noise([1, 3, 3, 2], 73)).then((run) => expect(opTypes(run)).toEqual([opType]));
  });
});

describe('QUANTIZE, DEQUANTIZE, FAKE_QUANT', () => {
  it('are nothing on real numbers', async () => {
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 4] },
        { name: 'q', shape: [1, 4], type: 'INT8', scale: [0.1], zeroPoint: [3] },
        { name: 'twice', shape: [1, 4], type: 'INT8', scale: [0.1], zeroPoint: [3] },
        { name: 'y', shape: [1, 4] },
      ],
      operators: [
        { op: 'QUANTIZE', inputs: [0], outputs: [1] },
        { op: 'ADD', inputs: [1, 1], outputs: [2] },
        { op: 'DEQUANTIZE', inputs: [2], outputs: [3] },
      ],
      inputs: [0],
      outputs: [3],
    });
    const x = noise([2, 4], 74);
    const run = await runImported(bytes, x);
    expectClose(
      run.outputs[0],
      nd(x.dims, (...i) => 2 * x.at(...i)),
    );
    expect(opTypes(run)).toEqual(['Add']);
    expect(run.imported.input.pixel).toBeNull();
  });

  it('QUANTIZE to what holds no negative value is a ReLU', async () => {
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 4] },
        { name: 'y', shape: [1, 4], type: 'INT8', scale: [0.1], zeroPoint: [-128] },
      ],
      operators: [{ op: 'QUANTIZE', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    const x = noise([2, 4], 75);
    expectClose(
      (await runImported(bytes, x)).outputs[0],
      nd(x.dims, (...i) => Math.max(0, x.at(...i))),
    );
  });

  it.each([
    [-1, 1, (v: number) => v],
    [0, 3, (v: number) => Math.max(0, v)],
    [0, 6, (v: number) => Math.min(6, Math.max(0, v))],
  ])('FAKE_QUANT from %d to %d', async (min, max, f) => {
    const model = { op: 'FAKE_QUANT', options: [float32(0, min), float32(1, max), int32(2, 8)] };
    await expectOperator({ ...model, x: [1, 9], y: [[1, 9]] }, [(x) => nd(x.dims, (...i) => f(x.at(...i)))], {
      low: -9,
      high: 9,
    });
  });

  it('reads int16 activations and int64 biases', async () => {
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 2], type: 'INT16', scale: [2 ** -10] },
        { name: 'w', shape: [1, 2], type: 'INT8', data: Int8Array.of(5, -7), scale: [0.5] },
        { name: 'b', shape: [1], type: 'INT64', data: BigInt64Array.of(-2048n), scale: [2 ** -11] },
        { name: 'y', shape: [1, 1], type: 'INT16', scale: [2 ** -8] },
      ],
      operators: [{ op: 'FULLY_CONNECTED', inputs: [0, 1, 2], outputs: [3] }],
      inputs: [0],
      outputs: [3],
    });
    const x = noise([3, 2], 76);
    expectClose(
      (await runImported(bytes, x)).outputs[0],
      nd([3, 1], (n) => 2.5 * x.at(n, 0) - 3.5 * x.at(n, 1) - 1),
    );
    expect(tfliteToOnnx(bytes).input.pixel).toBeNull();
  });
});
