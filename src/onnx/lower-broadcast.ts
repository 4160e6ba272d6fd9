// Maps times a number for each channel, as in squeeze and excitation, with the numbers repeated to the size of the map:
// ONNX Runtime has no broadcasting in its blocked layout, and would copy the map out of it and back.

import type { Emitter } from './differentiate-emit.ts';
import { type Graph, isStandard } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { affine, blockedChannels, spread } from './rules/blocked.ts';
import type { Shapes } from './shapes/infer.ts';

export function mayBeBroadcast(node: NodeProto): boolean {
  return isStandard(node) && node.opType === 'Mul';
}

/** Writes [N, C, H, W] · [N, C, 1, 1] as a product of maps of one size; false if the node is not that. */
export function lowerBroadcast(b: Emitter, node: NodeProto, graph: Graph, shapes: Shapes): boolean {
  if (!mayBeBroadcast(node)) return false;
  const tensors = {
    dims: (tensor: string) => shapes.dimsOf(tensor),
    producer: (tensor: string) => graph.producer.get(tensor),
  };
  const [y] = node.output;
  const dims = shapes.dimsOf(y);
  const channels = blockedChannels(tensors, y);
  if (channels === null || !dims?.every((d): d is number => typeof d === 'number')) return false;
  const [N, C, height, width] = dims;
  const isOf = (tensor: string, ends: readonly number[]): boolean =>
    String(shapes.dimsOf(tensor)) === String([N, C, ...ends]);
  const factor = node.input.find((tensor) => isOf(tensor, [1, 1]));
  const map = node.input.find((tensor) => isOf(tensor, [height, width]));
  if (factor === undefined || map === undefined || factor === map || height * width === 1) return false;
  // the Conv puts into blocks what is not
  b.op('Mul', [map, spread(b, affine(b, factor, channels, 1), height, width)], {}, node.output[0]);
  return true;
}
