// The valid cuts of a graph: tensors that everything the output learns of the input passes through.
//
// Notation: the path = nodes that carry values of the input to the output; a tensor is live while nodes
// of the path still have to read it. A tensor t is a cut iff, after the node that makes it, {t} is live.
// The shape of a tensor is not information here: cut.ts rebuilds shapes from the latent's own dims.

import type { Graph } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { reachingOutput, type Taint, taintOf } from './taint.ts';

export interface Path {
  readonly input: string;
  readonly output: string;
  readonly taint: Taint;
  /** Nodes that carry values of the input to the output, in topological order. */
  readonly nodes: readonly NodeProto[];
  /** Index in `nodes` of the node that makes a tensor. */
  readonly position: ReadonlyMap<string, number>;
  /** Valid cuts in order, without the input; the last is the output. Empty if the output ignores the input. */
  readonly cuts: readonly string[];
}

/** Finds the path from `input` to `output` and its cuts; O(nodes + edges). */
export function pathBetween(graph: Graph, input: string, output: string): Path {
  const taint = taintOf(graph, [input]);
  const reaching = reachingOutput(graph, output);
  const position = new Map<string, number>();
  const nodes: NodeProto[] = [];
  for (const node of graph.nodes) {
    const made = node.output.filter((name) => taint.value.has(name) && reaching.has(name));
    if (made.length === 0) continue;
    for (const name of made) position.set(name, nodes.length);
    nodes.push(node);
  }
  const path = { input, output, taint, nodes, position };
  const cuts: string[] = [];
  sweep(graph, path, (tensor, live) => {
    if (live.size === 1 && live.has(tensor)) cuts.push(tensor);
    return true;
  });
  return { ...path, cuts };
}

/** Other tensors that are live when `tensor` is made: what bypasses it. Empty for a cut. */
export function bypassing(graph: Graph, path: Path, tensor: string): string[] {
  let others: string[] = [];
  sweep(graph, path, (made, live) => {
    if (made !== tensor) return true;
    others = [...live].filter((name) => name !== tensor);
    return false;
  });
  return others;
}

/** Visits every tensor of the path with the set that is live after its node, until `visit` says false. */
function sweep(
  graph: Graph,
  path: Omit<Path, 'cuts'>,
  visit: (tensor: string, live: ReadonlySet<string>) => boolean,
): void {
  const onPath = (name: string): boolean => name === path.input || path.position.has(name);
  const readers = new Map<string, number>();
  for (const node of path.nodes) {
    for (const name of graph.reads.get(node)!) {
      if (onPath(name)) readers.set(name, (readers.get(name) ?? 0) + 1);
    }
  }
  const live = new Set([path.input]);
  for (const node of path.nodes) {
    for (const name of graph.reads.get(node)!) {
      if (!onPath(name)) continue;
      const left = readers.get(name)! - 1;
      readers.set(name, left);
      // the output stays: it is read by whoever runs the model
      if (left === 0 && name !== path.output) live.delete(name);
    }
    const made = node.output.filter((name) => path.position.has(name));
    for (const name of made) live.add(name);
    for (const name of made) if (!visit(name, live)) return;
  }
}
