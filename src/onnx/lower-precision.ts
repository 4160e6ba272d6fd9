// Half and double precision models as float32 ones: the gradient rules, and the runtime's kernels for most of
// what they write, are of float32. Weights stay where they are; a Cast of each is folded when the model is loaded.

import { clone, create } from '@bufbuild/protobuf';
import { FLOAT_TYPES } from './analysis.ts';
import { intOf, subgraphsOf, tensorOf } from './attributes.ts';
import { intAttribute } from './differentiate-attributes.ts';
import { Emitter } from './differentiate-emit.ts';
import { freePrefix } from './differentiate-prefix.ts';
import { DataType } from './proto/constants.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb.ts';
import { valuesOf } from './tensor-values.ts';

/** Longer constants stay as they are, with a Cast; shorter ones may be bounds or exponents that a rule reads. */
const MAX_WRITTEN_OUT = 64;

const isOther = (type: number): boolean => FLOAT_TYPES.has(type) && type !== DataType.FLOAT;

/**
 * The same function in float32: its inputs and outputs, too. Roundings to half precision in between are left
 * out. The model itself if it is of float32, or if it has branches (If, Loop), whose types are not followed.
 */
export function inSinglePrecision(model: ModelProto): ModelProto {
  const graph = model.graph!;
  if (!hasOtherPrecision(graph) || graph.node.some((n) => subgraphsOf(n).length > 0)) return model;
  const b = new Emitter(freePrefix(graph, 'single'));
  const initializer = graph.initializer.map((t) => (isOther(t.dataType) ? single(b, t) : t));
  for (const node of graph.node) b.nodes.push(...singleNode(b, node));
  const lowered = Object.assign(create(GraphProtoSchema), graph, {
    initializer: [...initializer, ...b.initializers],
    node: b.nodes,
    input: graph.input.map(retyped),
    output: graph.output.map(retyped),
    valueInfo: graph.valueInfo.map(retyped),
  });
  return Object.assign(create(ModelProtoSchema), model, { graph: lowered });
}

function hasOtherPrecision(graph: GraphProto): boolean {
  const isHalf = (type: number): boolean => type === DataType.FLOAT16 || type === DataType.BFLOAT16;
  return (
    graph.initializer.some((t) => isOther(t.dataType)) ||
    graph.input.some(({ type }) => type?.value.case === 'tensorType' && isOther(type.value.value.elemType)) ||
    graph.node.some((n) => n.opType === 'Cast' && isHalf(intOf(n, 'to', 0)))
  );
}

/** The tensor in float32 under its name: written out if it is small, else made of the renamed one. */
function single(b: Emitter, t: TensorProto): TensorProto {
  const written = inFloats(t);
  if (written) return written;
  const name = b.fresh('weights');
  b.op('Cast', [name], { to: DataType.FLOAT }, t.name);
  return Object.assign(create(TensorProtoSchema), t, { name });
}

function inFloats(t: TensorProto): TensorProto | null {
  const floatData = valuesOf(t, MAX_WRITTEN_OUT);
  return (
    floatData &&
    create(TensorProtoSchema, { name: t.name, dims: t.dims, dataType: DataType.FLOAT, floatData })
  );
}

/** The node with what it says of types changed; a long constant with a Cast behind it. */
function singleNode(b: Emitter, node: NodeProto): NodeProto[] {
  if (node.opType === 'Cast' && isOther(intOf(node, 'to', 0))) {
    return [withAttribute(node, intAttribute('to', DataType.FLOAT))];
  }
  const value = tensorOf(node, 'value');
  if (!value || !isOther(value.dataType)) return [node];
  const t = inFloats(value);
  if (t) {
    const attribute = node.attribute.find((a) => a.name === 'value')!;
    return [withAttribute(node, Object.assign(create(AttributeProtoSchema), attribute, { t }))];
  }
  const name = b.fresh('constant');
  const renamed = Object.assign(create(NodeProtoSchema), node, { output: [name] });
  return [renamed, ...b.apart(() => b.op('Cast', [name], { to: DataType.FLOAT }, node.output[0]))];
}

function withAttribute(node: NodeProto, attribute: AttributeProto): NodeProto {
  const others = node.attribute.filter((a) => a.name !== attribute.name);
  return Object.assign(create(NodeProtoSchema), node, { attribute: [...others, attribute] });
}

function retyped(info: ValueInfoProto): ValueInfoProto {
  const copy = clone(ValueInfoProtoSchema, info);
  const tensor = copy.type?.value.case === 'tensorType' ? copy.type.value.value : null;
  if (tensor && isOther(tensor.elemType)) tensor.elemType = DataType.FLOAT;
  return copy;
}
