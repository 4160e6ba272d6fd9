// Axes: of the file (NHWC) and of the ONNX tensor.

import { sizeOf } from '../../tensor/tensor.ts';
import { malformed, unsupported } from './fail.ts';
import type { Value } from './importer.ts';
import { type Layout, NHWC_FROM_NCHW } from './layout.ts';
import type { TfliteOperator } from './read.ts';

/** An axis counted from 0; the file may count from the end. */
export function axisOf(o: TfliteOperator, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(counted) && counted >= 0 && counted < rank)) {
    throw malformed(o.op, `an axis below ${rank}`, axis);
  }
  return counted;
}

/** Where an axis of the file stands in the ONNX tensor. */
export function onnxAxis(axis: number, rank: number, layout: Layout): number {
  return layout === 'NCHW' && rank === 4 ? NHWC_FROM_NCHW[axis] : axis;
}

/** Refuses an operator that reads along the batch: with more than one image it would mix them. */
export function refuseBatch(o: TfliteOperator, axis: number, x: Value): void {
  if (axis === x.batch) throw unsupported(`${o.op} along the batch of "${x.name}"`);
}

/**
 * The dim that grows with the batch after a reshape: row-major order keeps whole images together
 * where the dims before it have the same product.
 */
export function batchAfterReshape(o: TfliteOperator, x: Value, dims: readonly number[]): number {
  if (sizeOf(dims) !== sizeOf(x.dims)) throw malformed(o.op, `${sizeOf(x.dims)} elements`, `[${dims}]`);
  const before = sizeOf(x.dims.slice(0, x.batch));
  let product = 1;
  for (let k = 0; k < dims.length; k++) {
    if (product === before) return k;
    product *= dims[k];
  }
  throw unsupported(`${o.op} of "${x.name}" to [${dims}], which mixes the images of a batch`);
}

/** The dims that operands broadcast to, aligned at the right. */
export function broadcastDims(o: TfliteOperator, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, k) => {
    const sizes = shapes.map((s) => s[k - rank + s.length] ?? 1).filter((d) => d !== 1);
    if (sizes.some((d) => d !== sizes[0])) {
      throw malformed(o.op, 'shapes that broadcast', shapes.map((s) => `[${s}]`).join(' and '));
    }
    return sizes[0] ?? 1;
  });
}
