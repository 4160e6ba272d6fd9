// Where the elements of a row-major tensor are.

import { type Dims, product } from './value.ts';

/** Row-major strides. */
export function stridesOf(dims: Dims): number[] {
  const strides = new Array<number>(dims.length);
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i];
  }
  return strides;
}

/** Calls `visit` with the index along each dim, in row-major order. */
export function forEachIndex(dims: Dims, visit: (at: readonly number[]) => void): void {
  const total = product(dims);
  const at = new Array<number>(dims.length).fill(0);
  for (let n = 0; n < total; n++) {
    visit(at);
    for (let i = dims.length - 1; i >= 0; i--) {
      if (++at[i] < dims[i]) break;
      at[i] = 0;
    }
  }
}

/** Offset in a tensor of `dims` of the element that broadcasts to `at`. */
export function broadcastOffset(dims: Dims, strides: Dims, at: readonly number[]): number {
  let offset = 0;
  const shift = at.length - dims.length;
  for (let i = 0; i < dims.length; i++) if (dims[i] !== 1) offset += at[i + shift] * strides[i];
  return offset;
}
