// The real numbers that a constant tensor stands for: real = (q − zeroPoint)·scale.

import { fromHalf } from '../../tensor/half.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { malformed, unsupported } from './fail.ts';
import type { Quantisation, TfliteTensor } from './read.ts';

/**
 * Values of a constant as float32, in the order of its shape.
 *
 * @param quantisation - for int32 biases without their own: s_in·s_w. Default: the tensor's.
 */
export function dequantise(t: TfliteTensor, quantisation = t.quantisation): Float32Array {
  const size = sizeOf(t.shape);
  const values = elements(t);
  if (t.type === 'FLOAT32' || t.type === 'FLOAT16' || t.type === 'FLOAT64') {
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }
  if (!quantisation)
    throw unsupported(`the constant "${t.name}" of ${t.type} without scale where reals are needed`);
  const { scale, zeroPoint } = quantisation;
  const inner = scale.length === 1 ? size : innerSize(t, quantisation);
  const out = new Float32Array(size);
  for (let start = 0, c = 0; start < size; start += inner, c = (c + 1) % scale.length) {
    for (let i = start; i < start + inner; i++) out[i] = (values[i] - zeroPoint[c]) * scale[c];
  }
  return out;
}

/** Values of a constant of whole numbers: axes, sizes, paddings. */
export function integers(t: TfliteTensor): number[] {
  if (t.type !== 'INT32' && t.type !== 'INT64') {
    throw malformed(`tensor "${t.name}"`, 'whole numbers of INT32 or INT64', t.type);
  }
  return Array.from(elements(t));
}

/** Elements between two of the same channel. */
function innerSize(t: TfliteTensor, { scale, axis }: Quantisation): number {
  if (t.shape[axis] !== scale.length) {
    throw malformed(`tensor "${t.name}"`, `${scale.length} indices of dim ${axis}`, `[${t.shape}]`);
  }
  return sizeOf(t.shape.slice(axis + 1));
}

/** The elements as they are stored, little-endian. */
function elements(t: TfliteTensor): ArrayLike<number> {
  const data = t.data ?? new Uint8Array(0);
  const aligned = (): ArrayBuffer => new Uint8Array(data).buffer; // a copy, also of a Buffer
  switch (t.type) {
    case 'FLOAT32':
      return new Float32Array(aligned());
    case 'FLOAT64':
      return new Float64Array(aligned());
    case 'FLOAT16':
      return Float32Array.from(new Uint16Array(aligned()), fromHalf);
    case 'INT64':
      return Float64Array.from(new BigInt64Array(aligned()), Number);
    case 'INT32':
      return new Int32Array(aligned());
    case 'INT16':
      return new Int16Array(aligned());
    case 'INT8':
      return new Int8Array(data.buffer, data.byteOffset, data.length);
    case 'UINT8':
      return data;
    default:
      throw unsupported(`the constant "${t.name}" of ${t.type}`);
  }
}
