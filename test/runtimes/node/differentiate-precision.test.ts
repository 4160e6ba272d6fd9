// Half and double precision models are differentiated as float32 ones.

import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import type { ModelProto } from '../../../src/onnx/proto/onnx_pb.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/read.ts';
import { valuesOf } from '../../../src/onnx/tensor-values.ts';
import { cutModel, differentiate, inspectModel } from '../../../src/onnx.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import { Backward } from '../../../src/runtimes/vjp.ts';
import {
  branchingNetwork,
  halfPrecisionNetwork,
  residualNetwork,
  visionTransformer,
} from '../../models/networks.ts';
import { deviation, noise } from './halves.ts';
import { vjp } from './vjp.ts';

/** The same numbers, in another order of sums where the runtime fuses otherwise. */
const ROUNDING = 2e-5;

/** Numbers that float16 has: multiples of 1/64 below 16. */
const coarse = (values: readonly number[]): number[] => values.map((v) => Math.round(v * 64) / 64);

/** Bits of a number of {@link coarse} as float16: sign, exponent + 15, ten bits of the fraction. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** The model with weights that float16 has, kept in `type`, and its inputs and outputs of that type. */
function inPrecision(bytes: Uint8Array, type: number): Uint8Array {
  const model: ModelProto = decodeModel(bytes);
  const graph = model.graph!;
  for (const t of graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT)) {
    const values = coarse(valuesOf(t, 1e6)!);
    const typed = {
      [DataType.FLOAT]: () => Float32Array.from(values),
      [DataType.DOUBLE]: () => Float64Array.from(values),
      [DataType.FLOAT16]: () => Uint16Array.from(values, halfBits),
    }[type]!();
    t.dataType = type;
    t.floatData = [];
    t.rawData = new Uint8Array(typed.buffer);
  }
  for (const { type: t } of [...graph.input, ...graph.output]) {
    if (t?.value.case === 'tensorType' && t.value.value.elemType === DataType.FLOAT)
      t.value.value.elemType = type;
  }
  return encodeModel(model);
}

describe.each([
  ['residual', residualNetwork().bytes(), [2, 3, 12, 12]],
  ['residual, opset 9', residualNetwork().bytes(9, 3), [2, 3, 12, 12]],
  ['transformer', visionTransformer('mean').bytes(), [2, 3, 8, 8]],
])('%s', (_, bytes, dims) => {
  it.each([
    ['half', DataType.FLOAT16],
    ['double', DataType.DOUBLE],
  ])('of %s precision has the gradient of its float32 twin', async (_, type) => {
    const [other, twin] = [inPrecision(bytes, type), inPrecision(bytes, DataType.FLOAT)];
    const { logits } = inspectModel(twin);
    expect(inspectModel(other).gradients).toEqual({ supported: true, missingOps: [] });
    const x = noise(dims);
    const v = noise([2, inspectModel(twin).classes!], 3);
    const found = (await vjp(other, logits, ['x'], { x }, v)).x;
    const expected = (await vjp(twin, logits, ['x'], { x }, v)).x;
    expect(deviation(found, expected)).toBeLessThan(ROUNDING);
  });
});

it('with branches it is refused, with what works', () => {
  const bytes = inPrecision(branchingNetwork(false).bytes(), DataType.FLOAT16);
  const wrong = () => differentiate(bytes, { of: 'late', withRespectTo: 'x' });
  expect(wrong).toThrow(/float32; got "late".*branches.*convert it to float32; cut after it, .*occlusion/);
});

describe('a float32 model that computes in half precision', () => {
  const bytes = halfPrecisionNetwork().bytes();
  const x = noise([2, 3, 8, 8]);
  const v = noise([2, 4], 3);

  it('has the gradient of the same model without the roundings', async () => {
    const twin = decodeModel(bytes);
    for (const node of twin.graph!.node.filter((n) => n.opType === 'Cast')) {
      node.attribute[0].i = BigInt(DataType.FLOAT);
    }
    const [{ type }] = twin.graph!.output;
    if (type?.value.case === 'tensorType') type.value.value.elemType = DataType.FLOAT;
    const found = (await vjp(bytes, 'logits', ['x'], { x }, v)).x;
    const expected = (await vjp(encodeModel(twin), 'logits', ['x'], { x }, v)).x;
    expect(deviation(found, expected)).toBeLessThan(ROUNDING);
  });

  it('has the gradient of difference quotients in double precision', async () => {
    const weights = decodeModel(bytes).graph!.initializer.map((t) => valuesOf(t, 1e4)!);
    const value = (at: Float64Array): number => {
      const logits = inDouble(at, weights[0], weights[1]);
      return logits.reduce((sum, y, i) => sum + y * (v.data as Float32Array)[i], 0);
    };
    const quotients = Float32Array.from(x.data as Float32Array, (_, i) => {
      const [up, down] = [1e-6, -1e-6].map((step) => {
        const moved = Float64Array.from(x.data as Float32Array);
        moved[i] += step;
        return value(moved);
      });
      return (up - down) / 2e-6;
    });
    const found = (await vjp(bytes, 'logits', ['x'], { x }, v)).x;
    expect(deviation(found, new Tensor('float32', quotients, x.dims))).toBeLessThan(ROUNDING);
  });

  it('takes float32 from a runtime, at every route', async () => {
    const halves = cutModel(bytes, 'map', { output: 'logits' });
    const runtime = await nodeRuntime({ threads: 1 });
    const backward = new Backward(runtime, {
      encoder: halves.encoder,
      head: halves.head,
      whole: bytes,
      input: 'x',
      latent: halves.latent.inputName,
      output: halves.output,
      wholeOutput: 'logits',
      batch: null,
      files: new Map(),
    });
    const whole = await vjp(bytes, 'logits', ['x', 'map'], { x }, v);
    const encoder = await runtime.open(halves.encoder);
    const latent = Object.values(await encoder.run({ x: plain(x) }))[0];
    const routes = [
      await backward.vjp(plain(x), plain(v), { of: 'logit', withRespectTo: 'input' }),
      await backward.vjp(latent, plain(v), { of: 'logit', withRespectTo: 'latent' }),
      await backward.vjp(plain(x), plain(whole.map), { of: 'latent', withRespectTo: 'input' }),
    ];
    const expected = [whole.x, whole.map, whole.x];
    routes.forEach(({ data, dims }, i) => {
      expect(deviation(new Tensor('float32', data, dims), expected[i])).toBeLessThan(ROUNDING);
    });
    await Promise.all([backward.release(), encoder.release()]);
  });
});

function plain({ data, dims }: Tensor): { data: Float32Array; dims: number[] } {
  return { data: data as Float32Array, dims: [...dims] };
}

/** The logits of halfPrecisionNetwork, [N, 4]: of the kernel [6, 3, 3, 3] and the matrix [6, 4]. */
function inDouble(x: Float64Array, kernel: readonly number[], matrix: readonly number[]): number[] {
  const size = 8;
  const pixel = (n: number, c: number, row: number, column: number): number =>
    row < 0 || column < 0 || row >= size || column >= size
      ? 0
      : x[((n * 3 + c) * size + row) * size + column];
  const logits: number[] = [];
  for (let n = 0; n < x.length / (3 * size * size); n++) {
    const means = new Float64Array(6);
    for (let m = 0; m < 6; m++) {
      for (let at = 0; at < size * size; at++) {
        let sum = 0;
        for (let k = 0; k < 27; k++) {
          const row = Math.floor(at / size) + (Math.floor(k / 3) % 3) - 1;
          sum += kernel[m * 27 + k] * pixel(n, Math.floor(k / 9), row, (at % size) + (k % 3) - 1);
        }
        means[m] += Math.max(sum, 0) / (size * size);
      }
    }
    for (let j = 0; j < 4; j++) logits.push(means.reduce((sum, u, m) => sum + u * matrix[m * 4 + j], 0));
  }
  return logits;
}
