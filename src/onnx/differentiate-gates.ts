// x · σ(x), SiLU, as exporters write it: one step back instead of two, which meet in a sum.

import type { ActivePath } from './differentiate-path.ts';
import { type Graph, isStandard } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

export interface Gate {
  readonly x: string;
  /** σ(x). */
  readonly open: string;
}

/** The Mul nodes on the path that are x · σ(x), where nothing else has to do with σ(x). */
export function gatesOf(graph: Graph, path: ActivePath): ReadonlyMap<NodeProto, Gate> {
  const gates = new Map<NodeProto, Gate>();
  for (const node of path.nodes) {
    const gate = node.opType === 'Mul' && isStandard(node) ? gateOf(graph, node) : null;
    if (gate && path.active.has(gate.x) && !path.sources.has(gate.open)) gates.set(node, gate);
  }
  return gates;
}

function gateOf(graph: Graph, { input: [a, b] }: NodeProto): Gate | null {
  for (const [x, open] of [
    [a, b],
    [b, a],
  ]) {
    const sigmoid = graph.producer.get(open);
    const isGate = sigmoid?.opType === 'Sigmoid' && isStandard(sigmoid) && sigmoid.input[0] === x;
    if (isGate && graph.consumers.get(open)?.length === 1) return { x, open };
  }
  return null;
}
