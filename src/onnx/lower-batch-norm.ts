// BatchNormalization behind a Conv, joined with its weights. Runtimes do so in a forward pass; in a gradient graph the
// backward Conv would still be followed by a pass over the map for the scale of each channel.

import { floatOf, intOf } from './attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import { type Graph, isStandard } from './graph.ts';
import { isWeight } from './is-weight.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import type { Shapes } from './shapes/infer.ts';

export function mayBeScaledConv(node: NodeProto): boolean {
  return isStandard(node) && node.opType === 'BatchNormalization';
}

/**
 * Writes the Conv that the BatchNormalization and the Conv before it make together; false if the node is not that.
 * y = γ(W∗x + b − mean) + β with γ = scale/√(variance + ε): of weights γ·W and bias γ(b − mean) + β, which the runtime
 * computes when it loads the model.
 *
 * @param kept - tensors that gradients are taken with respect to: none lies in between.
 */
export function lowerScaledConv(
  b: Emitter,
  node: NodeProto,
  graph: Graph,
  shapes: Shapes,
  kept: ReadonlySet<string>,
): boolean {
  if (!mayBeScaledConv(node) || intOf(node, 'training_mode', 0) || node.output.length > 1) return false;
  const [between, scale, shift, mean, variance] = node.input;
  const conv = graph.producer.get(between);
  if (conv?.opType !== 'Conv' || !isStandard(conv) || kept.has(between)) return false;
  const [x, weights, bias] = conv.input;
  const constants = [weights, scale, shift, mean, variance, ...(bias ? [bias] : [])];
  const rank = shapes.dimsOf(weights)?.length;
  if (rank === undefined || !constants.every((name) => isWeight(graph, name))) return false;
  const epsilon = b.float(floatOf(node, 'epsilon', 1e-5));
  const factor = b.div(scale, b.op('Sqrt', [b.add(variance, epsilon)]));
  const scaled = b.mul(weights, b.reshape(factor, [-1, ...new Array<number>(rank - 1).fill(1)]));
  const offset = b.mul(bias ? b.sub(bias, mean) : b.neg(mean), factor);
  b.op('Conv', [x, scaled, b.add(offset, shift)], {}, node.output[0]);
  b.nodes.at(-1)!.attribute.push(...conv.attribute);
  return true;
}
