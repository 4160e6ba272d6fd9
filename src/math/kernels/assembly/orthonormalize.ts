// Gram–Schmidt in float64.

import { f64At, putF64 } from './elements';

/** Below this share of its norm a row that was made orthogonal is only rounding. */
const DEPENDENT: f64 = 1e-14;

/**
 * Makes the rows of X [m, p] in float64 orthonormal, by modified Gram–Schmidt done twice; a row that depends
 * on those before it becomes 0. p is even, the rows stand close together.
 */
export function orthonormalize(x: usize, m: i32, p: i32): void {
  const row = <usize>p << 3;
  for (let i = 0; i < m; i++) {
    const at = x + <usize>i * row;
    const before = sqrt(dot(at, at, p));
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j < i; j++) {
        const other = x + <usize>j * row;
        subtract(at, other, dot(at, other, p), p);
      }
    }
    const norm = sqrt(dot(at, at, p));
    const scale = norm > DEPENDENT * before ? 1 / norm : 0;
    for (let k = 0; k < p; k++) putF64(at, k, scale == 0 ? 0 : f64At(at, k) * scale);
  }
}

/** Eight sums, so that an addition need not wait for the one before. */
export function dot(x: usize, y: usize, p: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  let k = 0;
  for (; k + 8 <= p; k += 8, x += 64, y += 64) {
    a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)));
    b = f64x2.add(b, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
  }
  for (; k < p; k += 2, x += 16, y += 16) a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)));
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** x −= factor · y */
function subtract(x: usize, y: usize, factor: f64, p: i32): void {
  const factors = f64x2.splat(factor);
  for (let k = 0; k < p; k += 2, x += 16, y += 16) {
    v128.store(x, f64x2.sub(v128.load(x), f64x2.mul(factors, v128.load(y))));
  }
}
