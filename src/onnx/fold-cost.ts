// What a row costs after a cut, counted from shapes.

import type { Analysis } from './analysis.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

/** Numbers of a tensor that belong to one row of the batch; null if not all dims but the batch are known. */
export function sizeOfRow({ shapes, path }: Analysis, tensor: string): number | null {
  const dims = shapes.dimsOf(tensor);
  // the batch must be the latent's own, at the same place
  if (!dims || dims.length < 2 || dims[0] === null || dims[0] !== shapes.dimsOf(path.input)?.[0]) return null;
  let size = 1;
  for (const d of dims.slice(1)) {
    if (typeof d !== 'number') return null;
    size *= d;
  }
  return size;
}

/** Multiplications of a row on the path after a cut; nodes of unknown shapes count nothing. */
export function costAfter(analysis: Analysis, cut: string): number {
  return nodesAfter(analysis, cut).reduce((sum, node) => sum + costOf(analysis, node), 0);
}

/** Numbers in the widest tensor of a row on the path from a cut on. */
export function widestAfter(analysis: Analysis, cut: string): number {
  const sizes = nodesAfter(analysis, cut).flatMap((node) =>
    [...node.input, ...node.output].map((name) => sizeOfRow(analysis, name) ?? 0),
  );
  return Math.max(sizeOfRow(analysis, cut) ?? 1, ...sizes);
}

function nodesAfter({ path }: Analysis, cut: string): readonly NodeProto[] {
  return path.nodes.slice((path.position.get(cut) ?? -1) + 1);
}

/** Outputs of the node, times the length of the sum in each if it multiplies by a constant matrix. */
function costOf(analysis: Analysis, node: NodeProto): number {
  const size = sizeOfRow(analysis, node.output[0]);
  if (size === null) return 0;
  const channelAxis = { Conv: 1, Gemm: -1, MatMul: -1 }[node.opType];
  if (channelAxis === undefined) return size;
  const weight = node.input.find((name) => analysis.isConstant(name));
  const elements = weight && analysis.shapes.sizesAtPins(weight)?.[0];
  const channels = analysis.shapes.dimsOf(node.output[0])?.at(channelAxis);
  return elements && typeof channels === 'number' ? (size * elements) / channels : size;
}
