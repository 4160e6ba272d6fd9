// What is done to one chunk of rows of A while it is read once. U, Y, F and so on are those of the chunk.
// A chunk has `lda` floats between rows, or no zeros if lda is 0 (sparse.ts).

import { descend, extrapolate, narrowed4 } from './descent';
import { addGram, addOuter, BLOCK, timesTranspose, upper } from './products';
import { addLanesTo, expand, laneFloats, sparseFold, sparseOuter, sparseSurvey, sparseTimes } from './sparse';
import { squares, survey } from './sums';

/**
 * A step of extrapolated coordinate descent on U, and what the step on W needs of it:
 * F = A Wᵀ (+ D X + E X′); next = descent from V; V ← next + beta (next − U), U ← next; M = Vᵀ A, H = Vᵀ V.
 *
 * @param packed - W as `pack` wrote it; g, inverse: of its Gram matrix, see `descend`.
 * @param u - Uᵀ [r, ldu]; v, x, x2, keep alike.
 * @param x, d, x2, e - X, the diagonal of D (float32 [r]), X′ and E; x 0 for none.
 * @param keep - receives F, unless 0.
 * @param m - float64 [r, p]; @param h - float64 [r, r]; both overwritten.
 * @param scratch - r · 48 · 12 + r · 128 bytes; without zeros 4 · p · (r rounded up to 4) more.
 * @returns ⟨V, D X + E X′⟩, or 0.
 */
export function descentPass(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  packed: usize,
  r: i32,
  g: usize,
  inverse: usize,
  u: usize,
  v: usize,
  ldu: i32,
  x: usize,
  d: usize,
  x2: usize,
  e: usize,
  keep: usize,
  m: usize,
  h: usize,
  sweeps: i32,
  eps2: f32,
  beta: f32,
  scratch: usize,
): f64 {
  const narrowed = scratch + ((<usize>(r * BLOCK)) << 3);
  const columns = narrowed + ((<usize>(r * BLOCK)) << 2);
  const lanes = columns + ((<usize>r) << 7);
  if (!lda) memory.fill(lanes, 0, (<usize>laneFloats(p, r)) << 2);
  memory.fill(m, 0, (<usize>(r * p)) << 3);
  memory.fill(h, 0, (<usize>(r * r)) << 3);
  let along: f64 = 0;
  for (let i = 0; i < rows; i += BLOCK) {
    const count = min(BLOCK, rows - i);
    const block = a + ((<usize>(i * lda)) << 2);
    const at = (<usize>i) << 2;
    if (lda) timesTranspose(block, lda, count, p, packed, r, scratch);
    else sparseTimes(a, rows, i, count, p, packed, r, scratch, columns);
    if (x) {
      addNarrow(x + at, ldu, count, r, d, scratch);
      addNarrow(x2 + at, ldu, count, r, e, scratch);
    }
    if (keep) narrow(scratch, count, r, keep + at, ldu);
    descend(v + at, v + at, ldu, count, r, g, inverse, scratch, BLOCK, sweeps, eps2, columns);
    extrapolate(u + at, v + at, v + at, ldu, count, r, beta);
    if (lda) addOuter(block, lda, count, p, v + at, ldu, r, m, p, narrowed);
    else sparseOuter(a, rows, i, count, p, v + at, ldu, r, lanes, columns);
    if (x) {
      along += innerNarrow(v + at, x + at, ldu, count, r, d) + innerNarrow(v + at, x2 + at, ldu, count, r, e);
    }
  }
  if (!lda) addLanesTo(lanes, p, r, m);
  addGram(v, ldu, rows, r, h);
  return along;
}

/** F += D X for X [r, ldx] in float32; columns are rounded up to 4, X being 0 there. */
function addNarrow(x: usize, ldx: i32, count: i32, r: i32, d: usize, f: usize): void {
  for (let t = 0; t < r; t++) {
    const factor = f64x2.splat(<f64>load<f32>(d + ((<usize>t) << 2)));
    for (let i = 0; i < count; i += 4) {
      const at = f + ((<usize>(t * BLOCK + i)) << 3);
      const v = v128.load(x + ((<usize>(t * ldx + i)) << 2));
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, f64x2.promote_low_f32x4(v))));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factor, f64x2.promote_low_f32x4(upper(v)))), 16);
    }
  }
}

/** X ← F in float32; columns are rounded up to 4. */
function narrow(f: usize, count: i32, r: i32, x: usize, ldx: i32): void {
  for (let t = 0; t < r; t++) {
    for (let i = 0; i < count; i += 4) {
      const at = f + ((<usize>(t * BLOCK + i)) << 3);
      v128.store(x + ((<usize>(t * ldx + i)) << 2), narrowed4(v128.load(at), v128.load(at, 16)));
    }
  }
}

/** ⟨X, D Y⟩ of two [r, ld] in float32; columns are rounded up to 4, X being 0 there. */
function innerNarrow(x: usize, y: usize, ld: i32, count: i32, r: i32, d: usize): f64 {
  let total: f64 = 0;
  for (let t = 0; t < r; t++) {
    let sum = f64x2.splat(0);
    for (let i = 0; i < count; i += 4) {
      const at = (<usize>(t * ld + i)) << 2;
      const v = f32x4.mul(v128.load(x + at), v128.load(y + at));
      sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(upper(v))));
    }
    total +=
      (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) * <f64>load<f32>(d + ((<usize>t) << 2));
  }
  return total;
}

/** @returns Σ (A − U W)² over the chunk, from the residual itself; W [r, ldw]. */
export function residualPass(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  w: usize,
  ldw: i32,
  r: i32,
  u: usize,
  ldu: i32,
  scratch: usize,
): f64 {
  let total: f64 = 0;
  for (let i = 0; i < rows; i += BLOCK) {
    const count = min(BLOCK, rows - i);
    if (!lda) expand(a, rows, i, count, p, scratch);
    const block = lda ? a + ((<usize>(i * lda)) << 2) : scratch;
    total += residual(block, lda ? lda : p, count, p, u + ((<usize>i) << 2), ldu, w, ldw, r);
  }
  return total;
}

/**
 * Y = A Qᵀ for Q [l, p], row-major [rows, ldy]; if z is not 0, also Z = Yᵀ A, float64 [l, p]; if k is not 0,
 * K = YᵀY, float64 [l, l].
 */
export function sketchPass(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  packed: usize,
  l: i32,
  y: usize,
  ldy: i32,
  z: usize,
  k: usize,
  scratch: usize,
): void {
  const yt = scratch + ((<usize>(l * BLOCK)) << 3);
  const narrowed = yt + ((<usize>(l * BLOCK)) << 2);
  const lanes = narrowed + ((<usize>(l * BLOCK)) << 2) + 128;
  if (z && !lda) memory.fill(lanes, 0, (<usize>laneFloats(p, l)) << 2);
  if (z) memory.fill(z, 0, (<usize>(l * p)) << 3);
  if (k) memory.fill(k, 0, (<usize>(l * l)) << 3);
  for (let i = 0; i < rows; i += BLOCK) {
    const count = min(BLOCK, rows - i);
    const block = a + ((<usize>(i * lda)) << 2);
    if (lda) timesTranspose(block, lda, count, p, packed, l, scratch);
    else sparseTimes(a, rows, i, count, p, packed, l, scratch, narrowed);
    for (let t = 0; t < l; t++) {
      for (let j = 0; j < BLOCK; j++) {
        const value = <f32>load<f64>(scratch + ((<usize>(t * BLOCK + j)) << 3));
        store<f32>(yt + ((<usize>(t * BLOCK + j)) << 2), value); // 0 beyond count, as addGram needs
        if (j < count) store<f32>(y + ((<usize>((i + j) * ldy + t)) << 2), value);
      }
    }
    if (z && lda) addOuter(block, lda, count, p, yt, BLOCK, l, z, p, narrowed);
    else if (z) sparseOuter(a, rows, i, count, p, yt, BLOCK, l, lanes, narrowed);
    if (k) addGram(yt, BLOCK, count, l, k);
  }
  if (z && !lda) addLanesTo(lanes, p, l, z);
}

/**
 * Z = S A, float64 [l, p]: every row of A, with a random sign, is added to one random row of Z.
 * @see Clarkson and Woodruff, Low rank approximation and regression in input sparsity time (STOC 2013).
 *
 * @param first - number of the chunk's first row in A, which with `seed` decides sign and place.
 * @param summary - receives Σ a, Σ a², least, largest, as `survey` gives them.
 */
export function foldPass(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  l: i32,
  z: usize,
  first: i32,
  seed: i32,
  summary: usize,
  _scratch: usize,
): void {
  memory.fill(z, 0, (<usize>(l * p)) << 3);
  if (lda) survey(a, lda, rows, p, summary);
  else sparseSurvey(a, rows, summary);
  for (let i = 0; i < rows; i++) {
    const drawn = mix(mix(first + i) ^ seed);
    if (!lda) {
      sparseFold(a, rows, i, drawn & 1 ? 1 : -1, z + ((<usize>(((drawn >>> 1) % l) * p)) << 3));
      continue;
    }
    const sign = f64x2.splat(drawn & 1 ? 1 : -1);
    let to = z + ((<usize>(((drawn >>> 1) % l) * p)) << 3);
    let from = a + ((<usize>(i * lda)) << 2);
    for (let j = 0; j < p; j += 4, from += 16, to += 32) {
      const v = v128.load(from);
      v128.store(to, f64x2.add(v128.load(to), f64x2.mul(sign, f64x2.promote_low_f32x4(v))));
      v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(sign, f64x2.promote_low_f32x4(upper(v)))), 16);
    }
  }
}

/** A whole number that looks random: the finaliser of MurmurHash3. */
function mix(value: i32): i32 {
  value = (value ^ (value >>> 16)) * <i32>0x85ebca6b;
  value = (value ^ (value >>> 13)) * <i32>0xc2b2ae35;
  return value ^ (value >>> 16);
}

/** M = Uᵀ A and H = Uᵀ U of a chunk, both overwritten. */
export function outerPass(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  r: i32,
  u: usize,
  ldu: i32,
  m: usize,
  h: usize,
  scratch: usize,
): void {
  memory.fill(m, 0, (<usize>(r * p)) << 3);
  memory.fill(h, 0, (<usize>(r * r)) << 3);
  for (let i = 0; i < rows; i += BLOCK) {
    const count = min(BLOCK, rows - i);
    const x = u + ((<usize>i) << 2);
    addOuter(a + ((<usize>(i * lda)) << 2), lda, count, p, x, ldu, r, m, p, scratch);
  }
  addGram(u, ldu, rows, r, h);
}

/**
 * Σ (A − U W)² of a block: the residual in float32, four rows and columns at a time, its square in float64.
 * U is 0 in the columns beyond `rows`, so the missing rows of the last four add nothing.
 */
function residual(
  a: usize,
  lda: i32,
  rows: i32,
  p: i32,
  u: usize,
  ldu: i32,
  w: usize,
  ldw: i32,
  r: i32,
): f64 {
  const step = (<usize>lda) << 2;
  let total = f64x2.splat(0);
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < p; j += 4) {
      const at = a + ((<usize>(i * lda + j)) << 2);
      let e0 = v128.load(at);
      let e1 = i + 1 < rows ? v128.load(at + step) : f32x4.splat(0);
      let e2 = i + 2 < rows ? v128.load(at + 2 * step) : f32x4.splat(0);
      let e3 = i + 3 < rows ? v128.load(at + 3 * step) : f32x4.splat(0);
      let x = u + ((<usize>i) << 2);
      let y = w + ((<usize>j) << 2);
      for (let t = 0; t < r; t++, x += (<usize>ldu) << 2, y += (<usize>ldw) << 2) {
        const v = v128.load(y);
        e0 = f32x4.sub(e0, f32x4.mul(v, v128.load32_splat(x)));
        e1 = f32x4.sub(e1, f32x4.mul(v, v128.load32_splat(x, 4)));
        e2 = f32x4.sub(e2, f32x4.mul(v, v128.load32_splat(x, 8)));
        e3 = f32x4.sub(e3, f32x4.mul(v, v128.load32_splat(x, 12)));
      }
      total = f64x2.add(
        total,
        f64x2.add(f64x2.add(squares(e0), squares(e1)), f64x2.add(squares(e2), squares(e3))),
      );
    }
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}
