// What the dims of a tensor stand for: batch N, channels C, height H, width W, tokens T.

import type { Analysis } from './analysis.ts';
import { intOf, intsOf } from './attributes.ts';
import { isStandard } from './graph.ts';
import { reductionAxes } from './node-axes.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

export type Layout = 'NCHW' | 'NHWC' | 'NTC' | 'NC';
/** NCT: channels before tokens, as Conv1d has them and as a flattened map is before its transpose. */
export type AnyLayout = Layout | 'NCT';

/** Ops that take channels at axis 1. */
const CHANNELS_FIRST = new Set(
  (
    'Conv ConvTranspose QLinearConv ConvInteger MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool ' +
    'BatchNormalization InstanceNormalization GroupNormalization LRN DepthToSpace SpaceToDepth Upsample PRelu'
  ).split(' '),
);

/** Layouts of the tensors of the path: forward from the ops that fix one, then back to what they read. */
export function layoutsOf(analysis: Analysis): ReadonlyMap<string, AnyLayout> {
  const layouts = new Map<string, AnyLayout>();
  const { nodes, input } = analysis.path;
  const rankOf = (name: string): number => analysis.shapes.dimsOf(name)?.length ?? 0;
  const set = (name: string, layout: AnyLayout | null): void => {
    const rank = rankOf(name);
    if (rank === 2) layouts.set(name, 'NC');
    else if (layout && rank === layout.length && !layouts.has(name)) layouts.set(name, layout);
  };
  for (const node of nodes) {
    const layout = layoutAfter(analysis, node, layouts);
    for (const name of node.output) if (name !== '') set(name, layout);
  }
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    for (const name of node.input) {
      const onPath = name === input || analysis.path.position.has(name);
      if (onPath && !layouts.has(name)) set(name, layoutBefore(analysis, node, name, layouts));
    }
  }
  return layouts;
}

function layoutAfter(
  analysis: Analysis,
  node: NodeProto,
  layouts: ReadonlyMap<string, AnyLayout>,
): AnyLayout | null {
  const [output] = node.output;
  const rank = analysis.shapes.dimsOf(output)?.length ?? 0;
  const source = node.input.find((name) => layouts.has(name));
  const before = source === undefined ? null : layouts.get(source)!;
  if (!isStandard(node)) return before;
  const byOp = fixedBy(analysis, node, rank);
  if (byOp) return byOp;
  if (node.opType === 'Transpose') return transposed(before, intsOf(node, 'perm'), rank);
  if (node.opType === 'Reshape' || node.opType === 'Flatten') return reshaped(analysis, node, before);
  if (node.opType === 'Gather' && rank === 3 && before === null) return 'NTC';
  return before;
}

/** The layout that an op demands of its data, whatever came before. */
function fixedBy(analysis: Analysis, node: NodeProto, rank: number): AnyLayout | null {
  if (CHANNELS_FIRST.has(node.opType)) return rank === 4 ? 'NCHW' : rank === 3 ? 'NCT' : null;
  const onLastAxis =
    (node.opType === 'MatMul' && analysis.isConstant(node.input[1])) ||
    (node.opType === 'LayerNormalization' && [-1, rank - 1].includes(intOf(node, 'axis', -1)));
  if (onLastAxis) return rank === 4 ? 'NHWC' : rank === 3 ? 'NTC' : null;
  return null;
}

function transposed(
  before: AnyLayout | null,
  perm: readonly number[] | null,
  rank: number,
): AnyLayout | null {
  const order = String(perm);
  if (rank === 4 && order === '0,2,3,1') return before === 'NHWC' ? null : 'NHWC';
  if (rank === 4 && order === '0,3,1,2') return before === 'NCHW' ? null : 'NCHW';
  if (rank === 3 && order === '0,2,1') return before === 'NTC' ? 'NCT' : 'NTC';
  return null;
}

/** [N, C, H, W] → [N, C, HW] and [N, H, W, C] → [N, HW, C]; otherwise the meaning of dims is lost. */
function reshaped(analysis: Analysis, node: NodeProto, before: AnyLayout | null): AnyLayout | null {
  const from = analysis.shapes.dimsOf(node.input[0]);
  const to = analysis.shapes.dimsOf(node.output[0]);
  if (!from || !to) return null;
  if (before && String(from) === String(to)) return before;
  if (to.length !== 3 || from[0] !== to[0]) return null;
  if (before === 'NCHW' && from[1] === to[1]) return 'NCT';
  if (before === 'NHWC' && from[3] === to[2]) return 'NTC';
  return null;
}

function layoutBefore(
  analysis: Analysis,
  node: NodeProto,
  name: string,
  layouts: ReadonlyMap<string, AnyLayout>,
): AnyLayout | null {
  const rank = analysis.shapes.dimsOf(name)?.length ?? 0;
  const after = layouts.get(node.output[0]) ?? null;
  if (!isStandard(node)) return null;
  if (name === node.input[0]) {
    const byOp = fixedBy(analysis, node, rank);
    if (byOp) return byOp;
  }
  const axes = String(reductionAxes(analysis.graph, node, rank));
  if (rank === 4 && axes === '1,2') return 'NHWC';
  if (rank === 4 && axes === '2,3') return 'NCHW';
  if (node.opType === 'Transpose') {
    const order = String(intsOf(node, 'perm'));
    if (rank === 4 && order === '0,3,1,2') return 'NHWC';
    if (rank === 4 && order === '0,2,3,1') return 'NCHW';
    if (rank === 3 && order === '0,2,1') return after === 'NCT' ? 'NTC' : after === 'NTC' ? 'NCT' : null;
    return null;
  }
  const moves = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'MatMul', 'Gather'].includes(node.opType);
  return moves ? null : after;
}
