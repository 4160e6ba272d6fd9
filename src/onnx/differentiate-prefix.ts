// A name for what a transformation adds to a graph.

import { subgraphsOf } from './attributes.ts';
import type { GraphProto } from './proto/onnx_pb.ts';

/** `wanted`, made longer until no name in the graph or its subgraphs starts with it. */
export function freePrefix(graph: GraphProto, wanted: string): string {
  let prefix = wanted;
  const visit = (g: GraphProto): boolean =>
    g.initializer.some((t) => t.name.startsWith(`${prefix}/`)) ||
    g.input.some((i) => i.name.startsWith(`${prefix}/`)) ||
    g.node.some((n) => n.output.some((o) => o.startsWith(`${prefix}/`)) || subgraphsOf(n).some(visit));
  while (visit(graph)) prefix += '_';
  return prefix;
}
