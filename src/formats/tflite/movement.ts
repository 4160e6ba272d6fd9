// RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, CONCATENATION, SPLIT: elements move, none changes.

import { withActivation } from './activation.ts';
import { axisOf, batchAfterReshape, onnxAxis, refuseBatch } from './axes.ts';
import { malformed, unsupported } from './fail.ts';
import type { Importer, Value } from './importer.ts';
import { type Layout, NCHW_FROM_NHWC, NHWC_FROM_NCHW } from './layout.ts';
import type { TfliteOperator } from './read.ts';

/** RESHAPE, SQUEEZE, EXPAND_DIMS: the shape that the file states for the output is the result's. */
export function reshape(importer: Importer, o: TfliteOperator): void {
  const dims = importer.tensor(importer.operand(o, 0, 'outputs')).shape;
  const batch = batchAfterReshape(o, importer.input(o), dims);
  const cell = dims.length === 4 && dims[1] * dims[2] === 1 && batch === 0;
  const layout: Layout = cell ? 'NCHW' : 'plain';
  addReshape(importer, o, dims, layout, importer.define(o, { dims, layout, batch }));
}

/** Makes the first input of an operator, in another shape and the order of the file, as `name`. */
export function addReshape(
  importer: Importer,
  o: TfliteOperator,
  dims: readonly number[],
  layout: Layout,
  name: string,
): void {
  const x = importer.input(o);
  const batch = batchAfterReshape(o, x, dims);
  const target = dims.map((d, i) => (i === batch ? -1 : d));
  const ordered = layout === 'NCHW' ? NCHW_FROM_NHWC.map((axis) => target[axis]) : target;
  const shape = importer.graph.ints(`${name}/shape`, ordered);
  importer.graph.node('Reshape', [inFileOrder(importer, o, x), shape], name);
}

/** A tensor whose elements stand in the order of the file, whatever its dims. */
function inFileOrder(importer: Importer, o: TfliteOperator, x: Value): string {
  const [, height, width, channels] = x.dims;
  // A map of one cell, or of one channel, has the same order in both layouts.
  if (x.layout === 'NCHW' && (height * width === 1 || channels === 1)) return x.name;
  return importer.read(importer.operand(o, 0), 'plain');
}

export function transpose(importer: Importer, o: TfliteOperator): void {
  const x = importer.input(o);
  const rank = x.dims.length;
  const perm = importer.ints(importer.operand(o, 1));
  if (perm.length !== rank || new Set(perm.map((axis) => axisOf(o, axis, rank))).size !== rank) {
    throw malformed(o.op, `a permutation of ${rank} axes`, `[${perm}]`);
  }
  const axes = perm.map((axis) => axisOf(o, axis, rank));
  const place = { dims: axes.map((axis) => x.dims[axis]), batch: axes.indexOf(x.batch) };
  const stored = axes.map((axis) => onnxAxis(axis, rank, x.layout));
  // What the file moves may be what the layout has moved already.
  const already = stored.every((axis, i) => axis === i);
  const toMap = x.layout === 'plain' && rank === 4 && axes.every((axis, i) => axis === NHWC_FROM_NCHW[i]);
  if (already || toMap) {
    importer.alias(o, { ...x, ...place, layout: already ? 'plain' : 'NCHW' });
    return;
  }
  const out = importer.define(o, { ...place, layout: 'plain' });
  importer.graph.node('Transpose', [x.name], out, { perm: stored });
}

export function concatenation(importer: Importer, o: TfliteOperator): void {
  const indices = o.inputs.map((_, k) => importer.operand(o, k));
  const values = indices.filter((i) => !importer.isConstant(i)).map((i) => importer.value(i));
  if (values.length === 0) throw unsupported('CONCATENATION of constants');
  const [{ dims: first, batch }] = values;
  const rank = first.length;
  const axis = axisOf(o, o.options.int32(0), rank);
  values.forEach((v) => {
    refuseBatch(o, axis, v);
    if (v.batch !== batch) throw unsupported('CONCATENATION of values whose batches stand at different dims');
  });
  const shapes = indices.map((i) =>
    importer.isConstant(i) ? importer.tensor(i).shape : importer.value(i).dims,
  );
  const fits = shapes.every((s) => s.length === rank && s.every((d, k) => k === axis || d === first[k]));
  if (!fits)
    throw malformed(
      o.op,
      `shapes that differ at dim ${axis} only`,
      shapes.map((s) => `[${s}]`),
    );

  const layout: Layout = values.some((v) => v.layout === 'NCHW') ? 'NCHW' : 'plain';
  const dims = first.map((d, k) => (k === axis ? shapes.reduce((sum, s) => sum + s[k], 0) : d));
  const out = importer.define(o, { dims, layout, batch });
  const model = values[0];
  const names = indices.map((i) =>
    importer.isConstant(i) ? repeated(importer, i, model, layout, out) : importer.read(i, layout),
  );
  withActivation(importer, o.options.int8(1), out, 'concat', (name) =>
    importer.graph.node('Concat', names, name, { axis: onnxAxis(axis, rank, layout) }),
  );
}

/** A constant once for each image of the batch of `like`, as a class token is. */
function repeated(importer: Importer, index: number, like: Value, layout: Layout, out: string): string {
  const { graph } = importer;
  const constant = importer.read(index, layout);
  const shape = importer.tensor(index).shape;
  const at = onnxAxis(like.batch, shape.length, layout);
  const from = onnxAxis(like.batch, shape.length, like.layout);
  const count = graph.node('Shape', [like.name], graph.unique(`${out}/batch`), {
    start: from,
    end: from + 1,
  });
  const ones = shape.map(() => 1);
  const parts = [
    ...(at > 0 ? [graph.ints(`${out}/before`, ones.slice(0, at))] : []),
    count,
    ...(at < shape.length - 1 ? [graph.ints(`${out}/after`, ones.slice(at + 1))] : []),
  ];
  const target = graph.node('Concat', parts, graph.unique(`${out}/target`), { axis: 0 });
  return graph.node('Expand', [constant, target], graph.unique(`${out}/expanded`));
}

/** SPLIT: inputs are the axis and the tensor; equal parts. */
export function split(importer: Importer, o: TfliteOperator): void {
  const x = importer.input(o, 1);
  const [given] = importer.ints(importer.operand(o, 0));
  splitAt(importer, o, x, given, null);
}

/** SPLIT_V: inputs are the tensor, the sizes (one may be −1, the rest) and the axis. */
export function splitV(importer: Importer, o: TfliteOperator): void {
  const [given] = importer.ints(importer.operand(o, 2));
  splitAt(importer, o, importer.input(o), given, importer.ints(importer.operand(o, 1)));
}

function splitAt(
  importer: Importer,
  o: TfliteOperator,
  x: Value,
  given: number,
  sizes: number[] | null,
): void {
  const axis = axisOf(o, given, x.dims.length);
  refuseBatch(o, axis, x);
  const parts = o.outputs.length;
  const size = x.dims[axis];
  const each = sizes ?? new Array<number>(parts).fill(size / parts);
  const rest = size - each.reduce((sum, s) => sum + Math.max(s, 0), 0);
  const filled = each.map((s) => (s === -1 ? rest : s));
  const total = filled.reduce((sum, s) => sum + s, 0);
  if (filled.length !== parts || total !== size || !filled.every((s) => Number.isInteger(s) && s >= 0)) {
    throw malformed(o.op, `${parts} parts of ${size}`, `[${each}]`);
  }
  const outs = filled.map((s, k) =>
    importer.define(o, { ...x, dims: x.dims.map((d, i) => (i === axis ? s : d)) }, k),
  );
  const lengths = importer.graph.ints(`${outs[0]}/split`, filled);
  importer.graph.node('Split', [x.name, lengths], outs, { axis: onnxAxis(axis, x.dims.length, x.layout) });
}
