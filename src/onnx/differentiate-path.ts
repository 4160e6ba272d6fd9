// The nodes that gradients flow through: from the tensors asked for to the target, by ops that have a slope.

import { FLOAT_TYPES } from './analysis.ts';
import { type Graph, isStandard } from './graph.ts';
import { DataType } from './proto/constants.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { FLAT_OPS, QUANTISED_OPS, ruleOf } from './rules/table.ts';
import type { Shapes } from './shapes/infer.ts';

export interface ActivePath {
  readonly sources: ReadonlySet<string>;
  /** Tensors that change smoothly with a source. */
  readonly active: ReadonlySet<string>;
  /** Of those, the ones that the target depends on, sources included. */
  readonly needed: ReadonlySet<string>;
  /** Nodes from sources to the target, in topological order. */
  readonly nodes: readonly NodeProto[];
}

/** Follows the sources to the target; O(nodes + edges). A source that does not reach it is not `needed`. */
export function activePath(
  graph: Graph,
  shapes: Shapes,
  sources: Iterable<string>,
  target: string,
): ActivePath {
  const active = new Set(sources);
  for (const node of graph.nodes) {
    if (isFlat(node) || !graph.reads.get(node)!.some((name) => active.has(name))) continue;
    for (const name of node.output) {
      if (name !== '' && carriesSlope(shapes, node, name, active)) active.add(name);
    }
  }
  const needed = new Set(active.has(target) ? [target] : []);
  const nodes: NodeProto[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (isFlat(node) || !node.output.some((name) => needed.has(name))) continue;
    const read = graph.reads.get(node)!.filter((name) => active.has(name));
    if (read.length === 0) continue;
    nodes.push(node);
    for (const name of read) needed.add(name);
  }
  return { sources: new Set(sources), active, needed, nodes: nodes.reverse() };
}

function isFlat(node: NodeProto): boolean {
  return isStandard(node) && FLAT_OPS.has(node.opType);
}

/**
 * Floats do; whole numbers do between QuantizeLinear and DequantizeLinear. What computes with these and has no rule, such
 * as QLinearConv, is on the path, so that it is named.
 */
function carriesSlope(shapes: Shapes, node: NodeProto, output: string, active: ReadonlySet<string>): boolean {
  const isFloat = (name: string): boolean => {
    const type = shapes.typeOf(name);
    return type === DataType.UNDEFINED || FLOAT_TYPES.has(type);
  };
  if (isFloat(output)) return true;
  if (!ruleOf(node)) return node.input.some((name) => active.has(name) && !isFloat(name));
  return (
    node.opType === 'QuantizeLinear' ||
    (QUANTISED_OPS.has(node.opType) && active.has(node.input[0]) && output === node.output[0])
  );
}
