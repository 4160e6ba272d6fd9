// Half and double precision models are differentiated as float32 ones.

import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import type { ModelProto } from '../../../src/onnx/proto/onnx_pb.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/read.ts';
import { valuesOf } from '../../../src/onnx/tensor-values.ts';
import { inspectModel } from '../../../src/onnx.ts';
import { halfPrecisionNetwork, residualNetwork, visionTransformer } from '../../models/networks.ts';
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

describe('a float32 model that computes in half precision', () => {
  it('has the gradient without the roundings', async () => {
    const bytes = halfPrecisionNetwork().bytes();
    expect(inspectModel(bytes).inputs[0].type).toBe('float32');
    const x = noise([2, 3, 8, 8]);
    const v = noise([2, 4], 3);
    const { x: gradient } = await vjp(bytes, 'logits', ['x'], { x }, v);
    const at = async (step: number): Promise<Tensor> => {
      const moved = (x.data as Float32Array).map(
        (value, i) => value + step * (gradient.data as Float32Array)[i],
      );
      const feeds = { x: new Tensor('float32', moved, x.dims) };
      return (await vjp(bytes, 'logits', ['x'], feeds, v)).x;
    };
    // between kinks the network is linear: the gradient a small step on is the same but for a few units
    expect(deviation(await at(1e-6), gradient)).toBeLessThan(ROUNDING);
    expect((gradient.data as Float32Array).some((g) => g !== 0)).toBe(true);
  });
});
