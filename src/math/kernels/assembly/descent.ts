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
  let t = 0;
  for (; t + 2 <= r; t += 2, f += 128, g += 2 * row) change = f32x4.add(change, movePair(t, row, g, inverse, x, f));
  if (t < r) change = f32x4.add(change, moveLast(t, row, g, inverse, x, f));
  const pairs = f32x4.add(change, upper(change));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * x_t, then x_(t+1): both gradients are taken before x_t moves, as every load of x then serves both, and the second
 * is corrected by the move. What moved last is added last: the sum need not wait for it.
 */
@inline
function movePair(t: i32, row: usize, g: usize, inverse: usize, x: usize, f: usize): v128 {
  let a = f32x4.neg(v128.load(f)), a1 = f32x4.neg(v128.load(f, 64));
  let b = f32x4.neg(v128.load(f, 16)), b1 = f32x4.neg(v128.load(f, 80));
  let c = f32x4.neg(v128.load(f, 32)), c1 = f32x4.neg(v128.load(f, 96));
  let d = f32x4.neg(v128.load(f, 48)), d1 = f32x4.neg(v128.load(f, 112));
  let y = x + (<usize>t << 6);
  let q = g + (<usize>t << 2);
  for (let end = g + row, part = 0; part < 2; part++, y = x, q = g, end = g + (<usize>t << 2)) {
    for (; q != end; q += 4, y += 64) {
      const p = v128.load32_splat(q);
      const p1 = v128.load32_splat(q + row);
      const y0 = v128.load(y), y1 = v128.load(y, 16), y2 = v128.load(y, 32), y3 = v128.load(y, 48);
      a = f32x4.add(a, f32x4.mul(p, y0));
      a1 = f32x4.add(a1, f32x4.mul(p1, y0));
      b = f32x4.add(b, f32x4.mul(p, y1));
      b1 = f32x4.add(b1, f32x4.mul(p1, y1));
      c = f32x4.add(c, f32x4.mul(p, y2));
      c1 = f32x4.add(c1, f32x4.mul(p1, y2));
      d = f32x4.add(d, f32x4.mul(p, y3));
      d1 = f32x4.add(d1, f32x4.mul(p1, y3));
    }
  }
  const at = x + (<usize>t << 6);
  const step = v128.load32_splat(inverse + (<usize>t << 2));
  const step1 = v128.load32_splat(inverse + (<usize>t << 2), 4);
  const between = v128.load32_splat(g + row + (<usize>t << 2)); // G_(t+1)t
  const low = f32x4.add(move2(at, a, a1, step, step1, between), move2(at + 16, b, b1, step, step1, between));
  const high = f32x4.add(move2(at + 32, c, c1, step, step1, between), move2(at + 48, d, d1, step, step1, between));
  return f32x4.add(low, high);
}

@inline
function move2(at: usize, gradient: v128, gradient1: v128, step: v128, step1: v128, between: v128): v128 {
  const change = move(at, gradient, step);
  const corrected = f32x4.add(gradient1, f32x4.mul(between, change));
  const change1 = move(at + 64, corrected, step1);
  return f32x4.add(f32x4.mul(change, change), f32x4.mul(change1, change1));
}

@inline
function moveLast(t: i32, row: usize, g: usize, inverse: usize, x: usize, f: usize): v128 {
  const step = v128.load32_splat(inverse + (<usize>t << 2));
  const at = x + (<usize>t << 6);
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < 64; k += 16) {
    let a = f32x4.neg(v128.load(f + k));
    let y = x + k;
    for (let q = g; q != g + row; q += 4, y += 64) a = f32x4.add(a, f32x4.mul(v128.load32_splat(q), v128.load(y)));
    const change = move(at + k, a, step);
    sum = f32x4.add(sum, f32x4.mul(change, change));
  }
  return sum;
}

/** @returns by how much x changed. */
@inline
function move(at: usize, gradient: v128, step: v128): v128 {
  const before = v128.load(at);
  const after = f32x4.max(f32x4.sub(before, f32x4.mul(gradient, step)), f32x4.splat(0));
  v128.store(at, after);
  return f32x4.sub(after, before);
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
