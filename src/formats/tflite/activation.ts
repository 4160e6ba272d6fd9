// The activation at the end of an operator: written in its options, or implied by how its output is
// quantised.
//
// A quantised tensor holds (q − zeroPoint)·scale with q from its type's range, and the runtime
// saturates to it. Where the zero point is the smallest q nothing below 0 can be held: the operator
// ends in a ReLU whether its options say so or not, and converters of quantisation-aware models leave
// it out for that reason. If moreover the largest value is 6, or the tensor is named after a Relu6, it
// ends in a ReLU6. Any other largest value is the edge of a calibration, not part of the model, and is
// left out like rounding; so is the lower edge of a tensor that holds negative values.

import { unsupported } from './fail.ts';
import type { Importer } from './importer.ts';
import type { TfliteOperator, TfliteTensor } from './read.ts';
import { Activation, QUANTISED_RANGE } from './schema.ts';

/** Share of 6 that the largest value may be off: the quantiser moves it so that 0 is exact. */
const SIX_TOLERANCE = 1 / 128;

/** Whether a tensor is quantised so that it holds no negative value. */
export function holdsNoNegative(t: TfliteTensor): boolean {
  const q = t.quantisation;
  return q !== null && q.scale.length === 1 && q.zeroPoint[0] === QUANTISED_RANGE[t.type]?.[0];
}

/** The activation that a tensor's quantisation implies. */
export function impliedActivation(t: TfliteTensor): number {
  if (!holdsNoNegative(t)) return Activation.NONE;
  const [lowest, highest] = QUANTISED_RANGE[t.type];
  const largest = (highest - lowest) * t.quantisation!.scale[0];
  const six = Math.abs(largest - 6) <= 6 * SIX_TOLERANCE || /relu_?6$/i.test(t.name);
  return six ? Activation.RELU6 : Activation.RELU;
}

/** The activation of an operator that can make negative values of others: as written, else as implied. */
export function activationOf(importer: Importer, o: TfliteOperator, fused: number): number {
  if (fused !== Activation.NONE) return fused;
  return impliedActivation(importer.tensor(importer.operand(o, 0, 'outputs')));
}

/**
 * Ends an operator: its nodes make `out` if no activation follows, otherwise `out/inner`, from which
 * the activation makes `out`.
 *
 * @param activation - ActivationFunctionType.
 * @param emit - adds the nodes of the operator, given the name of the tensor to make.
 */
export function withActivation(
  importer: Importer,
  activation: number,
  out: string,
  inner: string,
  emit: (name: string) => void,
): void {
  if (activation === Activation.NONE) {
    emit(out);
    return;
  }
  const before = importer.graph.unique(`${out}/${inner}`);
  emit(before);
  addActivation(importer, activation, before, out);
}

/** Adds the node of an activation. */
export function addActivation(importer: Importer, activation: number, x: string, out: string): void {
  const { graph } = importer;
  switch (activation) {
    case Activation.RELU:
      graph.node('Relu', [x], out);
      break;
    case Activation.RELU6:
      graph.node('Clip', [x, graph.scalar(0), graph.scalar(6)], out);
      break;
    case Activation.RELU_N1_TO_1:
      graph.node('Clip', [x, graph.scalar(-1), graph.scalar(1)], out);
      break;
    case Activation.TANH:
      graph.node('Tanh', [x], out);
      break;
    default:
      throw unsupported(`the fused activation number ${activation} at "${out}"`);
  }
}
