// The backward sweep: from the gradient of the target to those of the sources, node by node.

import { CraftError } from '../errors.ts';
import { FLOAT_TYPES } from './analysis.ts';
import { GradCall, type Gradients, STILL_WORKS } from './differentiate-call.ts';
import type { Emitter } from './differentiate-emit.ts';
import { gated, gatesOf } from './differentiate-gates.ts';
import type { ActivePath } from './differentiate-path.ts';
import { describe, type Graph, isStandard } from './graph.ts';
import { DataType } from './proto/constants.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { ruleOf } from './rules/table.ts';
import type { Shapes } from './shapes/infer.ts';

export interface Backward {
  /** Tensor to its gradient, for the tensors that the sweep has reached. */
  readonly gradientOf: ReadonlyMap<string, string>;
  /** Forward nodes that need outputs which the model leaves out, with these. */
  readonly replaced: ReadonlyMap<NodeProto, NodeProto>;
}

/**
 * Writes the backward nodes into `b`.
 *
 * @param cotangent - gradient with respect to the target.
 * @param onMissing - is told of a node without a gradient. If it returns, the sweep goes on with zeros.
 */
export function sweepBackward(
  graph: Graph,
  shapes: Shapes,
  path: ActivePath,
  target: string,
  cotangent: string,
  b: Emitter,
  onMissing: (node: NodeProto, error: CraftError) => void,
): Backward {
  const replaced = new Map<NodeProto, NodeProto>();
  const around = {
    graph,
    shapes,
    isActive: (tensor: string) => path.active.has(tensor),
    forwardOutput: (node: NodeProto, index: number) => forwardOutput(replaced, b, node, index),
  };
  const parts = new Map<string, string[]>([[target, [cotangent]]]);
  const gradientOf = new Map<string, string>();
  const total = (tensor: string): string | null => {
    const list = parts.get(tensor);
    if (!list) return null;
    let sum = gradientOf.get(tensor);
    if (sum === undefined) {
      sum = list.length === 1 ? list[0] : list.length === 2 ? b.add(list[0], list[1]) : b.op('Sum', list);
      gradientOf.set(tensor, sum);
    }
    return sum;
  };
  const pass = (tensor: string, part: string): void => {
    const list = parts.get(tensor);
    if (list) list.push(part);
    else parts.set(tensor, [part]);
  };
  const unknown = path.nodes.filter((node) => !ruleOf(node));
  if (unknown.length > 0) {
    // the dims behind them are unknown, too: what other rules miss then says nothing of the model
    for (const node of unknown) onMissing(node, noRule(node));
    return { gradientOf, replaced };
  }
  const gates = gatesOf(graph, path);
  const passed = new Set([...gates.values()].map(({ gate }) => gate));
  for (let i = path.nodes.length - 1; i >= 0; i--) {
    const node = path.nodes[i];
    if (passed.has(node)) continue;
    const call = new GradCall(node, b, node.output.map(total), around);
    const gate = gates.get(node);
    if (gate) {
      pass(gate.x, gated(call, gate));
      continue;
    }
    const gradients = gradientsOf(call, shapes, onMissing);
    node.input.forEach((name, k) => {
      if (call.needs(k)) pass(name, gradients[k] ?? b.zerosLike(name));
    });
  }
  for (const tensor of path.needed) total(tensor);
  return { gradientOf, replaced };
}

/** What the rule of the node says; every input that needs a gradient must get one. */
function gradientsOf(
  call: GradCall,
  shapes: Shapes,
  onMissing: (node: NodeProto, error: CraftError) => void,
): Gradients {
  const { node } = call;
  try {
    const other = node.input.find((name, k) => call.needs(k) && isOtherPrecision(shapes.typeOf(name)));
    if (other !== undefined && node.opType !== 'Cast') {
      throw call.unsupported(`"${other}", of half or double precision: convert the model to float32`);
    }
    const gradients = ruleOf(node)!(call);
    const missed = node.input.findIndex((_, k) => call.needs(k) && !gradients[k]);
    if (missed >= 0) throw call.unsupported(`input ${missed} ("${node.input[missed]}") that varies`);
    return gradients;
  } catch (error) {
    if (!(error instanceof CraftError)) throw error;
    onMissing(node, error);
    return [];
  }
}

function isOtherPrecision(type: number): boolean {
  return FLOAT_TYPES.has(type) && type !== DataType.FLOAT;
}

/** Ops on blocks of channels, which ONNX Runtime writes where it saves what it has made of a model for this machine. */
const BLOCKED = 'com.microsoft.nchwc';

function noRule(node: NodeProto): CraftError {
  const hint =
    node.domain === BLOCKED
      ? 'take the model from before ONNX Runtime has optimised it, or one optimised up to "extended"; '
      : '';
  const op = isStandard(node) ? describe(node) : `${node.domain}.${describe(node)}`;
  return new CraftError(
    'MODEL_UNSUPPORTED',
    `differentiate: expected ops with a gradient on the path; got ${op} (makes "${node.output[0]}"), which has none here; ${hint}${STILL_WORKS}`,
  );
}

function forwardOutput(
  replaced: Map<NodeProto, NodeProto>,
  b: Emitter,
  node: NodeProto,
  index: number,
): string {
  const current = replaced.get(node) ?? { ...node, output: [...node.output] };
  while (current.output.length <= index) current.output.push('');
  current.output[index] ||= b.fresh(node.opType);
  replaced.set(node, current);
  return current.output[index];
}
