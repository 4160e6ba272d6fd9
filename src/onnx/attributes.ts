// The attributes of a node as plain values.

import { AttributeType } from './proto/constants.ts';
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from './proto/onnx_pb.ts';

const text = new TextDecoder();

function find(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((a) => a.name === name);
}

/** Whether the node carries the attribute. */
export function hasAttribute(node: NodeProto, name: string): boolean {
  return find(node, name) !== undefined;
}

/** An INT attribute; `otherwise` if it is absent. Beyond 2⁵³ it is rounded (INT64_MAX stands for "to the end"). */
export function intOf<T>(node: NodeProto, name: string, otherwise: T): number | T {
  const a = find(node, name);
  return a ? Number(a.i) : otherwise;
}

/** A FLOAT attribute; `otherwise` if it is absent. */
export function floatOf<T>(node: NodeProto, name: string, otherwise: T): number | T {
  const a = find(node, name);
  return a ? a.f : otherwise;
}

/** An INTS attribute; null if it is absent. */
export function intsOf(node: NodeProto, name: string): number[] | null {
  const a = find(node, name);
  return a ? a.ints.map(Number) : null;
}

/** A FLOATS attribute; null if it is absent. */
export function floatsOf(node: NodeProto, name: string): number[] | null {
  return find(node, name)?.floats ?? null;
}

/** A STRING attribute; `otherwise` if it is absent. */
export function stringOf(node: NodeProto, name: string, otherwise: string): string {
  const a = find(node, name);
  return a ? text.decode(a.s) : otherwise;
}

/** A TENSOR attribute; null if it is absent. */
export function tensorOf(node: NodeProto, name: string): TensorProto | null {
  return find(node, name)?.t ?? null;
}

/** A GRAPH attribute (a branch of If, a body of Loop); null if it is absent. */
export function graphOf(node: NodeProto, name: string): GraphProto | null {
  return find(node, name)?.g ?? null;
}

/** Every graph that the node holds. */
export function subgraphsOf(node: NodeProto): GraphProto[] {
  const graphs: GraphProto[] = [];
  for (const a of node.attribute) {
    if (a.g && (a.type === AttributeType.GRAPH || a.type === AttributeType.UNDEFINED)) graphs.push(a.g);
    for (const g of a.graphs) graphs.push(g);
  }
  return graphs;
}
