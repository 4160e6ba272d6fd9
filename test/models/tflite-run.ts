// Runs imported TFLite models in onnxruntime and compares them with plain loops over NHWC arrays.

import { fromBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { type ImportedModel, tfliteToOnnx } from '../../src/formats/tflite.ts';
import { type ModelProto, ModelProtoSchema } from '../../src/onnx/proto/onnx_pb.ts';
import { random } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/tensor.ts';
import { type BuiltTensor, buildTflite, type Field } from './tflite-builder.ts';

/** A dense array in row-major order. */
export interface Nd {
  readonly dims: readonly number[];
  readonly data: Float64Array;
  /** 0 outside: what a zero-padded window reads. */
  at(...index: number[]): number;
}

export function nd(dims: readonly number[], value: (...index: number[]) => number): Nd {
  const data = new Float64Array(sizeOf(dims));
  for (let i = 0; i < data.length; i++) data[i] = value(...unravel(i, dims));
  return {
    dims,
    data,
    at(...index) {
      if (index.some((v, k) => v < 0 || v >= dims[k])) return 0;
      return data[index.reduce((flat, v, k) => flat * dims[k] + v, 0)];
    },
  };
}

function unravel(flat: number, dims: readonly number[]): number[] {
  const index = new Array<number>(dims.length).fill(0);
  for (let k = dims.length - 1, rest = flat; k >= 0; k--) {
    index[k] = rest % dims[k];
    rest = Math.floor(rest / dims[k]);
  }
  return index;
}

/** Uniform in [low, high), rounded to float32. */
export function noise(dims: readonly number[], seed: number, low = -1, high = 1): Nd {
  const rng = random(seed);
  return nd(dims, () => Math.fround(low + (high - low) * rng.uniform()));
}

/** A constant of a built model. */
export function constant(values: Nd, name = 'constant'): BuiltTensor {
  return { name, shape: values.dims, data: Float32Array.from(values.data) };
}

export function intConstant(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): BuiltTensor {
  return { name: 'ints', shape, type: 'INT32', data: Int32Array.from(values) };
}

export interface OneOperator {
  readonly op: string;
  readonly options?: readonly Field[];
  /** Shape of the input x, its batch 1. */
  readonly x: readonly number[];
  readonly constants?: readonly BuiltTensor[];
  /** Tensor indices: 0 is x, then the constants. Default: all in this order. */
  readonly inputs?: readonly number[];
  /** Shapes of the outputs, their batch 1. */
  readonly y: readonly (readonly number[])[];
}

export function oneOperator({ op, options = [], x, constants = [], inputs, y }: OneOperator): Uint8Array {
  const first = 1 + constants.length;
  const outputs = y.map((_, k) => first + k);
  return buildTflite({
    tensors: [
      { name: 'x', shape: x },
      ...constants,
      ...y.map((shape, k) => ({ name: `y${k || ''}`, shape })),
    ],
    operators: [{ op, options, inputs: inputs ?? [0, ...constants.map((_, k) => k + 1)], outputs }],
    inputs: [0],
    outputs,
  });
}

export interface Run {
  readonly imported: ImportedModel;
  readonly onnx: ModelProto;
  readonly outputs: Nd[];
}

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];

/**
 * Imports a model and runs it on x, a batch in the order of the file.
 *
 * @param maps - whether outputs of rank 4 come as NCHW and are to be turned back.
 */
export async function runImported(bytes: Uint8Array, x: Nd, maps = true): Promise<Run> {
  const imported = tfliteToOnnx(bytes);
  const session = await ort.InferenceSession.create(imported.model, {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const fed = x.dims.length === 4 ? permuted(x, NCHW) : x;
  const feed = new ort.Tensor('float32', Float32Array.from(fed.data), [...fed.dims]);
  const results = await session.run({ [imported.input.name]: feed });
  const outputs = imported.outputs.map((name) => {
    const { data, dims } = results[name];
    let k = 0;
    const y = nd(dims, () => Number(data[k++]));
    return maps && dims.length === 4 ? permuted(y, NHWC) : y;
  });
  return { imported, onnx: fromBinary(ModelProtoSchema, imported.model), outputs };
}

export function permuted(x: Nd, perm: readonly number[]): Nd {
  return nd(
    perm.map((axis) => x.dims[axis]),
    (...index) => {
      const source = new Array<number>(perm.length);
      perm.forEach((axis, k) => {
        source[axis] = index[k];
      });
      return x.at(...source);
    },
  );
}

/**
 * 1e-5 of the size of the value, at least of 1: sums here have up to a hundred float32 products of
 * order 1, each rounded to 2⁻²⁴.
 */
export function expectClose(actual: Nd, expected: Nd, tolerance = 1e-5): void {
  expect(actual.dims).toEqual(expected.dims);
  let worst = 0;
  actual.data.forEach((v, i) => {
    const off = Math.abs(v - expected.data[i]) / Math.max(1, Math.abs(expected.data[i]));
    worst = Math.max(worst, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
  });
  expect(worst).toBeLessThanOrEqual(tolerance);
}

/** Imports a model of one operator, runs it on a batch of two, and compares every output. */
export async function expectOperator(
  model: OneOperator,
  references: ((x: Nd) => Nd)[],
  { low = -1, high = 1, maps = true, tolerance = 1e-5 } = {},
): Promise<Run> {
  const x = noise([2, ...model.x.slice(1)], 7, low, high);
  const run = await runImported(oneOperator(model), x, maps);
  references.forEach((reference, k) => {
    expectClose(run.outputs[k], reference(x), tolerance);
  });
  return run;
}

/** The operators of a run, in order. */
export function opTypes({ onnx }: Run): string[] {
  return onnx.graph!.node.map((node) => node.opType);
}
