// Axes and indices that nodes carry as attributes in some versions and as constant inputs in others.

import { intOf, intsOf, tensorOf } from './attributes.ts';
import type { Graph } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { valuesOf } from './tensor-values.ts';

/** Longer lists are not axes. */
const MAX_LENGTH = 64;

/** Values of a small constant: an initialiser, a Constant node, or an Identity of one; null if it is none. */
export function constantValues(graph: Graph, name: string): readonly number[] | null {
  let at = name;
  for (let hops = 0; hops < 8; hops++) {
    const weights = graph.initializers.get(at);
    if (weights) return valuesOf(weights, MAX_LENGTH);
    const node = graph.producer.get(at);
    if (node?.opType === 'Identity') {
      at = node.input[0];
      continue;
    }
    if (node?.opType !== 'Constant') return null;
    const tensor = tensorOf(node, 'value');
    if (tensor) return valuesOf(tensor, MAX_LENGTH);
    return (
      intsOf(node, 'value_ints') ??
      (intOf(node, 'value_int', null) === null ? null : [intOf(node, 'value_int', 0)])
    );
  }
  return null;
}

/** Axes that a Reduce* node reduces, ascending in [0, rank); null for another node or if they are not constant. */
export function reductionAxes(graph: Graph, node: NodeProto, rank: number): number[] | null {
  if (!node.opType.startsWith('Reduce')) return null;
  const given = node.input[1] ? constantValues(graph, node.input[1]) : intsOf(node, 'axes');
  if (node.input[1] && !given) return null;
  if (!given || given.length === 0) {
    return intOf(node, 'noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  return given.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b);
}

/**
 * The constant indices [start, end) that a Gather or Slice takes along one axis; null for another node,
 * several axes, steps other than 1, or what is not constant. Indices count from the end if negative.
 */
export function selectedRange(
  graph: Graph,
  node: NodeProto,
  rank: number,
): { axis: number; start: number; end: number } | null {
  const list = (index: number, attribute: string): readonly number[] | null =>
    node.input[index] ? constantValues(graph, node.input[index]) : intsOf(node, attribute);
  const wrap = (axis: number): number => (axis < 0 ? axis + rank : axis);
  if (node.opType === 'Gather') {
    const indices = constantValues(graph, node.input[1]);
    if (indices?.length !== 1) return null;
    const [start] = indices;
    return {
      axis: wrap(intOf(node, 'axis', 0)),
      start,
      end: start === -1 ? Number.MAX_SAFE_INTEGER : start + 1,
    };
  }
  if (node.opType !== 'Slice') return null;
  const starts = list(1, 'starts');
  const ends = list(2, 'ends');
  const axes = list(3, 'axes') ?? [0];
  const steps = node.input[4] ? constantValues(graph, node.input[4]) : [1];
  if (starts?.length !== 1 || ends?.length !== 1 || axes.length !== 1 || steps?.[0] !== 1) return null;
  return { axis: wrap(axes[0]), start: starts[0], end: ends[0] };
}
