// Sums over whole arrays, in float64.

import { upper } from './products';

/** The squares of four float32 as two float64 sums. */
@inline
export function squares(v: v128): v128 {
  const low = f64x2.promote_low_f32x4(v);
  const high = f64x2.promote_low_f32x4(upper(v));
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
}

/**
 * Reads a chunk once: writes Σ a, Σ a² (float64), then the least and the largest element (float64) to `out`.
 * An element that is not finite makes Σ a² infinite or NaN. Columns beyond the matrix must be 0.
 */
export function survey(a: usize, lda: i32, rows: i32, p: i32, out: usize): void {
  let sum = f64x2.splat(0);
  let square = f64x2.splat(0);
  let least = f32x4.splat(0);
  let largest = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    let at = a + (<usize>(i * lda) << 2);
    for (let j = 0; j < p; j += 4, at += 16) {
      const v = v128.load(at);
      sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(upper(v))));
      square = f64x2.add(square, squares(v));
      least = f32x4.min(least, v);
      largest = f32x4.max(largest, v);
    }
  }
  store<f64>(out, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  store<f64>(out, f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1), 8);
  const low = f32x4.min(least, upper(least));
  const high = f32x4.max(largest, upper(largest));
  store<f64>(out, <f64>min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)), 16);
  store<f64>(out, <f64>max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 24);
}

/** x += factor · y over `count` float64. */
export function add(x: usize, y: usize, count: i32, factor: f64): void {
  const factors = f64x2.splat(factor);
  let i = 0;
  for (; i + 2 <= count; i += 2, x += 16, y += 16) {
    v128.store(x, f64x2.add(v128.load(x), f64x2.mul(factors, v128.load(y))));
  }
  if (i < count) store<f64>(x, load<f64>(x) + factor * load<f64>(y));
}

/** ⟨X, Y⟩ for X [rows, ldx] in float32 and Y [rows, ldy] in float64, `columns` of each row, a multiple of 4. */
export function inner(x: usize, ldx: i32, y: usize, ldy: i32, rows: i32, columns: i32): f64 {
  let total: f64 = 0;
  for (let t = 0; t < rows; t++) {
    let sum = f64x2.splat(0);
    for (let j = 0; j < columns; j += 4) {
      const v = v128.load(x + (<usize>(t * ldx + j) << 2));
      const at = y + (<usize>(t * ldy + j) << 3);
      sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(v), v128.load(at)));
      sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(upper(v)), v128.load(at, 16)));
    }
    total += f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }
  return total;
}

/** Copies `rows` rows of p floats that stand close together to places `stride` floats apart; p may be any. */
export function spread(from: usize, to: usize, rows: i32, p: i32, stride: i32): void {
  const bytes = <usize>p << 2;
  for (let i = 0; i < rows; i++, from += bytes, to += <usize>stride << 2) memory.copy(to, from, bytes);
}
