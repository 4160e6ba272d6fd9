// SLICE, STRIDED_SLICE, GATHER: parts of a tensor.

import { axisOf, onnxAxis, refuseBatch } from './axes.ts';
import { malformed, unsupported } from './fail.ts';
import type { Importer, Value } from './importer.ts';
import type { TfliteOperator } from './read.ts';

interface Range {
  readonly start: number;
  /** One past the last; may be −1 when the step is negative. */
  readonly end: number;
  readonly step: number;
  readonly size: number;
}

/** SLICE: begin and size of each dim, size −1 for the rest. */
export function slice(importer: Importer, o: TfliteOperator): void {
  const x = importer.input(o);
  const begin = importer.ints(importer.operand(o, 1));
  const sizes = importer.ints(importer.operand(o, 2));
  const ranges = x.dims.map((d, k): Range => {
    const size = sizes[k] === -1 ? d - begin[k] : sizes[k];
    return { start: begin[k], end: begin[k] + size, step: 1, size };
  });
  const fits = ranges.every((r, k) => r.start >= 0 && r.size >= 0 && r.end <= x.dims[k]);
  if (begin.length !== x.dims.length || sizes.length !== x.dims.length || !fits) {
    throw malformed(o.op, `begin and size inside [${x.dims}]`, `[${begin}], [${sizes}]`);
  }
  const out = importer.define(o, { ...x, dims: ranges.map((r) => r.size) });
  addSlice(importer, o, x, ranges, x.name, out);
}

/** STRIDED_SLICE: as Python's x[begin:end:stride]; a set bit of a mask leaves a bound out. */
export function stridedSlice(importer: Importer, o: TfliteOperator): void {
  const { options } = o;
  const x = importer.input(o);
  const rank = x.dims.length;
  const [begin, end, strides] = [1, 2, 3].map((k) => importer.ints(importer.operand(o, k)));
  if (options.int32(2) !== 0 || options.int32(3) !== 0) {
    throw unsupported('STRIDED_SLICE with an ellipsis or a new axis');
  }
  if (begin.length > rank || end.length !== begin.length || strides.length !== begin.length) {
    throw malformed(o.op, `begin, end and strides of up to ${rank} dims`, [
      begin.length,
      end.length,
      strides.length,
    ]);
  }
  const bit = (mask: number, k: number) => ((options.int32(mask) >> k) & 1) === 1;
  const shrunk = x.dims.map((_, k) => k < begin.length && bit(4, k));
  const ranges = x.dims.map((d, k): Range => {
    if (k >= begin.length) return { start: 0, end: d, step: 1, size: d };
    const step = strides[k];
    if (shrunk[k]) return single(o, begin[k], d);
    const stop = options.bool(5) ? begin[k] + end[k] : end[k];
    return clippedRange(o, bit(0, k) ? null : begin[k], bit(1, k) ? null : stop, step, d);
  });

  const full = ranges.map((r) => r.size);
  if (!shrunk.some(Boolean)) {
    addSlice(importer, o, x, ranges, x.name, importer.define(o, { ...x, dims: full }));
    return;
  }
  if (shrunk[x.batch]) refuseBatch(o, x.batch, x);
  const dims = full.filter((_, k) => !shrunk[k]);
  const batch = x.batch - shrunk.slice(0, x.batch).filter(Boolean).length;
  const out = importer.define(o, { dims, layout: 'plain', batch });
  const plain: Value = { ...x, name: importer.read(importer.operand(o, 0), 'plain'), layout: 'plain' };
  const part = importer.graph.unique(`${out}/slice`);
  addSlice(importer, o, plain, ranges, plain.name, part);
  const axes = importer.graph.ints(
    `${out}/axes`,
    shrunk.flatMap((gone, k) => (gone ? [k] : [])),
  );
  importer.graph.node('Squeeze', [part, axes], out);
}

function single(o: TfliteOperator, begin: number, size: number): Range {
  const start = axisOf(o, begin, size);
  return { start, end: start + 1, step: 1, size: 1 };
}

function clippedRange(
  o: TfliteOperator,
  begin: number | null,
  end: number | null,
  step: number,
  size: number,
): Range {
  if (step === 0) throw malformed(o.op, 'strides other than 0', step);
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const clip = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, lowest), highest);
  const start = begin === null ? (step > 0 ? 0 : size - 1) : clip(begin);
  const stop = end === null ? (step > 0 ? size : -1) : clip(end);
  return { start, end: stop, step, size: Math.max(0, Math.ceil((stop - start) / step)) };
}

function addSlice(
  importer: Importer,
  o: TfliteOperator,
  x: Value,
  ranges: readonly Range[],
  from: string,
  out: string,
): void {
  const { graph } = importer;
  const rank = x.dims.length;
  const whole = (r: Range, k: number) => r.step === 1 && r.size === x.dims[k];
  const cut = ranges.flatMap((r, k) => (whole(r, k) ? [] : [k]));
  for (const k of cut) refuseBatch(o, k, x);
  if (cut.length === 0) {
    graph.node('Identity', [from], out);
    return;
  }
  // An end before the first element is written as far below 0: ONNX counts −1 from the end.
  const before = -(2 ** 31);
  const input = (name: string, values: number[]) => graph.ints(`${out}/${name}`, values);
  const inputs = [
    input(
      'starts',
      cut.map((k) => ranges[k].start),
    ),
    input(
      'ends',
      cut.map((k) => (ranges[k].end < 0 ? before : ranges[k].end)),
    ),
    input(
      'axes',
      cut.map((k) => onnxAxis(k, rank, x.layout)),
    ),
    input(
      'steps',
      cut.map((k) => ranges[k].step),
    ),
  ];
  graph.node('Slice', [from, ...inputs], out);
}

/** GATHER with constant indices. */
export function gather(importer: Importer, o: TfliteOperator): void {
  const x = importer.input(o);
  const rank = x.dims.length;
  const axis = axisOf(o, o.options.int32(0), rank);
  refuseBatch(o, axis, x);
  if (o.options.int32(1) !== 0) throw unsupported('GATHER with batch_dims');
  const indices = importer.ints(importer.operand(o, 1));
  const shape = importer.tensor(importer.operand(o, 1)).shape;
  if (!indices.every((i) => i >= 0 && i < x.dims[axis]))
    throw malformed(o.op, `indices below ${x.dims[axis]}`, indices);

  const same = shape.length === 1;
  const dims = [...x.dims.slice(0, axis), ...shape, ...x.dims.slice(axis + 1)];
  const batch = axis < x.batch ? x.batch - 1 + shape.length : x.batch;
  const layout = same ? x.layout : 'plain';
  const out = importer.define(o, { dims, layout, batch });
  const { graph } = importer;
  const flat = graph.ints(`${out}/indices`, indices);
  const at = onnxAxis(axis, rank, layout);
  if (same) {
    graph.node('Gather', [x.name, flat], out, { axis: at });
    return;
  }
  const taken = graph.unique(`${out}/gather`);
  graph.node('Gather', [importer.read(importer.operand(o, 0), 'plain'), flat], taken, { axis: at });
  const target = graph.ints(
    `${out}/shape`,
    dims.map((d, k) => (k === batch ? -1 : d)),
  );
  graph.node('Reshape', [taken, target], out);
}
