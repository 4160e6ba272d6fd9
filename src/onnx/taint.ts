// What depends on what: by value, or by shape alone.

import { type Graph, isStandard } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

/** How the tensors of a graph depend on one of its inputs. */
export interface Taint {
  /** Tensors that carry values of the input. */
  readonly value: ReadonlySet<string>;
  /** Tensors that know no more of the input than its shape. */
  readonly shape: ReadonlySet<string>;
}

/** Whether a node reads nothing of its input but the shape. */
export function readsShapeOnly(node: NodeProto): boolean {
  return isStandard(node) && (node.opType === 'Shape' || node.opType === 'Size');
}

/** Follows the tensors of `sources` through the graph, in one pass. */
export function taintOf(graph: Graph, sources: Iterable<string>): Taint {
  const value = new Set(sources);
  const shape = new Set<string>();
  for (const node of graph.nodes) {
    const reads = graph.reads.get(node)!;
    const byValue = reads.some((name) => value.has(name));
    if (!byValue && !reads.some((name) => shape.has(name))) continue;
    const target = byValue && !readsShapeOnly(node) ? value : shape;
    for (const name of node.output) if (name !== '') target.add(name);
  }
  return { value, shape };
}

/** Tensors whose values reach `output`; what is read only for its shape does not. */
export function reachingOutput(graph: Graph, output: string): Set<string> {
  const reaching = new Set([output]);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (readsShapeOnly(node) || !node.output.some((name) => reaching.has(name))) continue;
    for (const name of graph.reads.get(node)!) reaching.add(name);
  }
  return reaching;
}
