// FULLY_CONNECTED and BATCH_MATMUL.

import { sizeOf } from '../../tensor/tensor.ts';
import { activationOf, withActivation } from './activation.ts';
import { broadcastDims } from './axes.ts';
import { addBias } from './conv.ts';
import { malformed, unsupported } from './fail.ts';
import type { Importer } from './importer.ts';
import { addReshape } from './movement.ts';
import type { TfliteOperator } from './read.ts';

/**
 * y = x·Wᵀ + b with W [units, width].
 *
 * Without keep_num_dims all dims of x but the elements of a row are joined; a batch that is joined
 * with others stays free.
 */
export function fullyConnected(importer: Importer, o: TfliteOperator): void {
  const { options, inputs } = o;
  if (options.int8(1) !== 0) throw unsupported('FULLY_CONNECTED with shuffled weights');
  const weights = importer.operand(o, 1);
  const t = importer.tensor(weights);
  const x = importer.input(o);
  if (t.shape.length !== 2 || x.dims.length < 1)
    throw malformed(o.op, 'weights [units, width]', `[${t.shape}]`);
  const [units, width] = t.shape;
  const keep = options.bool(2);
  const rows = sizeOf(x.dims) / width;
  const kept = x.dims[x.dims.length - 1] === width;
  if (!Number.isInteger(rows) || (keep && !kept)) {
    throw malformed(o.op, `rows of ${width} elements as input`, `[${x.dims}]`);
  }

  const dims = keep ? [...x.dims.slice(0, -1), units] : [rows, units];
  const batch = keep ? x.batch : 0;
  if (batch === dims.length - 1) throw unsupported('FULLY_CONNECTED along the batch');
  const out = importer.define(o, { dims, layout: 'plain', batch });
  const bias = importer.has(o, 2) ? addBias(importer, o, 2, [0, 1], units) : null;
  withActivation(importer, activationOf(importer, o, options.int8(0)), out, 'dense', (name) => {
    if (dims.length === 2) {
      const flat = rowsOf(importer, o, rows, width, out);
      const w = importer.weights(weights, [0, 1]);
      importer.graph.node('Gemm', bias ? [flat, w, bias] : [flat, w], name, { transB: 1 });
      return;
    }
    const w = importer.weights(weights, [1, 0]);
    const product = bias ? importer.graph.unique(`${out}/matmul`) : name;
    importer.graph.node('MatMul', [importer.read(inputs[0], 'plain'), w], product);
    if (bias) importer.graph.node('Add', [product, bias], name);
  });
}

/** The input as a matrix; as it is where it is one. */
function rowsOf(importer: Importer, o: TfliteOperator, rows: number, width: number, out: string): string {
  const x = importer.input(o);
  if (x.dims.length === 2 && x.batch === 0 && x.dims[1] === width) return x.name;
  const flat = importer.graph.unique(`${out}/flatten`);
  addReshape(importer, o, [rows, width], 'plain', flat);
  return flat;
}

export function batchMatmul(importer: Importer, o: TfliteOperator): void {
  const indices = [importer.operand(o, 0), importer.operand(o, 1)];
  const adjoint = [o.options.bool(0), o.options.bool(1)];
  const sides = indices.map((index, k) => {
    const constant = importer.isConstant(index);
    const dims = [...(constant ? importer.tensor(index).shape : importer.value(index).dims)];
    const rank = dims.length;
    if (rank < 2) throw malformed(o.op, 'operands of rank ≥ 2', `[${dims}]`);
    let fromRight = constant ? null : importer.value(index).batch - rank;
    if (adjoint[k]) {
      [dims[rank - 1], dims[rank - 2]] = [dims[rank - 2], dims[rank - 1]];
      if (fromRight !== null && fromRight >= -2) fromRight = -3 - fromRight;
    }
    return { dims, fromRight };
  });
  const [a, b] = sides;
  if (a.fromRight === null && b.fromRight === null) throw unsupported('BATCH_MATMUL of constants');
  const rank = Math.max(a.dims.length, b.dims.length);
  // Images may be rows of the left, columns of the right, or matrices of both.
  const fits =
    a.fromRight === null || b.fromRight === null
      ? a.fromRight !== -1 && b.fromRight !== -2
      : a.fromRight === b.fromRight && a.fromRight < -2;
  if (!fits) throw unsupported(`BATCH_MATMUL across the images of a batch`);
  const batch = rank + (a.fromRight ?? b.fromRight ?? -rank);
  const stack = broadcastDims(o, [a.dims.slice(0, -2), b.dims.slice(0, -2)]);
  const dims = [...stack, a.dims[a.dims.length - 2], b.dims[b.dims.length - 1]];
  if (a.dims[a.dims.length - 1] !== b.dims[b.dims.length - 2]) {
    throw malformed(o.op, 'matrices that fit', `[${a.dims}] and [${b.dims}]`);
  }
  const out = importer.define(o, { dims, layout: 'plain', batch });
  const names = indices.map((index, k) => {
    const name = importer.read(index, 'plain');
    if (!adjoint[k]) return name;
    const n = sides[k].dims.length;
    const perm = Array.from({ length: n }, (_, i) => (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
    return importer.graph.node('Transpose', [name], importer.graph.unique(`${out}/adjoint`), { perm });
  });
  importer.graph.node('MatMul', names, out);
}
