// Non-negative least squares of one row by its normal equations: min over u ≥ 0 of ½ uᵀG u − fᵀu,
// G = W Wᵀ [r, r], f = W a [r]. The active set S = {j : u_j > 0} is found, then solved exactly.
//
// Block principal pivoting (Kim and Park, Fast nonnegative matrix factorization: an active-set-like
// method and comparisons, 2011, SIAM J. Sci. Comput. 33(6), 3261–3281), with its backup rule; where the
// concepts of a set are dependent, so that it is not defined, Lawson and Hanson's active set method.

import { choleskyOfSubset, choleskySolve } from './cholesky.ts';

/** Of a value scaled to 1: what rounding in G and f can leave of an exact 0. */
const ZERO_U = 1e-14;
const ZERO_GRADIENT = 1e-12;
/** Full exchanges that may fail to reduce the infeasible set before single ones start (Kim and Park's 3). */
const FULL_EXCHANGES = 3;

/** Solves rows for one W, reusing its buffers; warm: a row starts from the active set of the row before. */
export interface RowSolver {
  /** Reads f [r] at `at` of F, writes u [r] at the same place of U. */
  solve(F: Float64Array, U: Float64Array, at: number): void;
}

/** @param gram - W Wᵀ [r, r], symmetric, singular if concepts are dependent; a zero concept gets u = 0. */
export function rowSolver(gram: Float64Array, r: number): RowSolver {
  // unit concepts: one tolerance fits all. D G D with D = 1/‖w‖, u = D û, f̂ = D f
  const D = Float64Array.from({ length: r }, (_, j) => 1 / Math.sqrt(gram[j * r + j]));
  const usable = D.map((d) => (Number.isFinite(d) ? 1 : 0));
  const G = gram.map((g, k) => g * D[Math.floor(k / r)] * D[k % r]);
  const f = new Float64Array(r);
  const state: ActiveSet = {
    G,
    r,
    usable,
    f,
    passive: new Uint8Array(r),
    u: new Float64Array(r),
    gradient: new Float64Array(r),
    set: new Int32Array(r),
    L: new Float64Array(r * r),
    x: new Float64Array(r),
  };
  return {
    solve(F, U, at) {
      let scale = 0;
      for (let j = 0; j < r; j++) {
        f[j] = usable[j] ? F[at + j] * D[j] : 0;
        scale = Math.max(scale, f[j]);
      }
      if (scale === 0) return void U.fill(0, at, at + r); // no concept reduces the residual
      if (!blockPrincipalPivoting(state, scale)) lawsonHanson(state, scale);
      for (let j = 0; j < r; j++) U[at + j] = state.u[j] > 0 ? state.u[j] * D[j] : 0;
    },
  };
}

interface ActiveSet {
  G: Float64Array;
  r: number;
  /** 1 for concepts that are not 0. */
  usable: Float64Array;
  f: Float64Array;
  /** 1 where u may be positive. */
  passive: Uint8Array;
  u: Float64Array;
  /** G u − f. */
  gradient: Float64Array;
  /** Scratch: members of the passive set, its factor, its solution. */
  set: Int32Array;
  L: Float64Array;
  x: Float64Array;
}

/** Solves G_SS x = f_S on the passive set into `x`. @returns the size of S, or −1 if S is dependent. */
function solvePassive({ G, r, f, passive, set, L, x }: ActiveSet): number {
  let size = 0;
  for (let j = 0; j < r; j++) if (passive[j]) set[size++] = j;
  if (choleskyOfSubset(G, r, set, size, L) < size) return -1;
  for (let k = 0; k < size; k++) x[k] = f[set[k]];
  choleskySolve(L, size, x);
  return size;
}

function spread({ u, set, x }: ActiveSet, size: number): void {
  u.fill(0);
  for (let k = 0; k < size; k++) u[set[k]] = x[k];
}

function updateGradient({ G, r, f, u, gradient, set }: ActiveSet, size: number): void {
  for (let j = 0; j < r; j++) {
    let sum = -f[j];
    for (let k = 0; k < size; k++) sum += G[j * r + set[k]] * u[set[k]];
    gradient[j] = sum;
  }
}

/** @returns false if it met a dependent set or did not end, so that the other method must be used. */
function blockPrincipalPivoting(state: ActiveSet, scale: number): boolean {
  const { r, passive } = state;
  let fewest = r + 1;
  let exchangesLeft = FULL_EXCHANGES;
  for (let round = 0; round < 5 * r + 20; round++) {
    const size = solvePassive(state);
    if (size < 0) return false;
    spread(state, size);
    updateGradient(state, size);
    let infeasible = 0;
    let last = -1;
    for (let j = 0; j < r; j++) {
      if (!isInfeasible(state, j, scale)) continue;
      infeasible++;
      last = j;
    }
    if (infeasible === 0) return true;
    if (infeasible < fewest) {
      fewest = infeasible;
      exchangesLeft = FULL_EXCHANGES;
    } else exchangesLeft--;
    if (exchangesLeft < 0) passive[last] ^= 1;
    else {
      for (let j = 0; j < r; j++) if (isInfeasible(state, j, scale)) passive[j] ^= 1;
    }
  }
  return false;
}

function isInfeasible({ passive, usable, u, gradient }: ActiveSet, j: number, scale: number): boolean {
  return passive[j] ? u[j] <= ZERO_U * scale : usable[j] === 1 && gradient[j] < -ZERO_GRADIENT * scale;
}

/** Adds one concept at a time, never one that depends on those in the set; the loss falls at each step. */
function lawsonHanson(state: ActiveSet, scale: number): void {
  const { r, usable, passive, u, gradient } = state;
  passive.fill(0);
  u.fill(0);
  updateGradient(state, 0);
  const refused = new Uint8Array(r);
  for (let step = 0; step < 10 * r; step++) {
    let enter = -1;
    for (let j = 0; j < r; j++) {
      if (passive[j] || refused[j] || !usable[j] || gradient[j] >= -ZERO_GRADIENT * scale) continue;
      if (enter < 0 || gradient[j] < gradient[enter]) enter = j;
    }
    if (enter < 0) return;
    passive[enter] = 1;
    let size = solvePassive(state);
    if (size < 0) {
      passive[enter] = 0;
      refused[enter] = 1;
      continue;
    }
    while (stepTowards(state, size)) size = solvePassive(state);
    spread(state, size);
    updateGradient(state, size);
    if (passive[enter]) refused.fill(0);
    else refused[enter] = 1; // rounding alone let it in
  }
}

/**
 * Moves u towards the solution x of the passive set until the first concept becomes 0, and drops it.
 * @returns whether one was dropped, so that x must be solved again.
 */
function stepTowards({ passive, u, set, x }: ActiveSet, size: number): boolean {
  let length = 1;
  let first = -1;
  for (let k = 0; k < size; k++) {
    if (x[k] > 0) continue;
    const share = u[set[k]] === 0 ? 0 : u[set[k]] / (u[set[k]] - x[k]);
    if (first >= 0 && share >= length) continue;
    length = share;
    first = set[k];
  }
  if (first < 0) return false;
  for (let k = 0; k < size; k++) u[set[k]] = Math.max(0, u[set[k]] + length * (x[k] - u[set[k]]));
  u[first] = 0;
  passive[first] = 0;
  return true;
}
