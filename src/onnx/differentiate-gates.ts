// x · σ(x), SiLU, and x · hardSigmoid(x), HardSwish, as exporters write them: one step back instead of two, which meet
// in a sum.

import { floatOf } from './attributes.ts';
import type { GradCall } from './differentiate-call.ts';
import type { ActivePath } from './differentiate-path.ts';
import { type Graph, isStandard } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { affinePlus, blockedChannels, isInside, isWithin } from './rules/blocked.ts';

export interface Gate {
  readonly x: string;
  /** Makes s from x. */
  readonly gate: NodeProto;
}

/** The Mul nodes on the path that are x · s with s = σ(x), soft or hard, where nothing else has to do with s. */
export function gatesOf(graph: Graph, path: ActivePath): ReadonlyMap<NodeProto, Gate> {
  const gates = new Map<NodeProto, Gate>();
  for (const node of path.nodes) {
    const gate = node.opType === 'Mul' && isStandard(node) ? gateOf(graph, node) : null;
    if (gate && path.active.has(gate.x) && !path.sources.has(gate.gate.output[0])) gates.set(node, gate);
  }
  return gates;
}

function gateOf(graph: Graph, { input: [a, b] }: NodeProto): Gate | null {
  for (const [x, s] of [
    [a, b],
    [b, a],
  ]) {
    const gate = graph.producer.get(s);
    const isGate = gate && /^(Hard)?Sigmoid$/.test(gate.opType) && isStandard(gate) && gate.input[0] === x;
    if (isGate && graph.consumers.get(s)?.length === 1) return { x, gate };
  }
  return null;
}

/** The gradient of y = x · s with respect to x. */
export function gated(c: GradCall, { x, gate }: Gate): string {
  const isHard = gate.opType === 'HardSigmoid';
  return c.b.mul(c.g, isHard ? hardSlope(c, x, gate) : softSlope(c, x, gate.output[0]));
}

/** s · (1 + x − y). */
function softSlope(c: GradCall, x: string, s: string): string {
  const { b, y } = c;
  const channels = blockedChannels(c, y);
  const rise = channels === null ? b.add(b.sub(x, y), b.float(1)) : affinePlus(b, y, channels, -1, 1, x);
  return b.mul(s, rise);
}

/** s, and αx more where s = αx + β lies between 0 and 1. */
function hardSlope(c: GradCall, x: string, gate: NodeProto): string {
  const { b } = c;
  const [s] = gate.output;
  const alpha = floatOf(gate, 'alpha', 0.2);
  const channels = blockedChannels(c, c.y);
  if (channels !== null) {
    // as far from 0 at both bounds
    const isEven = floatOf(gate, 'beta', 0.5) === 0.5;
    const isBetween = (isEven && isWithin(b, x, 0.25 / alpha ** 2)) || isInside(b, s, channels, 0, 1);
    if (isBetween !== null) return affinePlus(b, b.mul(x, isBetween), channels, alpha, 0, s);
  }
  const isOpening = b.op('And', [b.isPositive(s), b.op('Less', [s, b.float(1)])]);
  return b.add(s, b.masked(isOpening, b.times(x, alpha)));
}
