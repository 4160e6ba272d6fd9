// Non-negative least squares on the kernels: products in float32 with float64 sums, then exact pivoting in
// float64 on the r × r systems. A row's result does not depend on the rows around it.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Engine } from './kernels/engine.ts';
import { type Cut, type Panels, roundUp, rowsOf } from './kernels/panels.ts';
import { rowSolver } from './nnls-row.ts';
import type { Pace } from './pace.ts';

/** A bank W in the kernels' memory, concepts scaled by powers of 2 to about unit norm, so that no product overflows. */
export interface Bank {
  r: number;
  /** W as given, float64 [r, p], and W Wᵀ. */
  exact: Float64Array;
  gram: Float64Array;
  /** What each concept was multiplied by. */
  scales: Float64Array;
  /** Addresses: W packed; its Gram matrix and inverse diagonal as coordinate descent reads them; */
  packed: number;
  narrow: number;
  inverse: number;
  /** the same with unit diagonal in float64 [r, r], and 1 / ‖w_t‖; */
  unit: number;
  norms: number;
  /** W in float64 [r, width], W Wᵀ, and the scales. */
  wide: number;
  square: number;
  factors: number;
}

export function nnlsScratchBytes(r: number): number {
  return r * (48 * 8 + 128) + r * r * 8 + 64;
}

/** Places for a bank [r, p], to be filled by {@link setBank}. */
export function placeBank(
  engine: Engine,
  r: number,
  { width }: Cut,
): Omit<Bank, 'exact' | 'gram' | 'scales'> {
  return {
    r,
    packed: engine.place(r * width * 4),
    narrow: engine.place(r * r * 4),
    inverse: engine.place(r * 4),
    unit: engine.place(r * r * 8),
    norms: engine.place(r * 8),
    wide: engine.place(r * width * 8),
    square: engine.place(r * r * 8),
    factors: engine.place(r * 8),
  };
}

/** @param loose - r · stride floats in the kernels' memory, overwritten, 0 beyond the width. */
export function setBank(
  engine: Engine,
  places: Omit<Bank, 'exact' | 'gram' | 'scales'>,
  exact: Float64Array,
  { p, width, stride }: Cut,
  loose: number,
): Bank {
  const { r, packed, narrow, inverse, unit, norms, wide, square, factors } = places;
  for (let t = 0; t < r; t++) {
    engine.f64(wide + t * width * 8, p).set(exact.subarray(t * p, (t + 1) * p));
  }
  engine.kernels.gramOfRows(wide, r, width, square);
  const gram = engine.f64(square, r * r).slice();
  const scales = Float64Array.from({ length: r }, (_, t) => inversePowerOf2(gram[t * r + t]));
  engine.f64(factors, r).set(scales);
  engine.kernels.narrowRows(wide, r, width, factors, loose, stride);
  engine.kernels.pack(loose, stride, r, width, packed);
  const diagonal = Float64Array.from({ length: r }, (_, t) => gram[t * r + t] * scales[t] ** 2);
  const d = diagonal.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0));
  const [g, u] = [engine.f32(narrow, r * r), engine.f64(unit, r * r)];
  for (let k = 0; k < r * r; k++) {
    const [t, s] = [Math.floor(k / r), k % r];
    const value = gram[k] * scales[t] * scales[s];
    g[k] = value;
    u[k] = value * d[t] * d[s];
  }
  engine.f64(norms, r).set(d);
  engine.f32(inverse, r).set(diagonal.map((square) => (square > 0 ? 1 / square : 0)));
  return { ...places, exact, gram, scales };
}

/** A power of 2 near 1 / √square; 1 for 0. */
function inversePowerOf2(square: number): number {
  let scale = 1;
  if (square === 0) return scale;
  for (; square > 2; square /= 4) scale /= 2;
  for (; square < 0.5; square *= 4) scale *= 2;
  return scale;
}

/** Places for what a group gives: Uᵀ [r, chunkRows] of each chunk and the gain of each row; U of one. */
export interface NnlsPlaces {
  U: number[];
  gains: number[];
  rows: number;
}

export function placeNnls(engine: Engine, r: number, { chunkRows }: Cut, count: number): NnlsPlaces {
  return {
    U: Array.from({ length: count }, () => engine.place(r * chunkRows * 4)),
    gains: Array.from({ length: count }, () => engine.place(roundUp(chunkRows, 8) * 8)),
    rows: engine.place(r * chunkRows * 4),
  };
}

/**
 * U of the chunks of a group into `places`, still for the scaled concepts; rows that the kernel gave up on
 * are solved here.
 *
 * @throws {@link CraftError} `VALUE` if a row has a value that is not finite; `where` opens the message.
 */
export async function solveGroup(
  engine: Engine,
  A: Panels,
  bank: Bank,
  group: { first: number; addresses: number[] },
  places: NnlsPlaces,
  pace: Pace,
  where: string,
): Promise<void> {
  const { packed, r, narrow, inverse, unit, norms } = bank;
  const calls = group.addresses.map((address, k) => [
    ...[address, A.stride, rowsOf(A, group.first + k), A.width, packed, r, narrow, inverse],
    ...[unit, norms, places.U[k], A.chunkRows, places.gains[k]],
  ]);
  const failures = await engine.run('nnlsPass', calls, pace);
  failures.forEach((count, k) => {
    if (count > 0) solveFailed(engine, A, bank, group, k, places, where);
  });
}

function solveFailed(
  engine: Engine,
  A: Panels,
  { r, exact, gram, scales }: Bank,
  group: { first: number; addresses: number[] },
  k: number,
  places: NnlsPlaces,
  where: string,
): void {
  const { p, stride, chunkRows } = A;
  const solver = rowSolver(gram, r);
  const u = new Float64Array(r);
  const rows = rowsOf(A, group.first + k);
  const gains = engine.f64(places.gains[k], rows);
  const panel = engine.f32(places.U[k], r * chunkRows);
  for (let i = 0; i < rows; i++) {
    if (gains[i] >= 0) continue;
    const row = engine.f32(group.addresses[k] + i * stride * 4, p);
    checkRow(row, (group.first + k) * chunkRows + i, where);
    const f = Float64Array.from({ length: r }, (_, t) => innerRow(exact, t * p, row));
    solver.solve(f, u, 0);
    gains[i] = f.reduce((sum, v, t) => sum + v * u[t], 0);
    for (let t = 0; t < r; t++) panel[t * chunkRows + i] = u[t] / scales[t];
  }
}

function innerRow(W: Float64Array, at: number, row: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += W[at + j] * row[j];
  return sum;
}

function checkRow(row: Float32Array, i: number, where: string): void {
  const j = row.findIndex((v) => !Number.isFinite(v));
  if (j < 0) return;
  throw new CraftError('VALUE', `${where}: expected finite values; got ${row[j]} at row ${i}, column ${j}`);
}

/** U [rows, r] of chunk `k` of a group, for the concepts as given; read it before the next. */
export function readSolution(
  engine: Engine,
  places: NnlsPlaces,
  k: number,
  { r, factors }: Bank,
  { chunkRows }: Cut,
  rows: number,
): Float32Array {
  engine.kernels.rowsOfPanel(places.U[k], chunkRows, rows, r, factors, places.rows);
  return engine.f32(places.rows, rows * r);
}

/** Whether every value of W is one of float32, so that nothing is lost in the kernels. */
export function isFloat32(W: Tensor): boolean {
  return W.data instanceof Float32Array || W.data.every((v) => Math.fround(v) === v);
}
