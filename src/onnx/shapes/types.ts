// Element types of outputs.

import { tensorOf } from '../attributes.ts';
import { DataType } from '../proto/constants.ts';
import type { Call } from './value.ts';

const BOOLEAN = new Set(
  'And Or Xor Not Equal Greater Less GreaterOrEqual LessOrEqual IsInf IsNaN'.split(' '),
);
const INDEX = new Set('Shape Size ArgMax ArgMin NonZero'.split(' '));

/** DataType of output `index` of a node; most ops keep that of their first input. */
export function outputType(c: Call, index: number): number {
  const op = c.node.opType;
  if (BOOLEAN.has(op)) return DataType.BOOL;
  if (INDEX.has(op)) return DataType.INT64;
  switch (op) {
    case 'Cast':
      return c.int('to', DataType.UNDEFINED);
    case 'CastLike':
    case 'Where':
    case 'DequantizeLinear':
      return c.type(1);
    case 'QuantizeLinear':
      return c.has(2) ? c.type(2) : c.int('output_dtype', DataType.UINT8) || DataType.UINT8;
    case 'DynamicQuantizeLinear':
      return index === 1 ? DataType.FLOAT : DataType.UINT8;
    case 'ConvInteger':
    case 'MatMulInteger':
      return DataType.INT32;
    case 'QLinearConv':
    case 'QLinearMatMul':
      return c.type(7);
    case 'TopK':
    case 'MaxPool':
      return index === 1 ? DataType.INT64 : c.type(0);
    case 'Dropout':
      return index === 1 ? DataType.BOOL : c.type(0);
    case 'OneHot':
    case 'EmbedLayerNormalization':
      return c.type(2);
    case 'ConstantOfShape':
      return tensorOf(c.node, 'value')?.dataType ?? DataType.FLOAT;
    case 'EyeLike':
    case 'RandomNormalLike':
    case 'RandomUniformLike':
    case 'Bernoulli':
      return c.int('dtype', c.type(0));
    case 'RandomNormal':
    case 'RandomUniform':
      return c.int('dtype', DataType.FLOAT);
    default:
      return c.type(0);
  }
}
