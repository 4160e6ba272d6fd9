// The numbers in a TensorProto, in every form of storage that the specification has.

import { DataLocation, DataType } from './proto/constants.ts';
import type { TensorProto } from './proto/onnx_pb.ts';

/** Ranks beyond this are not worked on: no runtime takes them, and a file may claim any. */
export const MAX_RANK = 32;

/** Dims of a tensor as numbers; null if they are not whole numbers ≥ 0 or too many. */
export function dimsOf(t: TensorProto): number[] | null {
  if (t.dims.length > MAX_RANK) return null;
  const dims = t.dims.map(Number);
  return dims.every((d) => Number.isSafeInteger(d) && d >= 0) ? dims : null;
}

/** Whether the numbers of the tensor are in a file beside the model. */
export function isExternal(t: TensorProto): boolean {
  return t.dataLocation === DataLocation.EXTERNAL;
}

/**
 * The numbers of a tensor, in row-major order; 64-bit integers are rounded beyond 2⁵³.
 *
 * @param limit - most elements to read.
 * @returns null if there are more, if they are kept in another file, if the type has no numbers, or if
 *   their count is not that of the dims.
 */
export function valuesOf(t: TensorProto, limit: number): number[] | null {
  const size = sizeOf(t, limit);
  if (size === null) return null;
  const values = t.rawData.length > 0 ? rawValues(t) : fieldValues(t);
  return values && values.length === size ? values : null;
}

/** Whether all numbers of a tensor pass `test`, read one by one up to the first that does not; false where {@link valuesOf} is null. */
export function everyValue(t: TensorProto, limit: number, test: (value: number) => boolean): boolean {
  const size = sizeOf(t, limit);
  if (size === null) return false;
  if (t.rawData.length === 0) {
    const values = fieldValues(t);
    return values?.length === size && values.every(test);
  }
  const reader = readers[t.dataType];
  if (!reader || t.rawData.length !== size * reader.bytes) return false;
  const view = new DataView(t.rawData.buffer, t.rawData.byteOffset, t.rawData.byteLength);
  for (let i = 0; i < size; i++) if (!test(reader.read(view, i * reader.bytes))) return false;
  return true;
}

/** Elements of a tensor whose numbers can be read, or null; see {@link valuesOf}. */
function sizeOf(t: TensorProto, limit: number): number | null {
  const dims = dimsOf(t);
  if (!dims || isExternal(t)) return null;
  let size = 1;
  for (const d of dims) size *= d;
  return size > limit ? null : size;
}

/** Bytes of one element of a DataType; null where an element is not whole bytes of a number. */
export function bytesOf(type: number): number | null {
  return readers[type]?.bytes ?? null;
}

type Reader = { bytes: number; read: (view: DataView, at: number) => number };

const readers: Record<number, Reader | undefined> = {
  [DataType.FLOAT]: { bytes: 4, read: (v, at) => v.getFloat32(at, true) },
  [DataType.DOUBLE]: { bytes: 8, read: (v, at) => v.getFloat64(at, true) },
  [DataType.FLOAT16]: { bytes: 2, read: (v, at) => fromFloat16(v.getUint16(at, true)) },
  [DataType.BFLOAT16]: { bytes: 2, read: (v, at) => fromBfloat16(v.getUint16(at, true)) },
  [DataType.INT8]: { bytes: 1, read: (v, at) => v.getInt8(at) },
  [DataType.UINT8]: { bytes: 1, read: (v, at) => v.getUint8(at) },
  [DataType.BOOL]: { bytes: 1, read: (v, at) => v.getUint8(at) },
  [DataType.INT16]: { bytes: 2, read: (v, at) => v.getInt16(at, true) },
  [DataType.UINT16]: { bytes: 2, read: (v, at) => v.getUint16(at, true) },
  [DataType.INT32]: { bytes: 4, read: (v, at) => v.getInt32(at, true) },
  [DataType.UINT32]: { bytes: 4, read: (v, at) => v.getUint32(at, true) },
  [DataType.INT64]: { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  [DataType.UINT64]: { bytes: 8, read: (v, at) => Number(v.getBigUint64(at, true)) },
};

function rawValues(t: TensorProto): number[] | null {
  const reader = readers[t.dataType];
  if (!reader || t.rawData.length % reader.bytes !== 0) return null;
  const view = new DataView(t.rawData.buffer, t.rawData.byteOffset, t.rawData.byteLength);
  const values = new Array<number>(t.rawData.length / reader.bytes);
  for (let i = 0; i < values.length; i++) values[i] = reader.read(view, i * reader.bytes);
  return values;
}

function fieldValues(t: TensorProto): number[] | null {
  switch (t.dataType) {
    case DataType.FLOAT:
      return t.floatData;
    case DataType.DOUBLE:
      return t.doubleData;
    case DataType.INT64:
      return t.int64Data.map(Number);
    case DataType.UINT32:
    case DataType.UINT64:
      return t.uint64Data.map(Number);
    case DataType.FLOAT16:
      return t.int32Data.map(fromFloat16);
    case DataType.BFLOAT16:
      return t.int32Data.map(fromBfloat16);
    case DataType.INT32:
    case DataType.INT16:
    case DataType.INT8:
    case DataType.UINT16:
    case DataType.UINT8:
    case DataType.BOOL:
      return t.int32Data;
    default:
      return null;
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a binary32. */
function fromBfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}
