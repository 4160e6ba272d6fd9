// Small TFLite files for tests, written with the FlatBuffers builder by the field numbers of
// tensorflow/lite/schema/schema.fbs.

import { Builder } from 'flatbuffers';
import { operatorCode, tensorTypeCode } from '../../src/formats/tflite/schema.ts';

/** One field of an options table: its number in the schema, its type, its value. */
export type Field =
  | { readonly field: number; readonly type: 'int8' | 'int32' | 'float32'; readonly value: number }
  | { readonly field: number; readonly type: 'ints'; readonly value: readonly number[] };

export const int8 = (field: number, value: number): Field => ({ field, type: 'int8', value });
export const int32 = (field: number, value: number): Field => ({ field, type: 'int32', value });
export const float32 = (field: number, value: number): Field => ({ field, type: 'float32', value });
export const bool = (field: number, value: boolean): Field => ({ field, type: 'int8', value: value ? 1 : 0 });

export interface BuiltTensor {
  readonly name?: string;
  readonly shape: readonly number[];
  readonly signature?: readonly number[];
  /** Default: FLOAT32. */
  readonly type?: string;
  /** A constant's elements, in the bytes that the type says. */
  readonly data?: ArrayBufferView;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly sparse?: boolean;
}

export interface BuiltOperator {
  /** Name of the schema, or of a custom operator. */
  readonly op: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: readonly Field[];
}

export interface BuiltModel {
  readonly tensors: readonly BuiltTensor[];
  readonly operators: readonly BuiltOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly version?: number;
}

/** BuiltinOptions: the number of the options table that an operator has; the runtime reads no other. */
const OPTIONS_OF: Record<string, number> = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 2,
  AVERAGE_POOL_2D: 5,
  MAX_POOL_2D: 5,
  FULLY_CONNECTED: 8,
  SOFTMAX: 9,
  CONCATENATION: 10,
  ADD: 11,
  L2_NORMALIZATION: 12,
  LOCAL_RESPONSE_NORMALIZATION: 13,
  RESIZE_BILINEAR: 15,
  RESHAPE: 17,
  SPACE_TO_DEPTH: 19,
  MUL: 21,
  GATHER: 23,
  MEAN: 27,
  SUM: 27,
  REDUCE_MAX: 27,
  REDUCE_MIN: 27,
  SUB: 28,
  DIV: 29,
  STRIDED_SLICE: 32,
  SPLIT: 35,
  TRANSPOSE_CONV: 49,
  FAKE_QUANT: 58,
  PACK: 59,
  RESIZE_NEAREST_NEIGHBOR: 74,
  LEAKY_RELU: 75,
  MIRROR_PAD: 77,
  SPLIT_V: 79,
  DEPTH_TO_SPACE: 94,
  BATCH_MATMUL: 101,
  GELU: 116,
};

export function buildTflite(model: BuiltModel): Uint8Array {
  const b = new Builder(1024);
  const names = [...new Set(model.operators.map((o) => o.op))];
  const codes = tableVector(
    b,
    names.map((name) => operatorCodeTable(b, name)),
  );

  // The first buffer is empty by convention; tensors with the same data share one, as converters do.
  const buffers = [table(b, 1, () => {})];
  const stored = new Map<ArrayBufferView, number>();
  const tensors = model.tensors.map((t) => {
    if (t.data && !stored.has(t.data)) stored.set(t.data, buffers.push(bufferTable(b, t.data)) - 1);
    return tensorTable(b, t, t.data ? stored.get(t.data)! : 0);
  });
  const tensorVector = tableVector(b, tensors);
  const operatorVector = tableVector(
    b,
    model.operators.map((o) => operatorTable(b, o, names.indexOf(o.op))),
  );
  const inputs = intVector(b, model.inputs);
  const outputs = intVector(b, model.outputs);
  const graph = table(b, 5, () => {
    b.addFieldOffset(0, tensorVector, 0);
    b.addFieldOffset(1, inputs, 0);
    b.addFieldOffset(2, outputs, 0);
    b.addFieldOffset(3, operatorVector, 0);
  });
  const graphs = tableVector(b, [graph]);
  const bufferVector = tableVector(b, buffers);
  const root = table(b, 8, () => {
    b.addFieldInt32(0, model.version ?? 3, 0);
    b.addFieldOffset(1, codes, 0);
    b.addFieldOffset(2, graphs, 0);
    b.addFieldOffset(4, bufferVector, 0);
  });
  b.finish(root, 'TFL3');
  return b.asUint8Array().slice();
}

function operatorCodeTable(b: Builder, name: string): number {
  const builtin = operatorCode(name);
  const custom = builtin < 0 ? b.createString(name) : 0;
  const code = builtin < 0 ? operatorCode('CUSTOM') : builtin;
  return table(b, 4, () => {
    b.addFieldInt8(0, Math.min(code, 127), 0);
    if (custom) b.addFieldOffset(1, custom, 0);
    b.addFieldInt32(3, code, 0);
  });
}

function bufferTable(b: Builder, data: ArrayBufferView): number {
  const vector = b.createByteVector(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return table(b, 1, () => b.addFieldOffset(0, vector, 0));
}

function tensorTable(b: Builder, t: BuiltTensor, buffer: number): number {
  const name = b.createString(t.name ?? '');
  const shape = intVector(b, t.shape);
  const signature = t.signature ? intVector(b, t.signature) : 0;
  const quantisation = t.scale ? quantisationTable(b, t) : 0;
  const sparsity = t.sparse ? table(b, 3, () => {}) : 0;
  return table(b, 8, () => {
    b.addFieldOffset(0, shape, 0);
    b.addFieldInt8(1, tensorTypeCode(t.type ?? 'FLOAT32'), 0);
    b.addFieldInt32(2, buffer, 0);
    b.addFieldOffset(3, name, 0);
    b.addFieldOffset(4, quantisation, 0);
    b.addFieldOffset(6, sparsity, 0);
    b.addFieldOffset(7, signature, 0);
  });
}

function quantisationTable(b: Builder, t: BuiltTensor): number {
  const scale = t.scale ?? [];
  b.startVector(4, scale.length, 4);
  for (const s of [...scale].reverse()) b.addFloat32(s);
  const scales = b.endVector();
  const zeroPoint = t.zeroPoint ?? scale.map(() => 0);
  b.startVector(8, zeroPoint.length, 8);
  for (const z of [...zeroPoint].reverse()) b.addInt64(BigInt(z));
  const zeroPoints = b.endVector();
  return table(b, 7, () => {
    b.addFieldOffset(2, scales, 0);
    b.addFieldOffset(3, zeroPoints, 0);
    b.addFieldInt32(6, t.axis ?? 0, 0);
  });
}

function operatorTable(b: Builder, o: BuiltOperator, code: number): number {
  const inputs = intVector(b, o.inputs);
  const outputs = intVector(b, o.outputs);
  const options = o.options ? optionsTable(b, o.options) : 0;
  return table(b, 5, () => {
    b.addFieldInt32(0, code, 0);
    b.addFieldOffset(1, inputs, 0);
    b.addFieldOffset(2, outputs, 0);
    b.addFieldInt8(3, options ? (OPTIONS_OF[o.op] ?? 0) : 0, 0);
    b.addFieldOffset(4, options, 0);
  });
}

function optionsTable(b: Builder, fields: readonly Field[]): number {
  const vectors = fields.map((f) => (f.type === 'ints' ? intVector(b, f.value) : 0));
  return table(b, 1 + Math.max(-1, ...fields.map((f) => f.field)), () => {
    fields.forEach((f, k) => {
      if (f.type === 'ints') b.addFieldOffset(f.field, vectors[k], 0);
      // null: written even where the value is the default
      else if (f.type === 'int8') b.addFieldInt8(f.field, f.value, null);
      else if (f.type === 'int32') b.addFieldInt32(f.field, f.value, null);
      else b.addFieldFloat32(f.field, f.value, null);
    });
  });
}

function table(b: Builder, fields: number, add: () => void): number {
  b.startObject(fields);
  add();
  return b.endObject();
}

function tableVector(b: Builder, offsets: readonly number[]): number {
  b.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) b.addOffset(offset);
  return b.endVector();
}

function intVector(b: Builder, values: readonly number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of [...values].reverse()) b.addInt32(v);
  return b.endVector();
}
