// Exact non-negative least squares of rows by their normal equations: min over u ≥ 0 of ½ uᵀG u − fᵀu, by
// block principal pivoting in float64 (Kim and Park 2011, SIAM J. Sci. Comput. 33(6), 3261–3281). The
// same tolerances as nnls-row.ts, which takes the rows that this gives up on.

import { descend } from './descent';
import { f64At, i32At, putF64, putI32 } from './elements';
import { BLOCK, timesTranspose } from './products';

/** Of a value scaled to 1: what rounding can leave of an exact 0. */
const ZERO_U: f64 = 1e-14;
const ZERO_GRADIENT: f64 = 1e-12;
/** Pivot, as a share of its diagonal entry 1, below which a concept depends on those before. */
const DEPENDENT: f64 = 1e-12;
/** Full exchanges that may fail to reduce the infeasible set before single ones start. */
const FULL_EXCHANGES = 3;
/** Float32 sweeps from 0 that guess the active set. Always as many: a row must not depend on its neighbours. */
const GUESSING_SWEEPS = 6;

/**
 * U = argmin over U ≥ 0 of ½‖A − U W‖² for a chunk of rows; concepts scaled to unit norm by d.
 *
 * @param gram - G scaled to a unit diagonal, float64 [r, r]; @param d - 1 / ‖w_t‖, 0 for a zero concept, float64 [r].
 * @param g, inverse - G unscaled in float32 and 1 / G_tt, as in `descend`.
 * @param u - Uᵀ [r, ldu], overwritten; @param gain - float64 [rows]: fᵀu, by which ‖a‖² falls; −1 if given up: a dependent
 *   active set, or a value that is not finite.
 * @param scratch - r · 48 · 8 + r · 128 + r · r · 8 + r · 48 bytes.
 * @returns number of rows given up.
 */
export function nnlsPass(
  a: usize, lda: i32, rows: i32, p: i32, packed: usize, r: i32, g: usize, inverse: usize,
  gram: usize, d: usize, u: usize, ldu: i32, gain: usize, scratch: usize,
): i32 {
  const f = scratch;
  const work = f + (<usize>(r * BLOCK) << 3); // descent's first, then pivoting's
  let failures = 0;
  for (let i = 0; i < rows; i += BLOCK) {
    const count = min(BLOCK, rows - i);
    const x = u + (<usize>i << 2);
    timesTranspose(a + (<usize>(i * lda) << 2), lda, count, p, packed, r, f);
    for (let t = 0; t < r; t++) memory.fill(x + (<usize>(t * ldu) << 2), 0, BLOCK << 2);
    descend(x, x, ldu, count, r, g, inverse, f, BLOCK, GUESSING_SWEEPS, 0, work);
    for (let k = 0; k < count; k++) {
      const done = solveRow(f + (<usize>k << 3), x + (<usize>k << 2), ldu, r, gram, d, work);
      const at = gain + (<usize>(i + k) << 3);
      store<f64>(at, done ? gainOf(f + (<usize>k << 3), x + (<usize>k << 2), ldu, r) : -1);
      if (!done) failures++;
    }
  }
  return failures;
}

function gainOf(f: usize, x: usize, ldu: i32, r: i32): f64 {
  let sum: f64 = 0;
  for (let t = 0; t < r; t++) sum += f64At(f, t * BLOCK) * <f64>load<f32>(x + (<usize>(t * ldu) << 2));
  return sum;
}

/** One row: reads its guess from x, writes its solution there. @returns whether one was found. */
function solveRow(f: usize, x: usize, ldu: i32, r: i32, gram: usize, d: usize, work: usize): bool {
  const bytes = <usize>r << 3;
  const target = work; // f scaled
  const v = target + bytes; // u scaled
  const solution = v + bytes; // of the passive set
  const set = solution + bytes; // int32 [r]: members of the passive set
  const passive = set + (<usize>r << 2); // int32 [r]: 1 where u may be positive
  const wrong = passive + (<usize>r << 2); // int32 [r]: 1 where a sign is wrong
  const factor = work + (<usize>r << 7); // [r, r]
  let scale: f64 = 0;
  for (let t = 0; t < r; t++) {
    const value = f64At(f, t * BLOCK) * f64At(d, t);
    putF64(target, t, value);
    putI32(passive, t, load<f32>(x + (<usize>(t * ldu) << 2)) > 0 ? 1 : 0);
    scale = max(scale, value);
    if (!(abs(value) < Infinity)) return false;
  }
  if (scale > 0) {
    if (!pivot(r, gram, d, target, v, solution, set, passive, wrong, factor, scale)) return false;
  } else memory.fill(v, 0, bytes); // no concept reduces the residual
  for (let t = 0; t < r; t++) {
    store<f32>(x + (<usize>(t * ldu) << 2), <f32>(max(f64At(v, t), 0) * f64At(d, t)));
  }
  return true;
}

function pivot(
  r: i32, gram: usize, d: usize, f: usize, v: usize, solution: usize, set: usize, passive: usize, wrong: usize,
  factor: usize, scale: f64,
): bool {
  let fewest = r + 1;
  let left = FULL_EXCHANGES;
  for (let round = 0; round < 5 * r + 20; round++) {
    let size = 0;
    for (let t = 0; t < r; t++) {
      putF64(v, t, 0);
      if (i32At(passive, t)) putI32(set, size++, t);
    }
    if (!factorize(gram, r, set, size, factor)) return false;
    solve(f, set, size, factor, solution);
    for (let k = 0; k < size; k++) putF64(v, i32At(set, k), f64At(solution, k));

    let infeasible = 0;
    let last = 0;
    for (let t = 0; t < r; t++) {
      const bad = i32At(passive, t)
        ? f64At(v, t) <= ZERO_U * scale
        : f64At(d, t) > 0 && gradientOf(t, gram, r, f, set, size, solution) < -ZERO_GRADIENT * scale;
      putI32(wrong, t, bad ? 1 : 0);
      if (bad) {
        infeasible++;
        last = t;
      }
    }
    if (infeasible == 0) return true;
    if (infeasible < fewest) {
      fewest = infeasible;
      left = FULL_EXCHANGES;
    } else left--;
    for (let t = 0; t < r; t++) {
      if (left < 0 ? t == last : i32At(wrong, t) != 0) putI32(passive, t, 1 - i32At(passive, t));
    }
  }
  return false;
}

@inline
function gradientOf(t: i32, gram: usize, r: i32, f: usize, set: usize, size: i32, solution: usize): f64 {
  const row = gram + (<usize>(t * r) << 3);
  let sum = -f64At(f, t);
  for (let k = 0; k < size; k++) sum += f64At(row, i32At(set, k)) * f64At(solution, k);
  return sum;
}

/** L of G_SS = L Lᵀ, row stride `size`, with 1 / L_kk in place of L_kk. @returns false if S is dependent. */
function factorize(gram: usize, r: i32, set: usize, size: i32, factor: usize): bool {
  for (let i = 0; i < size; i++) {
    const from = gram + (<usize>(i32At(set, i) * r) << 3);
    const row = factor + (<usize>(i * size) << 3);
    for (let j = 0; j <= i; j++) {
      const other = factor + (<usize>(j * size) << 3);
      let sum = f64At(from, i32At(set, j));
      for (let k = 0; k < j; k++) sum -= f64At(row, k) * f64At(other, k);
      if (i != j) putF64(row, j, sum * f64At(other, j));
      else if (sum > DEPENDENT) putF64(row, i, 1 / sqrt(sum));
      else return false;
    }
  }
  return true;
}

/** Solves L Lᵀ x = f_S. */
function solve(f: usize, set: usize, size: i32, factor: usize, x: usize): void {
  for (let i = 0; i < size; i++) {
    const row = factor + (<usize>(i * size) << 3);
    let sum = f64At(f, i32At(set, i));
    for (let k = 0; k < i; k++) sum -= f64At(row, k) * f64At(x, k);
    putF64(x, i, sum * f64At(row, i));
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = f64At(x, i);
    for (let k = i + 1; k < size; k++) sum -= f64At(factor, k * size + i) * f64At(x, k);
    putF64(x, i, sum * f64At(factor, i * size + i));
  }
}
