// How the rest of the network reads the locations of a layer: their mean, the prefix token, or all.

import type { Analysis } from './analysis.ts';
import { intOf, intsOf } from './attributes.ts';
import { isStandard } from './graph.ts';
import type { AnyLayout } from './layouts.ts';
import { reductionAxes, selectedRange } from './node-axes.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

export type Reads = 'mean' | 'prefix' | 'all';

const LOCATION_AXES: Record<AnyLayout, number[]> = { NCHW: [2, 3], NHWC: [1, 2], NTC: [1], NCT: [2], NC: [] };

/** Nodes that a search for the pool looks through: transposes and reshapes stand before it, no more. */
const MAX_HOPS = 6;

/** Whether a plain mean over all locations reads the tensor, perhaps after a transpose or reshape. */
export function isPooled(analysis: Analysis, tensor: string, layout: AnyLayout | null): boolean {
  if (!layout || layout === 'NC') return false;
  let at = tensor;
  let axes = LOCATION_AXES[layout];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const readers = (analysis.graph.consumers.get(at) ?? []).filter((n) => isOnPath(analysis, n));
    if (readers.some((node) => isMeanOver(analysis, node, at, axes))) return true;
    if (readers.length !== 1) return false;
    const moved = axesAfter(analysis, readers[0], at, axes);
    if (!moved) return false;
    axes = moved;
    at = readers[0].output[0];
  }
  return false;
}

function isOnPath(analysis: Analysis, node: NodeProto): boolean {
  return node.output.some((name) => analysis.path.position.has(name));
}

function isMeanOver(analysis: Analysis, node: NodeProto, tensor: string, axes: readonly number[]): boolean {
  const rank = analysis.shapes.dimsOf(tensor)?.length ?? 0;
  if (!isStandard(node) || node.input[0] !== tensor) return false;
  switch (node.opType) {
    case 'GlobalAveragePool':
      return axes.length === rank - 2 && axes.every((a) => a >= 2);
    case 'ReduceMean':
      return String(reductionAxes(analysis.graph, node, rank)) === String(axes);
    case 'AveragePool':
      return axes[0] === 2 && coversAll(analysis, node, axes);
    default:
      return false;
  }
}

/** Whether one window of a pool takes in every place, and counts no padding. */
function coversAll(analysis: Analysis, node: NodeProto, axes: readonly number[]): boolean {
  const before = analysis.shapes.dimsOf(node.input[0]);
  const after = analysis.shapes.dimsOf(node.output[0]);
  const kernel = intsOf(node, 'kernel_shape') ?? [];
  const pads = intsOf(node, 'pads') ?? [];
  const countsPadding = intOf(node, 'count_include_pad', 0) === 1 && pads.some((p) => p > 0);
  return axes.every((axis) => {
    const size = before?.[axis];
    const reach = kernel[axis - 2] - (pads[axis - 2] ?? 0);
    return after?.[axis] === 1 && typeof size === 'number' && reach >= size && !countsPadding;
  });
}

/** Axes of the locations after a node that only moves elements; null for other nodes. */
function axesAfter(
  analysis: Analysis,
  node: NodeProto,
  tensor: string,
  axes: readonly number[],
): number[] | null {
  if (!isStandard(node)) return null;
  switch (node.opType) {
    case 'Identity':
    case 'Dropout':
    case 'Cast':
    case 'QuantizeLinear':
    case 'DequantizeLinear':
      return [...axes];
    case 'Transpose': {
      const perm = intsOf(node, 'perm');
      return perm ? axes.map((a) => perm.indexOf(a)).sort((a, b) => a - b) : null;
    }
    case 'Reshape':
    case 'Flatten': {
      const from = analysis.shapes.dimsOf(tensor);
      const to = analysis.shapes.dimsOf(node.output[0]);
      if (from?.length !== 4 || to?.length !== 3 || from[0] !== to[0]) return null;
      if (axes[0] === 2 && from[1] === to[1]) return [2];
      return axes[0] === 1 && from[3] === to[2] ? [1] : null;
    }
    default:
      return null;
  }
}

/** Element by element, or along the channels of one token. */
const TOKENWISE = new Set(
  (
    'Identity Dropout Cast QuantizeLinear DequantizeLinear Relu Gelu Erf Tanh Sigmoid HardSigmoid HardSwish Swish Mish Softplus Elu LeakyRelu Clip Sqrt Abs ' +
    'Exp Log Neg Reciprocal Pow Add Sub Mul Div Where Max Min'
  ).split(' '),
);

/** What is read of the tokens [N, T, C] of a cut. */
export function tokenReads(analysis: Analysis, prefixTokens: number): (tensor: string) => Reads {
  const { nodes, position, cuts } = analysis.path;
  const isCut = new Set(cuts);
  const mixesAt = new Array<number>(nodes.length + 1).fill(nodes.length);
  for (let i = nodes.length - 1; i >= 0; i--)
    mixesAt[i] = isTokenwise(analysis, nodes[i]) ? mixesAt[i + 1] : i;
  return (tensor) => {
    let from = (position.get(tensor) ?? -1) + 1;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const node = nodes[mixesAt[from]];
      // what mixes tokens must be all that reads them
      if (!node?.output.some((name) => isCut.has(name))) return 'all';
      const rank = analysis.shapes.dimsOf(node.input[0])?.length ?? 0;
      if (/^Reduce(Mean|Sum)$/.test(node.opType)) {
        return String(reductionAxes(analysis.graph, node, rank)) === '1' ? 'mean' : 'all';
      }
      const range = selectedRange(analysis.graph, node, rank);
      if (range?.axis !== 1) return 'all';
      if (range.start === 0 && range.end > 0 && range.end <= Math.max(1, prefixTokens)) return 'prefix';
      const dropsPrefix = range.start === prefixTokens && range.end > 1 << 20;
      if (!dropsPrefix || node.opType !== 'Slice') return 'all';
      from = mixesAt[from] + 1;
    }
    return 'all';
  };
}

function isTokenwise(analysis: Analysis, node: NodeProto): boolean {
  if (!isStandard(node)) return false;
  const rank = analysis.shapes.dimsOf(node.output[0])?.length;
  if (rank !== 3) return false;
  if (TOKENWISE.has(node.opType)) return true;
  if (node.opType === 'MatMul') return analysis.isConstant(node.input[1]);
  if (node.opType === 'LayerNormalization') return [-1, 2].includes(intOf(node, 'axis', -1));
  return String(reductionAxes(analysis.graph, node, 3)) === '2';
}
