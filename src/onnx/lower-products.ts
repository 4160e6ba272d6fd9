// Fused products of the runtime's optimiser (domain com.microsoft): a product, and what it does before and after.

import { floatOf, floatsOf, hasAttribute, intOf, stringOf } from './attributes.ts';
import type { Attributes } from './differentiate-attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { operandAxes } from './shapes/contrib-rules.ts';
import type { Shapes } from './shapes/infer.ts';

/** Writes the node as others; false if it has a form that is not known. */
export type Lowering = (b: Emitter, node: NodeProto, shapes: Shapes) => boolean;

/** α · A · B, of operands whose axes are moved. */
export const FusedMatMul: Lowering = (b, node, shapes) => {
  const operands = [];
  for (const [i, name] of ['A', 'B'].entries()) {
    const x = node.input[i];
    const [swaps, leads] = [intOf(node, `trans${name}`, 0) !== 0, intOf(node, `transBatch${name}`, 0) !== 0];
    const rank = shapes.dimsOf(x)?.length;
    if ((swaps || leads) && (rank === undefined || rank < 2)) return false;
    operands.push(swaps || leads ? b.transpose(x, operandAxes(rank!, swaps, leads)) : x);
  }
  const scale = b.float(floatOf(node, 'alpha', 1));
  b.op('Mul', [b.op('MatMul', operands), scale], {}, node.output[0]);
  return true;
};

/** Activations with a rule and the numbers that they have, in the order in which a fused Conv lists them. */
const ACTIVATIONS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Relu', []],
  ['Sigmoid', []],
  ['Softplus', []],
  ['Softsign', []],
  ['Tanh', []],
  ['HardSwish', []],
  ['Clip', ['min', 'max']],
  ['Elu', ['alpha']],
  ['HardSigmoid', ['alpha', 'beta']],
  ['LeakyRelu', ['alpha']],
  ['ThresholdedRelu', ['alpha']],
]);

/** Those numbers of a fused Conv (a list) or Gemm (attributes of their own); what is left out has its default. */
function parametersOf(node: NodeProto, names: readonly string[]): Map<string, number> {
  const listed = floatsOf(node, 'activation_params') ?? [];
  const given = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (i < listed.length) given.set(name, listed[i]);
    else if (hasAttribute(node, `activation_${name}`))
      given.set(name, floatOf(node, `activation_${name}`, 0));
  }
  return given;
}

/** The activation of the fused node, of x. */
function activate(b: Emitter, node: NodeProto, activation: string, x: string): void {
  const [output] = node.output;
  const given = parametersOf(node, ACTIVATIONS.get(activation) ?? []);
  if (activation === '') b.op('Identity', [x], {}, output);
  else if (activation === 'HardSwish') hardSwish(b, x, output);
  else if (activation === 'Clip') {
    const bound = (name: string): string => (given.has(name) ? b.float(given.get(name)!) : '');
    b.op('Clip', [x, bound('min'), bound('max')], {}, output);
  } else {
    const attributes: Attributes = Object.fromEntries([...given].map(([name, float]) => [name, { float }]));
    b.op(activation, [x], attributes, output);
  }
}

/** x · clip(x/6 + ½, 0, 1). */
export function hardSwish(b: Emitter, x: string, output: string): void {
  const gate = b.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  b.op('Mul', [x, gate], {}, output);
}

/** An op of the standard with an activation; a fourth input is added before it. */
const withActivation =
  (opType: string, own: readonly string[]): Lowering =>
  (b, node) => {
    const activation = stringOf(node, 'activation', '');
    if (activation !== '' && !ACTIVATIONS.has(activation)) return false;
    const y = b.op(opType, node.input.slice(0, 3));
    b.nodes.at(-1)!.attribute.push(...node.attribute.filter((a) => own.includes(a.name)));
    activate(b, node, activation, node.input[3] ? b.add(y, node.input[3]) : y);
    return true;
  };

export const FusedConv = withActivation('Conv', [
  'auto_pad',
  'dilations',
  'group',
  'kernel_shape',
  'pads',
  'strides',
]);

export const FusedGemm = withActivation('Gemm', ['alpha', 'beta', 'transA', 'transB']);
