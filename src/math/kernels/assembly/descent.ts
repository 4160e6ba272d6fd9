// Coordinate descent on X ≥ 0 [r, columns] for ½‖B − Yᵀ X‖², given G = Y Yᵀ [r, r] and F = Y B: column by
// column, each x_t in turn to its exact minimiser (hierarchical alternating least squares). Sixteen columns
// at a time in float32; F comes in float64.

import { upper } from './products';

/**
 * Sweeps over columns until one changes them less than √eps2 times the first one did, `sweeps` at most.
 *
 * @param from - X to start from, `ldx` floats between rows; @param to - the result, may be `from`.
 * @param count - columns, rounded up to 16 here: F is 0 and X finite in what is added.
 * @param g - G in float32 [r, r]; @param inverse - 1 / G_tt or 0, float32 [r].
 * @param f - F in float64, `ldf` between rows.
 * @param scratch - 8 · r vectors of 16 bytes.
 */
export function descend(
  from: usize, to: usize, ldx: i32, count: i32, r: i32, g: usize, inverse: usize, f: usize, ldf: i32,
  sweeps: i32, eps2: f32, scratch: usize,
): void {
  const values = scratch + (<usize>r << 6); // F of these columns, then X in `scratch`
  for (let i = 0; i < count; i += 16) {
    gather(from, f, i, ldx, ldf, r, scratch, values);
    let first: f32 = 0;
    for (let s = 0; s < sweeps; s++) {
      const change = sweep(r, g, inverse, scratch, values);
      if (s == 0) first = change;
      if (change <= eps2 * first && (s > 0 || change == 0)) break;
    }
    for (let t = 0; t < r; t++) {
      const at = to + (<usize>(t * ldx + i) << 2);
      const x = scratch + (<usize>t << 6);
      v128.store(at, v128.load(x));
      v128.store(at, v128.load(x, 16), 16);
      v128.store(at, v128.load(x, 32), 32);
      v128.store(at, v128.load(x, 48), 48);
    }
  }
}

function gather(from: usize, f: usize, i: i32, ldx: i32, ldf: i32, r: i32, x: usize, values: usize): void {
  for (let t = 0; t < r; t++, x += 64) {
    const at = from + (<usize>(t * ldx + i) << 2);
    v128.store(x, v128.load(at));
    v128.store(x, v128.load(at, 16), 16);
    v128.store(x, v128.load(at, 32), 32);
    v128.store(x, v128.load(at, 48), 48);
    let cell = f + (<usize>(t * ldf + i) << 3);
    for (let k = 0; k < 4; k++, values += 16, cell += 32) {
      v128.store(values, narrowed4(v128.load(cell), v128.load(cell, 16)));
    }
  }
}

/** Two pairs of float64 as four float32. */
@inline
export function narrowed4(a: v128, b: v128): v128 {
  const low = f32x4.demote_f64x2_zero(a);
  const high = f32x4.demote_f64x2_zero(b);
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** @returns the sum of squared changes of the sixteen columns. */
function sweep(r: i32, g: usize, inverse: usize, x: usize, f: usize): f32 {
  let change = f32x4.splat(0);
  const row = <usize>r << 2;
  for (let t = 0; t < r; t++, f += 64) {
    let a = f32x4.neg(v128.load(f));
    let b = f32x4.neg(v128.load(f, 16));
    let c = f32x4.neg(v128.load(f, 32));
    let d = f32x4.neg(v128.load(f, 48));
    let y = x;
    for (const end = g + row; g != end; g += 4, y += 64) {
      const p = v128.load32_splat(g);
      a = f32x4.add(a, f32x4.mul(p, v128.load(y)));
      b = f32x4.add(b, f32x4.mul(p, v128.load(y, 16)));
      c = f32x4.add(c, f32x4.mul(p, v128.load(y, 32)));
      d = f32x4.add(d, f32x4.mul(p, v128.load(y, 48)));
    }
    const step = v128.load32_splat(inverse + (<usize>t << 2));
    const at = x + (<usize>t << 6);
    const low = f32x4.add(move(at, a, step), move(at + 16, b, step));
    const high = f32x4.add(move(at + 32, c, step), move(at + 48, d, step));
    change = f32x4.add(change, f32x4.add(low, high));
  }
  const pairs = f32x4.add(change, upper(change));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

@inline
function move(at: usize, gradient: v128, step: v128): v128 {
  const before = v128.load(at);
  const after = f32x4.max(f32x4.sub(before, f32x4.mul(gradient, step)), f32x4.splat(0));
  v128.store(at, after);
  const change = f32x4.sub(after, before);
  return f32x4.mul(change, change);
}

/** Y ← max(0, next + beta (next − X)), X ← next, over `count` columns (rounded up to 4) of [r, ld]. */
export function extrapolate(x: usize, next: usize, y: usize, ld: i32, count: i32, r: i32, beta: f32): void {
  const b = f32x4.splat(beta);
  for (let t = 0; t < r; t++) {
    for (let i = 0; i < count; i += 4) {
      const at = <usize>(t * ld + i) << 2;
      const v = v128.load(next + at);
      const step = f32x4.mul(b, f32x4.sub(v, v128.load(x + at)));
      v128.store(y + at, f32x4.max(f32x4.add(v, step), f32x4.splat(0)));
      v128.store(x + at, v);
    }
  }
}
