// LayerNormalization and Gelu where an exporter has written them out, as torch does before operator sets 17 and
// 20. Runtimes join such ops, but not in a gradient graph, which reads what lies in between.

import type { Emitter } from './differentiate-emit.ts';
import { type Graph, isStandard } from './graph.ts';
import { constantValues, reductionAxes } from './node-axes.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import type { Shapes } from './shapes/infer.ts';

/** Constants such as √2 are written with six digits and more. */
const CLOSE = 1e-5;

/** Whether the node may be inside of one: the root of a norm, the error function of Gelu. */
export function mayBeComposed(node: NodeProto): boolean {
  return isStandard(node) && (node.opType === 'Sqrt' || node.opType === 'Erf');
}

/**
 * Writes one op in place of the last one of a composed one; false if the node is not that. The others stay, for
 * what else reads them.
 *
 * @param kept - tensors that gradients are taken with respect to: none lies inside.
 */
export function lowerComposed(
  b: Emitter,
  node: NodeProto,
  graph: Graph,
  shapes: Shapes,
  kept: ReadonlySet<string>,
): boolean {
  const inside = new Inside(graph);
  if (!isStandard(node)) return false;
  const norm = node.opType === 'Add' ? layerNormOf(inside, node, shapes) : null;
  const gelu = node.opType === 'Mul' ? geluOf(inside, node) : null;
  if (inside.tensors.some((name) => kept.has(name))) return false;
  if (norm) {
    const attributes = { axis: -1, epsilon: { float: norm.epsilon } };
    b.op('LayerNormalization', [norm.x, norm.scale, norm.bias], attributes, node.output[0]);
  } else if (gelu !== null) b.op('Gelu', [gelu], {}, node.output[0]);
  return norm !== null || gelu !== null;
}

/** Goes from the last op of a composed one to the first, and remembers the tensors in between. */
class Inside {
  readonly graph: Graph;
  readonly tensors: string[] = [];

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Inputs of the node that makes the tensor, if it is that op. */
  of(opType: string, tensor: string | undefined): readonly string[] | null {
    const node = this.graph.producer.get(tensor ?? '');
    if (node?.opType !== opType || !isStandard(node)) return null;
    this.tensors.push(tensor!);
    return node.input;
  }

  /** As {@link of}, with the operand that `accepts` first: either may be, since the op is commutative. */
  either<T>(
    inputs: readonly string[] | null,
    accepts: (operand: string, other: string) => T | null,
  ): T | null {
    if (inputs?.length !== 2) return null;
    const [a, b] = inputs;
    return accepts(a, b) ?? accepts(b, a);
  }

  isNumber(tensor: string, value: number): boolean {
    const found = this.number(tensor);
    return found !== null && Math.abs(found - value) < CLOSE;
  }

  number(tensor: string): number | null {
    const values = constantValues(this.graph, tensor);
    return values?.length === 1 ? values[0] : null;
  }
}

interface LayerNorm {
  readonly x: string;
  readonly scale: string;
  readonly bias: string;
  readonly epsilon: number;
}

/** scale · (x − mean) / √(variance + ε) + bias over the last axis. */
function layerNormOf(inside: Inside, node: NodeProto, shapes: Shapes): LayerNorm | null {
  return inside.either(node.input, (scaled, bias) =>
    inside.either(inside.of('Mul', scaled), (normal, scale) => {
      const [deviation, root] = inside.of('Div', normal) ?? [];
      const [x, mean] = inside.of('Sub', deviation) ?? [];
      const [sum] = inside.of('Sqrt', root) ?? [];
      if (x === undefined || !isLastMean(inside, shapes, mean, x)) return null;
      const epsilon = inside.either(inside.of('Add', sum), (variance, shift) => {
        const square = inside.of('ReduceMean', variance)?.[0];
        const isVariance =
          square !== undefined &&
          isSquare(inside, square, deviation) &&
          isLastMean(inside, shapes, variance, square);
        return isVariance ? inside.number(shift) : null;
      });
      const width = shapes.dimsOf(x)?.at(-1);
      const areVectors = [scale, bias].every((w) => String(shapes.dimsOf(w)) === String([width]));
      if (epsilon === null || typeof width !== 'number' || !areVectors) return null;
      return { x, scale, bias, epsilon };
    }),
  );
}

/** Whether `mean` is that of x over the last axis, which is kept. */
function isLastMean(inside: Inside, shapes: Shapes, mean: string, x: string): boolean {
  const node = inside.graph.producer.get(mean);
  const [dims, kept] = [shapes.dimsOf(x), shapes.dimsOf(mean)];
  if (inside.of('ReduceMean', mean)?.[0] !== x || !node || !dims || kept?.length !== dims.length)
    return false;
  return String(reductionAxes(inside.graph, node, dims.length)) === String([dims.length - 1]);
}

function isSquare(inside: Inside, square: string, of: string): boolean {
  const [base, exponent] = inside.of('Pow', square) ?? [];
  if (base !== undefined) return base === of && inside.isNumber(exponent, 2);
  return inside.of('Mul', square)?.every((operand) => operand === of) ?? false;
}

/** x of ½ · x · (1 + erf(x / √2)), in any order of the factors. */
function geluOf(inside: Inside, node: NodeProto): string | null {
  return inside.either(node.input, (a, b) => {
    // (x · (1 + erf)) · ½
    if (inside.isNumber(b, 0.5))
      return inside.either(inside.of('Mul', a), (x, rest) => ofErf(inside, x, rest));
    // (x · ½) · (1 + erf)
    return inside.either(inside.of('Mul', a), (x, half) =>
      inside.isNumber(half, 0.5) ? ofErf(inside, x, b) : null,
    );
  });
}

/** x if `rest` is 1 + erf(x / √2). */
function ofErf(inside: Inside, x: string, rest: string): string | null {
  return inside.either(inside.of('Add', rest), (erf, one) => {
    const [scaled] = inside.isNumber(one, 1) ? (inside.of('Erf', erf) ?? []) : [];
    const [dividend, divisor] = inside.of('Div', scaled) ?? [];
    if (dividend !== undefined) return dividend === x && inside.isNumber(divisor, Math.SQRT2) ? x : null;
    return inside.either(inside.of('Mul', scaled), (factor, scale) =>
      factor === x && inside.isNumber(scale, Math.SQRT1_2) ? x : null,
    );
  });
}
