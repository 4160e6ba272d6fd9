// SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION, LOCAL_RESPONSE_NORMALIZATION: along the last dim of the file.

import { onnxAxis } from './axes.ts';
import type { Converter } from './elementwise.ts';
import { malformed, unsupported } from './fail.ts';
import type { Importer, Value } from './importer.ts';
import type { TfliteOperator } from './read.ts';

/** The norm below which L2_NORMALIZATION divides by this instead. */
const SMALLEST_NORM = 1e-6;

function lastAxis(o: TfliteOperator, x: Value): number {
  const rank = x.dims.length;
  if (rank === 0 || x.batch === rank - 1) throw unsupported(`${o.op} along the batch of "${x.name}"`);
  return onnxAxis(rank - 1, rank, x.layout);
}

/** exp(β·x) / Σ exp(β·x). */
export function softmax(importer: Importer, o: TfliteOperator): void {
  const { graph } = importer;
  const x = importer.input(o);
  const axis = lastAxis(o, x);
  const out = importer.define(o, x);
  const beta = o.options.float32(0);
  const scaled =
    beta === 1 ? x.name : graph.node('Mul', [x.name, graph.scalar(beta)], graph.unique(`${out}/beta`));
  graph.node('Softmax', [scaled], out, { axis });
}

export function logSoftmax(importer: Importer, o: TfliteOperator): void {
  const x = importer.input(o);
  const axis = lastAxis(o, x);
  importer.graph.node('LogSoftmax', [x.name], importer.define(o, x), { axis });
}

/** x / ‖x‖. */
export const l2Normalization: Converter = (importer, o) => {
  const { graph } = importer;
  const x = importer.input(o);
  const axis = lastAxis(o, x);
  const out = importer.define(o, x);
  const norm = graph.node('ReduceL2', [x.name], graph.unique(`${out}/norm`), { axes: [axis], keepdims: 1 });
  const floor = graph.node('Max', [norm, graph.scalar(SMALLEST_NORM)], graph.unique(`${out}/floor`));
  graph.node('Div', [x.name, floor], out);
};

/** x / (bias + α·Σ x²)^β over 2·radius + 1 channels. ONNX divides its α by their number. */
export const localResponseNormalization: Converter = (importer, o) => {
  const { options } = o;
  const radius = options.int32(0);
  if (radius < 0 || radius > 1_000_000) throw malformed(o.op, 'a radius from 0', radius);
  const x = importer.input(o);
  if (x.dims.length !== 4) throw malformed(o.op, 'a map [N, H, W, C] as input', `[${x.dims}]`);
  const source = importer.read(importer.operand(o, 0), 'NCHW');
  const size = 2 * radius + 1;
  importer.graph.node('LRN', [source], importer.define(o, { ...x, layout: 'NCHW' }), {
    size,
    bias: { float: options.float32(1) },
    alpha: { float: Math.fround(options.float32(2) * size) },
    beta: { float: options.float32(3) },
  });
};
