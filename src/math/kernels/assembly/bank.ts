// A bank of concepts made ready for the passes, and coefficients put into rows: loops too long for JavaScript that
// has only begun to run.

import { dot } from './orthonormalize';

/** G [r, r] ← X Xᵀ for X [r, p] in float64, p even; exactly symmetric. */
export function gramOfRows(x: usize, r: i32, p: i32, g: usize): void {
  const row = <usize>p << 3;
  for (let i = 0; i < r; i++) {
    for (let j = i; j < r; j++) {
      const value = dot(x + <usize>i * row, x + <usize>j * row, p);
      store<f64>(g + (<usize>(i * r + j) << 3), value);
      store<f64>(g + (<usize>(j * r + i) << 3), value);
    }
  }
}

/** out [r, stride] in float32 ← the rows of x [r, p] in float64, each times its factor. */
export function narrowRows(x: usize, r: i32, p: i32, factors: usize, out: usize, stride: i32): void {
  for (let t = 0; t < r; t++) {
    const factor = load<f64>(factors + (<usize>t << 3));
    const to = out + (<usize>(t * stride) << 2);
    for (let j = 0; j < p; j++, x += 8) store<f32>(to + (<usize>j << 2), <f32>(load<f64>(x) * factor));
  }
}

/** out [rows, r] ← the panel [r, ld] the other way round, each of its rows times its factor (float64; 0: no factors). */
export function rowsOfPanel(panel: usize, ld: i32, rows: i32, r: i32, factors: usize, out: usize): void {
  for (let t = 0; t < r; t++) {
    const factor = factors == 0 ? 1 : load<f64>(factors + (<usize>t << 3));
    let from = panel + (<usize>(t * ld) << 2);
    let to = out + (<usize>t << 2);
    for (let i = 0; i < rows; i++, from += 4, to += <usize>r << 2) {
      store<f32>(to, <f32>(<f64>load<f32>(from) * factor));
    }
  }
}
