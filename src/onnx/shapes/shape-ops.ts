// Shapes of ops that make tensors of shapes, and of constants.

import { floatOf, floatsOf, tensorOf } from '../attributes.ts';
import { DataType } from '../proto/constants.ts';
import { dimsOf, valuesOf } from '../tensor-values.ts';
import { axisOf, type Call, type Dims, MAX_VALUES, UNKNOWN, type Value } from './value.ts';

/** Dims between `start` and `end` (version 15 on). */
export function shapeSlice(c: Call): Dims | null {
  const data = c.dims(0);
  return data ? data.slice(c.int('start', 0), c.int('end', data.length)) : null;
}

export function Shape(c: Call): Dims | null {
  const dims = shapeSlice(c);
  return dims ? [dims.length] : null;
}

export function Size(): Dims {
  return [];
}

export function ConstantOfShape(c: Call): Dims | null {
  return c.values(0);
}

/** Elements of start, start + delta, … before limit. */
export function Range(c: Call): Dims | null {
  const [start, limit, delta] = [c.values(0)?.[0], c.values(1)?.[0], c.values(2)?.[0]];
  if (start === undefined || limit === undefined || delta === undefined) return null;
  return [Math.max(0, Math.ceil((limit - start) / delta))];
}

export function OneHot(c: Call): Dims | null {
  const indices = c.dims(0);
  const depth = c.values(1)?.[0];
  if (!indices || depth === undefined) return null;
  const axis = axisOf(c.int('axis', -1), indices.length + 1);
  return Number.isNaN(axis) ? null : indices.toSpliced(axis, 0, depth);
}

/** What a Constant node says, in any of its attributes. */
export function constantValue(c: Call): Value {
  const tensor = tensorOf(c.node, 'value');
  if (tensor) return { type: tensor.dataType, dims: dimsOf(tensor), values: valuesOf(tensor, MAX_VALUES) };
  const ints = c.ints('value_ints');
  if (ints) return listValue(DataType.INT64, ints);
  const floats = floatsOf(c.node, 'value_floats');
  if (floats) return listValue(DataType.FLOAT, floats);
  const float = floatOf(c.node, 'value_float', null);
  if (float !== null) return { type: DataType.FLOAT, dims: [], values: [float] };
  if (c.carries('value_int')) return { type: DataType.INT64, dims: [], values: [c.int('value_int', 0)] };
  return UNKNOWN;
}

function listValue(type: number, list: readonly number[]): Value {
  return { type, dims: [list.length], values: list.length <= MAX_VALUES ? list : null };
}
