// A chunk of rows of A without its zeros, and the two products of a factorisation on it:
//
//     F = W Aᵀ [r, rows]   and   M += Uᵀ A [r, p]
//
// An element costs all concepts at once: one row of Wᵀ, in lanes. What is 0 in A costs nothing.
//
// In memory: u32 [rows + 1], number of the first element of each row and of all; from the next multiple of
// 16 bytes, the elements, float32; from the next but one, their columns, u16. p is 65536 at most.

import {
  sparseDots1, sparseDots2, sparseDots3, sparseDots4, sparseDots5, sparseDots6, sparseDots7, sparseDots8,
  sparseOuter1, sparseOuter2, sparseOuter3, sparseOuter4, sparseOuter5, sparseOuter6, sparseOuter7, sparseOuter8,
} from './tiles.generated';
import { f64At, putF64 } from './elements';
import { BLOCK } from './products';
import { survey } from './sums';

/** Elements summed in float32 before the sum is added in float64. */
const SEGMENT = 512;
/** Vectors of four concepts that are worked on at a time: as many as the registers hold. */
const WIDEST = 8;

@inline
function round16(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

@inline
function firstOf(a: usize, i: i32): i32 {
  return load<i32>(a + ((<usize>i) << 2));
}

@inline
function valuesOf(a: usize, rows: i32): usize {
  return a + round16(<usize>(rows + 1) << 2);
}

@inline
function columnsOf(a: usize, rows: i32): usize {
  return valuesOf(a, rows) + round16(<usize>firstOf(a, rows) << 2) + 16;
}

/** Elements of a chunk that are not 0. */
export function countNonzero(a: usize, lda: i32, rows: i32, p: i32, _scratch: usize): f64 {
  const zero = f32x4.splat(0);
  let count: i32 = 0;
  for (let i = 0; i < rows; i++) {
    let at = a + (<usize>(i * lda) << 2);
    for (let j = 0; j < p; j += 4, at += 16) count += popcnt(i32x4.bitmask(f32x4.ne(v128.load(at), zero)));
  }
  return <f64>count;
}

/** Writes the chunk [rows, p] to `out` without its zeros, of which there are rows · p − `count`. */
export function compressPass(a: usize, lda: i32, rows: i32, p: i32, count: i32, out: usize, _scratch: usize): void {
  store<i32>(out + (<usize>rows << 2), count);
  let value = valuesOf(out, rows);
  let column = columnsOf(out, rows);
  const first = value;
  for (let i = 0; i < rows; i++) {
    store<i32>(out + (<usize>i << 2), <i32>((value - first) >> 2));
    let at = a + (<usize>(i * lda) << 2);
    for (let j = 0; j < p; j++, at += 4) {
      const v = load<f32>(at);
      store<f32>(value, v); // the next one takes its place if it is 0
      store<u16>(column, <u16>j);
      const some = <usize>(v != 0);
      value += some << 2;
      column += some << 1;
    }
  }
}

/** The rows `first` … of a chunk with their zeros, `p` floats each. */
export function expand(a: usize, rows: i32, first: i32, count: i32, p: i32, out: usize): void {
  memory.fill(out, 0, <usize>(count * p) << 2);
  const values = valuesOf(a, rows);
  const columns = columnsOf(a, rows);
  for (let i = 0; i < count; i++, out += <usize>p << 2) {
    const end = firstOf(a, first + i + 1);
    for (let k = firstOf(a, first + i); k < end; k++) {
      const j = <usize>load<u16>(columns + (<usize>k << 1));
      store<f32>(out + (j << 2), load<f32>(values + (<usize>k << 2)));
    }
  }
}

/** Row i of a chunk, times `sign`, is added to z [p] in float64. */
export function sparseFold(a: usize, rows: i32, i: i32, sign: f64, z: usize): void {
  const values = valuesOf(a, rows);
  const columns = columnsOf(a, rows);
  const end = firstOf(a, i + 1);
  for (let k = firstOf(a, i); k < end; k++) {
    const at = z + (<usize>load<u16>(columns + (<usize>k << 1)) << 3);
    store<f64>(at, load<f64>(at) + sign * <f64>load<f32>(values + (<usize>k << 2)));
  }
}

/** As `survey`, of a chunk without zeros: its elements as one row, and the 0 that a survey begins with. */
export function sparseSurvey(a: usize, rows: i32, out: usize): void {
  const count = firstOf(a, rows);
  const values = valuesOf(a, rows);
  // up to the next multiple of four lies what is no element
  for (let k = count; k & 3; k++) store<f32>(values + (<usize>k << 2), 0);
  survey(values, 0, 1, count, out);
}

/** Vectors of four concepts in a group; all groups but the last are as wide. */
@inline
function widthOf(r: i32): i32 {
  const vectors = (r + 3) >> 2;
  const groups = (vectors + WIDEST - 1) / WIDEST;
  return (vectors + groups - 1) / groups;
}

/** Wᵀ for {@link sparseTimes}: by groups of concepts, for each column the concepts in lanes. W [r, p]. */
export function packLanes(w: usize, ldw: i32, r: i32, p: i32, out: usize): void {
  const widest = widthOf(r) << 2;
  for (let t = 0; t < r; t += widest) {
    const lanes = min(widest, ((r - t) + 3) & ~3);
    for (let j = 0; j < p; j++, out += <usize>lanes << 2) {
      for (let b = 0; b < lanes; b++) {
        const value = t + b < r ? load<f32>(w + (<usize>((t + b) * ldw + j) << 2)) : 0;
        store<f32>(out + (<usize>b << 2), value);
      }
    }
  }
}

/** F[t, i] = Σ_j A[first + i, j] W[t, j] in float64, row stride BLOCK; F beyond `count` is 0. */
export function sparseTimes(
  a: usize, rows: i32, first: i32, count: i32, p: i32, packed: usize, r: i32, f: usize, sums: usize,
): void {
  memory.fill(f, 0, <usize>(r * BLOCK) << 3);
  const values = valuesOf(a, rows);
  const columns = columnsOf(a, rows);
  const widest = widthOf(r) << 2;
  for (let t = 0; t < r; t += widest) {
    const lanes = min(widest, ((r - t) + 3) & ~3);
    for (let i = 0; i < count; i++) {
      const end = firstOf(a, first + i + 1);
      for (let k = firstOf(a, first + i); k < end; k += SEGMENT) {
        const some = min(SEGMENT, end - k);
        dots(lanes >> 2, values + (<usize>k << 2), columns + (<usize>k << 1), some, packed, sums);
        for (let b = 0; b < min(lanes, r - t); b++) {
          const at = (t + b) * BLOCK + i;
          putF64(f, at, f64At(f, at) + <f64>load<f32>(sums + (<usize>b << 2)));
        }
      }
    }
    packed += <usize>(p * lanes) << 2;
  }
}

/** Adds U of rows `first` …, times A, to `lanes`, as {@link packLanes} orders Wᵀ; U [r, ldu], its first column that of `first`. */
export function sparseOuter(
  a: usize, rows: i32, first: i32, count: i32, p: i32, u: usize, ldu: i32, r: i32, to: usize, row: usize,
): void {
  const values = valuesOf(a, rows);
  const columns = columnsOf(a, rows);
  const widest = widthOf(r) << 2;
  for (let t = 0; t < r; t += widest) {
    const lanes = min(widest, ((r - t) + 3) & ~3);
    for (let i = 0; i < count; i++) {
      let any: f32 = 0;
      for (let b = 0; b < lanes; b++) {
        const value = t + b < r ? load<f32>(u + (<usize>((t + b) * ldu + i) << 2)) : 0;
        any = max(any, abs(value));
        store<f32>(row + (<usize>b << 2), value);
      }
      if (any == 0) continue;
      const k = firstOf(a, first + i);
      const some = firstOf(a, first + i + 1) - k;
      outer(lanes >> 2, values + (<usize>k << 2), columns + (<usize>k << 1), some, row, to);
    }
    to += <usize>(p * lanes) << 2;
  }
}

/** M += what {@link sparseOuter} summed; M [r, p] in float64. */
export function addLanesTo(from: usize, p: i32, r: i32, m: usize): void {
  const widest = widthOf(r) << 2;
  for (let t = 0; t < r; t += widest) {
    const lanes = min(widest, ((r - t) + 3) & ~3);
    for (let b = 0; b < min(lanes, r - t); b++) {
      let at = from + (<usize>b << 2);
      for (let j = 0; j < p; j++, at += <usize>lanes << 2, m += 8) store<f64>(m, load<f64>(m) + <f64>load<f32>(at));
    }
    from += <usize>(p * lanes) << 2;
  }
}

/** Floats that {@link sparseOuter} sums in. */
@inline
export function laneFloats(p: i32, r: i32): i32 {
  return p * ((r + 3) & ~3);
}

@inline
function dots(vectors: i32, values: usize, columns: usize, count: i32, w: usize, sums: usize): void {
  if (vectors == 8) sparseDots8(values, columns, count, w, sums);
  else if (vectors == 7) sparseDots7(values, columns, count, w, sums);
  else if (vectors == 6) sparseDots6(values, columns, count, w, sums);
  else if (vectors == 5) sparseDots5(values, columns, count, w, sums);
  else if (vectors == 4) sparseDots4(values, columns, count, w, sums);
  else if (vectors == 3) sparseDots3(values, columns, count, w, sums);
  else if (vectors == 2) sparseDots2(values, columns, count, w, sums);
  else sparseDots1(values, columns, count, w, sums);
}

@inline
function outer(vectors: i32, values: usize, columns: usize, count: i32, row: usize, to: usize): void {
  if (vectors == 8) sparseOuter8(values, columns, count, row, to);
  else if (vectors == 7) sparseOuter7(values, columns, count, row, to);
  else if (vectors == 6) sparseOuter6(values, columns, count, row, to);
  else if (vectors == 5) sparseOuter5(values, columns, count, row, to);
  else if (vectors == 4) sparseOuter4(values, columns, count, row, to);
  else if (vectors == 3) sparseOuter3(values, columns, count, row, to);
  else if (vectors == 2) sparseOuter2(values, columns, count, row, to);
  else sparseOuter1(values, columns, count, row, to);
}
