// The real numbers that a constant tensor stands for: real = (q − zeroPoint)·scale.

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
  const at = elementReader(t);
  const out = new Float32Array(size);
  if (t.type === 'FLOAT32' || t.type === 'FLOAT16' || t.type === 'FLOAT64') {
    for (let i = 0; i < size; i++) out[i] = at(i);
    return out;
  }
  if (!quantisation)
    throw unsupported(`the constant "${t.name}" of ${t.type} without scale where reals are needed`);
  const { scale, zeroPoint } = quantisation;
  if (scale.length === 1) {
    for (let i = 0; i < size; i++) out[i] = (at(i) - zeroPoint[0]) * scale[0];
    return out;
  }
  const inner = innerSize(t, quantisation);
  for (let i = 0; i < size; i++) {
    const c = Math.floor(i / inner) % scale.length;
    out[i] = (at(i) - zeroPoint[c]) * scale[c];
  }
  return out;
}

/** Values of a constant of whole numbers: axes, sizes, paddings. */
export function integers(t: TfliteTensor): number[] {
  if (t.type !== 'INT32' && t.type !== 'INT64') {
    throw malformed(`tensor "${t.name}"`, 'whole numbers of INT32 or INT64', t.type);
  }
  const at = elementReader(t);
  return Array.from({ length: sizeOf(t.shape) }, (_, i) => at(i));
}

/** Elements between two of the same channel. */
function innerSize(t: TfliteTensor, { scale, axis }: Quantisation): number {
  if (t.shape[axis] !== scale.length) {
    throw malformed(`tensor "${t.name}"`, `${scale.length} indices of dim ${axis}`, `[${t.shape}]`);
  }
  return sizeOf(t.shape.slice(axis + 1));
}

function elementReader(t: TfliteTensor): (index: number) => number {
  const data = t.data ?? new Uint8Array(0);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (t.type) {
    case 'FLOAT32':
      return (i) => view.getFloat32(4 * i, true);
    case 'FLOAT64':
      return (i) => view.getFloat64(8 * i, true);
    case 'FLOAT16':
      return (i) => float16(view.getUint16(2 * i, true));
    case 'INT64':
      return (i) => Number(view.getBigInt64(8 * i, true));
    case 'INT32':
      return (i) => view.getInt32(4 * i, true);
    case 'INT16':
      return (i) => view.getInt16(2 * i, true);
    case 'INT8':
      return (i) => view.getInt8(i);
    case 'UINT8':
      return (i) => view.getUint8(i);
    default:
      throw unsupported(`the constant "${t.name}" of ${t.type}`);
  }
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
