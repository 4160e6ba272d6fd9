// Operators that work element by element: of two operands with broadcasting, and of one.

import { activationOf, addActivation, holdsNoNegative, withActivation } from './activation.ts';
import { broadcastDims } from './axes.ts';
import { unsupported } from './fail.ts';
import type { Attribute } from './graph.ts';
import type { Importer, Value } from './importer.ts';
import type { Layout } from './layout.ts';
import type { TfliteOperator } from './read.ts';

export type Converter = (importer: Importer, o: TfliteOperator) => void;

/** ADD, SUB, MUL, DIV: with a fused activation. */
export function arithmetic(opType: 'Add' | 'Sub' | 'Mul' | 'Div'): Converter {
  return (importer, o) => {
    const { place, names } = broadcast(importer, o);
    const out = importer.define(o, place);
    const fused = o.options.int8(0);
    // A difference of such operands can be negative; a sum, product or quotient cannot.
    const positive = opType !== 'Sub' && o.inputs.every((i) => holdsNoNegative(importer.tensor(i)));
    const activation = positive ? fused : activationOf(importer, o, fused);
    withActivation(importer, activation, out, opType.toLowerCase(), (name) =>
      importer.graph.node(opType, names, name),
    );
  };
}

/** MAXIMUM, MINIMUM. */
export function extremum(opType: 'Max' | 'Min'): Converter {
  return (importer, o) => {
    const { place, names } = broadcast(importer, o);
    importer.graph.node(opType, names, importer.define(o, place));
  };
}

export function squaredDifference(importer: Importer, o: TfliteOperator): void {
  const { place, names } = broadcast(importer, o);
  const out = importer.define(o, place);
  const difference = importer.graph.node('Sub', names, importer.graph.unique(`${out}/sub`));
  importer.graph.node('Mul', [difference, difference], out);
}

/** α·x below 0, with α [..., C] broadcast to x. */
export function prelu(importer: Importer, o: TfliteOperator): void {
  const { place, names } = broadcast(importer, o);
  importer.graph.node('PRelu', names, importer.define(o, place));
}

/** Names of two operands in one layout, and where their result stands. */
function broadcast(importer: Importer, o: TfliteOperator): { place: Omit<Value, 'name'>; names: string[] } {
  const indices = [importer.operand(o, 0), importer.operand(o, 1)];
  const values = indices.filter((i) => !importer.isConstant(i)).map((i) => importer.value(i));
  if (values.length === 0) throw unsupported(`${o.op} of two constants`);
  const shapes = indices.map((i) =>
    importer.isConstant(i) ? importer.tensor(i).shape : importer.value(i).dims,
  );
  const dims = broadcastDims(o, shapes);
  const rank = dims.length;

  const fromRight = values[0].batch - values[0].dims.length;
  const aligned = values.every((v) => v.batch - v.dims.length === fromRight);
  const fixed = indices.some(
    (i) => importer.isConstant(i) && (importer.tensor(i).shape.at(fromRight) ?? 1) > 1,
  );
  if (!aligned || fixed) {
    throw unsupported(`${o.op} of "${values[0].name}" across the images of a batch`);
  }
  const layout: Layout = rank === 4 && values.some((v) => v.layout === 'NCHW') ? 'NCHW' : 'plain';
  const names = indices.map((i) => {
    if (!importer.isConstant(i)) return importer.read(i, layout);
    const scalar = importer.tensor(i).shape.every((d) => d === 1);
    return importer.readConstant(
      i,
      layout,
      layout === 'NCHW' && !scalar ? 4 : importer.tensor(i).shape.length,
    );
  });
  return { place: { dims, layout, batch: rank + fromRight }, names };
}

/** An operator of one operand, as nodes that make `out` from `x`. */
type Emit = (importer: Importer, o: TfliteOperator, x: string, out: string) => void;

function unary(emit: Emit): Converter {
  return (importer, o) => {
    const x = importer.input(o);
    emit(importer, o, x.name, importer.define(o, { dims: x.dims, layout: x.layout, batch: x.batch }));
  };
}

/** An operator that is one ONNX node. */
export function pointwise(
  opType: string,
  attributes: (o: TfliteOperator) => Record<string, Attribute> = () => ({}),
) {
  return unary((importer, o, x, out) => importer.graph.node(opType, [x], out, attributes(o)));
}

/** An activation that stands as an operator of its own. */
export function activation(kind: number): Converter {
  return unary((importer, _, x, out) => addActivation(importer, kind, x, out));
}

export const rsqrt = unary(({ graph }, _, x, out) => {
  graph.node('Reciprocal', [graph.node('Sqrt', [x], graph.unique(`${out}/sqrt`))], out);
});

export const square = unary(({ graph }, _, x, out) => {
  graph.node('Mul', [x, x], out);
});

/** x·Φ(x); Φ by erf, or by tanh where the options ask for the approximation (Hendrycks, Gimpel 2016). */
export const gelu = unary(({ graph }, o, x, out) => {
  const step = (suffix: string) => graph.unique(`${out}/${suffix}`);
  const times = (a: string, factor: number, name: string) =>
    graph.node('Mul', [a, graph.scalar(factor)], name);
  let z: string;
  if (o.options.bool(0)) {
    const squared = graph.node('Mul', [x, x], step('square'));
    const cubic = graph.node('Mul', [times(squared, 0.044715, step('scaled')), x], step('cubic'));
    const sum = graph.node('Add', [x, cubic], step('sum'));
    z = graph.node('Tanh', [times(sum, Math.sqrt(2 / Math.PI), step('argument'))], step('tanh'));
  } else {
    z = graph.node('Erf', [times(x, Math.SQRT1_2, step('argument'))], step('erf'));
  }
  const gate = graph.node('Add', [z, graph.scalar(1)], step('gate'));
  graph.node('Mul', [times(x, 0.5, step('half')), gate], out);
});
