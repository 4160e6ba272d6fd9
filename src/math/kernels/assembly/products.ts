// The two products of a factorisation on a block of rows of A, in float32 with float64 totals:
//
//     F = W Aᵀ [r, rows]   and   M += Uᵀ A [r, p]
//
// A: row-major, `lda` floats between rows, p a multiple of 16, the columns beyond the matrix 0. U is
// stored by concepts, as Uᵀ. Pointers are byte addresses; strides are counted in elements.

import { f64At, putF64 } from './elements';
import {
  dots1x1, dots1x2, dots1x3, dots1x4, dots2x1, dots2x2, dots2x3, dots2x4,
  outer1, outer2, outer3, outer4,
} from './tiles.generated';

/** Rows that are worked on while they stay in the cache: 48 × 2048 floats are 0.4 MB. */
export const BLOCK = 48;
/** Columns summed in float32 before the sum is added in float64: bounds the rounding for any p. */
const SEGMENT = 512;
const GRAM_SEGMENT = 256;
/** Columns whose 48 rows stay in the first cache while all concepts are worked on. */
const PANEL = 64;

/** How many of the `left` concepts the next tile takes: 4, or what leaves no tile of 1 behind. */
@inline
function tileOf(left: i32): i32 {
  return left <= 4 ? left : left == 5 || left == 6 || left == 9 ? 3 : 4;
}

/** Packs W [r, p] for {@link timesTranspose}: by segments, then tiles, then 4 floats of each concept in turn. */
export function pack(w: usize, ldw: i32, r: i32, p: i32, out: usize): void {
  for (let j0 = 0; j0 < p; j0 += SEGMENT) {
    const j1 = min(p, j0 + SEGMENT);
    for (let t = 0; t < r; ) {
      const T = tileOf(r - t);
      for (let j = j0; j < j1; j += 4) {
        for (let b = 0; b < T; b++, out += 16) {
          v128.store(out, v128.load(w + (<usize>((t + b) * ldw + j) << 2)));
        }
      }
      t += T;
    }
  }
}

/** F[t, i] = Σ_j A[i, j] W[t, j] in float64, row stride BLOCK; F beyond `rows` is 0. */
export function timesTranspose(a: usize, lda: i32, rows: i32, p: i32, packed: usize, r: i32, f: usize): void {
  const stride = <usize>lda << 2;
  memory.fill(f, 0, <usize>(r * BLOCK) << 3);
  for (let j0 = 0; j0 < p; j0 += SEGMENT) {
    const width = min(p - j0, SEGMENT);
    for (let t = 0; t < r; ) {
      const T = tileOf(r - t);
      let row = a + (<usize>j0 << 2);
      let g = f + (<usize>(t * BLOCK) << 3);
      let i = 0;
      for (; i + 2 <= rows; i += 2, row += 2 * stride, g += 16) dots2(T, row, stride, packed, width, g);
      if (i < rows) dots1(T, row, stride, packed, width, g);
      packed += <usize>(T * width) << 2;
      t += T;
    }
  }
}

@inline
function dots2(T: i32, a: usize, lda: usize, w: usize, width: i32, f: usize): void {
  const ldf: usize = BLOCK << 3;
  if (T == 4) dots2x4(a, lda, w, width, f, ldf);
  else if (T == 3) dots2x3(a, lda, w, width, f, ldf);
  else if (T == 2) dots2x2(a, lda, w, width, f, ldf);
  else dots2x1(a, lda, w, width, f, ldf);
}

@inline
function dots1(T: i32, a: usize, lda: usize, w: usize, width: i32, f: usize): void {
  const ldf: usize = BLOCK << 3;
  if (T == 4) dots1x4(a, lda, w, width, f, ldf);
  else if (T == 3) dots1x3(a, lda, w, width, f, ldf);
  else if (T == 2) dots1x2(a, lda, w, width, f, ldf);
  else dots1x1(a, lda, w, width, f, ldf);
}

/**
 * M += Uᵀ A over a block of at most BLOCK rows; M [r, ldm] in float64.
 *
 * @param u - Uᵀ [r, ldu], its first column that of the block.
 * @param scratch - r · BLOCK floats.
 */
export function addOuter(
  a: usize, lda: i32, rows: i32, p: i32, u: usize, ldu: i32, r: i32, m: usize, ldm: i32, scratch: usize,
): void {
  let to = scratch;
  for (let t = 0; t < r; ) {
    const T = tileOf(r - t);
    for (let i = 0; i < rows; i++) {
      for (let b = 0; b < T; b++, to += 4) {
        store<f32>(to, load<f32>(u + (<usize>((t + b) * ldu + i) << 2)));
      }
    }
    t += T;
  }
  const stride = <usize>lda << 2;
  const ld = <usize>ldm << 3;
  for (let j0 = 0; j0 < p; j0 += PANEL) {
    const end = min(p, j0 + PANEL);
    let s = scratch;
    for (let t = 0; t < r; ) {
      const T = tileOf(r - t);
      let column = a + (<usize>j0 << 2);
      let cell = m + (<usize>(t * ldm + j0) << 3);
      for (let j = j0; j < end; j += 8, column += 32, cell += 64) {
        if (T == 4) outer4(column, stride, rows, s, cell, ld);
        else if (T == 3) outer3(column, stride, rows, s, cell, ld);
        else if (T == 2) outer2(column, stride, rows, s, cell, ld);
        else outer1(column, stride, rows, s, cell, ld);
      }
      s += <usize>(rows * T) << 2;
      t += T;
    }
  }
}

/**
 * G += X Xᵀ [r, r] over the columns of X [r, ldx], rounded up to 4, X being 0 there; exactly symmetric.
 * In float32 over GRAM_SEGMENT columns, then in float64.
 */
export function addGram(x: usize, ldx: i32, count: i32, r: i32, g: usize): void {
  const stride = <usize>ldx << 2;
  for (let i = 0; i < count; i += GRAM_SEGMENT) {
    const width = <usize>min(GRAM_SEGMENT, ((count - i) + 3) & ~3) << 2;
    const columns = x + (<usize>i << 2);
    for (let t = 0; t < r; t += 2) {
      const a = columns + <usize>t * stride;
      const pair = t + 1 < r;
      // in fours from the end, for which some below the diagonal are summed too, and written over below
      let s = pair ? max(t & 3, r - ((r - t + 3) & ~3)) : t;
      if (s > t) s = t;
      let b = columns + <usize>s * stride;
      for (; pair && s + 4 <= r; s += 4, b += 4 * stride) gram2x4(a, b, stride, width, g, t * r + s, r);
      for (; s < r; s++, b += stride) {
        gram1x1(a, b, width, g, t * r + s);
        if (pair) gram1x1(a + stride, b, width, g, (t + 1) * r + s);
      }
    }
  }
  for (let t = 1; t < r; t++) for (let s = 0; s < t; s++) putF64(g, t * r + s, f64At(g, s * r + t));
}

/** g_k …, g_(k + r) … += rows a and a + stride times four rows from b. */
function gram2x4(a: usize, b: usize, stride: usize, width: usize, g: usize, k: i32, r: i32): void {
  const b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride, other = a + stride;
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let z0 = f32x4.splat(0), z1 = f32x4.splat(0), z2 = f32x4.splat(0), z3 = f32x4.splat(0);
  for (let j: usize = 0; j != width; j += 16) {
    const u = v128.load(a + j);
    const v = v128.load(other + j);
    const w0 = v128.load(b + j), w1 = v128.load(b1 + j), w2 = v128.load(b2 + j), w3 = v128.load(b3 + j);
    s0 = f32x4.add(s0, f32x4.mul(u, w0));
    s1 = f32x4.add(s1, f32x4.mul(u, w1));
    s2 = f32x4.add(s2, f32x4.mul(u, w2));
    s3 = f32x4.add(s3, f32x4.mul(u, w3));
    z0 = f32x4.add(z0, f32x4.mul(v, w0));
    z1 = f32x4.add(z1, f32x4.mul(v, w1));
    z2 = f32x4.add(z2, f32x4.mul(v, w2));
    z3 = f32x4.add(z3, f32x4.mul(v, w3));
  }
  addLanes(g, k, s0);
  addLanes(g, k + 1, s1);
  addLanes(g, k + 2, s2);
  addLanes(g, k + 3, s3);
  addLanes(g, k + r, z0);
  addLanes(g, k + r + 1, z1);
  addLanes(g, k + r + 2, z2);
  addLanes(g, k + r + 3, z3);
}

@inline
function gram1x1(a: usize, b: usize, width: usize, g: usize, k: i32): void {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j != width; j += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(a + j), v128.load(b + j)));
  }
  addLanes(g, k, sum);
}

/** g_k += the four lanes of v. */
@inline
function addLanes(g: usize, k: i32, v: v128): void {
  const pairs = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(upper(v)));
  putF64(g, k, f64At(g, k) + (f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1)));
}

/** Lanes 2 and 3 in the place of 0 and 1. */
@inline
export function upper(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}
