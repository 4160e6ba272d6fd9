// Functions of the model: ops that are defined in the file by other ops.

import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from '../proto/onnx_pb.ts';

/** Functions by `domain:name:overload`. */
export function functionsOf(model: ModelProto): Map<string, FunctionProto> {
  return new Map(model.functions.map((f) => [`${f.domain}:${f.name}:${f.overload}`, f]));
}

/** The body of a function with references to its attributes replaced by what the call or the default says. */
export function bindAttributes(fn: FunctionProto, call: NodeProto): NodeProto[] {
  const given = new Map<string, AttributeProto>();
  for (const a of [...fn.attributeProto, ...call.attribute]) given.set(a.name, a);
  return fn.node.map((node) => {
    if (!node.attribute.some((a) => a.refAttrName !== '')) return node;
    const attribute = node.attribute.flatMap((a) => {
      if (a.refAttrName === '') return [a];
      const value = given.get(a.refAttrName);
      return value ? [Object.assign(create(AttributeProtoSchema), value, { name: a.name })] : [];
    });
    return Object.assign(create(NodeProtoSchema), node, { attribute });
  });
}
