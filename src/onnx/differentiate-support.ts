// Whether a model can be differentiated, found out without writing the result.

import { CraftError } from '../errors.ts';
import { FLOAT_TYPES, openModel } from './analysis.ts';
import { sweepBackward } from './differentiate-backward.ts';
import { Emitter } from './differentiate-emit.ts';
import { activePath } from './differentiate-path.ts';
import { freePrefix } from './differentiate-prefix.ts';
import { type Graph, opOf } from './graph.ts';
import { lowerModel } from './lower.ts';
import type { ModelProto } from './proto/onnx_pb.ts';
import type { Shapes } from './shapes/infer.ts';
import { readsShapeOnly } from './taint.ts';

export interface GradientSupport {
  /** Whether the gradient of the class scores with respect to the input, or to its embeddings, can be made. */
  supported: boolean;
  /** Ops on the way that have no gradient, or not in the form that the model uses. */
  missingOps: string[];
}

/** Tries every rule between the input and `of`; as much work as {@link differentiate} without the weights. */
export function gradientSupport(model: ModelProto, input: string, of: string): GradientSupport {
  let lowered: ModelProto;
  try {
    lowered = lowerModel(model);
  } catch (error) {
    if (!(error instanceof CraftError)) throw error;
    // an operator set that is too old
    return { supported: false, missingOps: [] };
  }
  const { graph, shapes } = openModel(lowered);
  const path = activePath(graph, shapes, smoothSources(graph, shapes, input), of);
  const missing = new Set<string>();
  const b = new Emitter(freePrefix(lowered.graph!, 'backward'));
  sweepBackward(graph, shapes, path, of, `${of}/cotangent`, b, (node) => missing.add(opOf(node)));
  return { supported: missing.size === 0 && path.needed.size > 0, missingOps: [...missing].sort() };
}

/** The input, or where it is of whole numbers, the first floats that are made of it: embeddings. */
function smoothSources(graph: Graph, shapes: Shapes, input: string): Set<string> {
  const isFloat = (name: string): boolean => FLOAT_TYPES.has(shapes.typeOf(name));
  if (isFloat(input)) return new Set([input]);
  const sources = new Set<string>();
  const whole = new Set([input]);
  for (const node of graph.nodes) {
    if (readsShapeOnly(node) || !node.input.some((name) => whole.has(name))) continue;
    for (const name of node.output) (isFloat(name) ? sources : whole).add(name);
  }
  return sources;
}
