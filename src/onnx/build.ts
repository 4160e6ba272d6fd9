// Makes the messages of a graph from plain values.

import { create } from '@bufbuild/protobuf';
import { AttributeType, DataType } from './proto/constants.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb.ts';

/** Attribute values: whole numbers and lists of them; other kinds are made by the caller. */
export type IntAttributes = Record<string, number | readonly number[]>;

/** A node of the default operator set. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: IntAttributes = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: output[0],
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => intAttribute(name, value)),
  });
}

function intAttribute(name: string, value: number | readonly number[]): AttributeProto {
  return typeof value === 'number'
    ? create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** An INT64 tensor; `dims` defaults to those of a vector. */
export function int64Tensor(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: DataType.INT64,
    dims: dims.map(BigInt),
    int64Data: values.map(BigInt),
  });
}

/** A tensor's name, type and dims: a number is fixed, a string a free dim; null dims leave the rank open. */
export function valueInfo(
  name: string,
  elemType: number,
  dims: readonly (number | string)[] | null,
): ValueInfoProto {
  const shape =
    dims &&
    create(TensorShapeProtoSchema, {
      dim: dims.map((d) =>
        create(TensorShapeProto_DimensionSchema, {
          value:
            typeof d === 'number' ? { case: 'dimValue', value: BigInt(d) } : { case: 'dimParam', value: d },
        }),
      ),
    });
  const tensor = create(TypeProto_TensorSchema, shape ? { elemType, shape } : { elemType });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}
