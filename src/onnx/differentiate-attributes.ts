// Attributes of the nodes that a transformation adds.

import { create } from '@bufbuild/protobuf';
import { AttributeType } from './proto/constants.ts';
import { type AttributeProto, AttributeProtoSchema, type TensorProto } from './proto/onnx_pb.ts';

/** Attributes of a node: whole numbers and lists of them, `{ float }`, text; undefined leaves one out. */
export type Attributes = Record<string, number | readonly number[] | { float: number } | string | undefined>;

export function attributesOf(attributes: Attributes): AttributeProto[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [attributeOf(name, value)],
  );
}

function attributeOf(name: string, value: NonNullable<Attributes[string]>): AttributeProto {
  if (typeof value === 'string') return stringAttribute(name, value);
  if (typeof value === 'number') return intAttribute(name, value);
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

export function intAttribute(name: string, i: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(i) });
}

export function stringAttribute(name: string, s: string): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(s) });
}

export function tensorAttribute(name: string, t: TensorProto): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t });
}
