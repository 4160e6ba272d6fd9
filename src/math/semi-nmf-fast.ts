// Semi-NMF on the kernels: the alternation of semi-nmf-plain.ts with products of float32 and sums of float64.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type FactorResult, likeA } from './factor-checks.ts';
import { clusterCenters } from './k-means.ts';
import { Engine } from './kernels/engine.ts';
import { cutRows, rowsOf, streamedPanels } from './kernels/panels.ts';
import { addPartials, placePartials } from './nmf-fast-factors.ts';
import {
  type Bank,
  nnlsScratchBytes,
  placeBank,
  placeNnls,
  readSolution,
  setBank,
  solveGroup,
} from './nnls-fast.ts';
import type { Pace } from './pace.ts';
import { dot } from './products.ts';
import { type SemiNmfSettings, solveBank } from './semi-nmf-plain.ts';

/** Iterations in a row that must lower the loss by less than tol of it. */
const SMALL_STEPS = 2;
/** A loss below this share of ½‖A‖² is rounding of float32 products. */
const ROUNDING = 1e-7;
/** The cluster centres to start from are those of so many rows, evenly spaced. */
const START_ROWS = 512;
const CHUNKS_PER_THREAD = 4;

/** What one pass over A gives: U exact for W, and what the next W is made of. */
interface Pass {
  /** ‖A‖², and ‖A − U W‖² as the sum of ‖a‖² − fᵀu over the rows a. */
  total: number;
  square: number;
  /** The row with the largest share of it. */
  worst: number;
  /** UᵀU [r, r] and UᵀA [r, p]. */
  H: Float64Array;
  M: Float64Array;
  /** ‖A − U W‖² from the residual itself, if asked for. */
  residual: number;
}

/** Semi-NMF of float32 activations, checked; r ≤ n. */
export async function fastSemiNmf(
  A: Tensor<Float32Array>,
  { rank: r, seed, maxIter, tol, pace, onProgress }: SemiNmfSettings,
  threads: number,
): Promise<FactorResult> {
  const [n, p] = A.dims;
  const W = (await clusterCenters(someRows(A), r, random(seed), pace)).map(Math.fround);
  const U = new Float32Array(n * r);
  const engine = await Engine.open(threads);
  try {
    const alternate = passesOver(engine, A, r, U, pace);
    let last = Infinity;
    let small = 0;
    let iterations = 0;
    for (;;) {
      iterations++;
      const { total, square, worst, H, M } = await alternate(W, false);
      const scale = Math.max(square, ROUNDING * total, Number.MIN_VALUE);
      const fall = last === Infinity ? 1 : (last - square) / scale;
      small = fall <= tol ? small + 1 : 0;
      last = square;
      onProgress?.({ iteration: iterations, maxIter, violation: Math.min(1, Math.max(0, fall)) });
      if (iterations === maxIter || small === SMALL_STEPS) break;
      const u = U.subarray(worst * r, (worst + 1) * r);
      solveBank(H, M, W, u, A.data.subarray(worst * p, (worst + 1) * p));
      for (let k = 0; k < W.length; k++) W[k] = Math.fround(W[k]);
    }
    const { residual } = await alternate(W, true);
    const factors = { U: { data: U, dims: [n, r] }, W: likeA(A, W, [r, p]) };
    return { ...factors, iterations, loss: residual / 2, converged: small === SMALL_STEPS };
  } finally {
    engine.close();
  }
}

function someRows(A: Tensor<Float32Array>): Tensor {
  const [n, p] = A.dims;
  if (n <= START_ROWS) return A;
  const data = new Float32Array(START_ROWS * p);
  for (let k = 0; k < START_ROWS; k++) {
    const i = Math.floor((k * n) / START_ROWS);
    data.set(A.data.subarray(i * p, (i + 1) * p), k * p);
  }
  return { data, dims: [START_ROWS, p] };
}

/** The pass that {@link fastSemiNmf} repeats; it overwrites U. */
function passesOver(
  engine: Engine,
  tensor: Tensor<Float32Array>,
  r: number,
  U: Float32Array,
  pace: Pace,
): (W: Float64Array, closing: boolean) => Promise<Pass> {
  const [n, p] = tensor.dims;
  const cut = cutRows(n, p);
  const groupSize = engine.threads === 1 ? 1 : CHUNKS_PER_THREAD * engine.threads;
  const A = streamedPanels(engine, cut, () => [tensor], groupSize);
  engine.scratch(nnlsScratchBytes(r));
  const partials = placePartials(engine, r, cut.width, A.groupSize);
  const solutions = placeNnls(engine, r, cut, A.groupSize);
  const bankPlaces = placeBank(engine, r, cut);
  const loose = engine.place(r * cut.stride * 4);
  const totals = { wide: engine.place(r * cut.width * 8), square: engine.place(r * r * 8) };
  const norms = squaredNorms(tensor);
  const total = norms.reduce((sum, v) => sum + v, 0);
  return async (W, closing) => {
    const bank = setBank(engine, bankPlaces, W, cut, loose);
    engine.f64(totals.wide, r * cut.width).fill(0);
    engine.f64(totals.square, r * r).fill(0);
    const seen = { square: 0, worst: 0, largest: -1, residual: 0 };
    for await (const group of A.groups()) {
      await solveGroup(engine, A, bank, group, solutions, pace, 'semiNmf: A');
      group.addresses.forEach((_, k) => {
        const at = (group.first + k) * cut.chunkRows;
        const rows = rowsOf(cut, group.first + k);
        readSolution(engine, solutions, k, bank, cut, rows, U.subarray(at * r, (at + rows) * r));
        addGains(engine.f64(solutions.gains[k], rows), norms.subarray(at, at + rows), at, seen);
      });
      const calls = group.addresses.map((address, k) => {
        const panel = [address, A.stride, rowsOf(cut, group.first + k), A.width];
        const u = [solutions.U[k], cut.chunkRows];
        return closing
          ? [...panel, loose, cut.stride, r, ...u]
          : [...panel, r, ...u, partials.wide[k], partials.square[k]];
      });
      const values = await engine.run(closing ? 'residualPass' : 'outerPass', calls, pace);
      if (closing) for (const v of values) seen.residual += v;
      else addPartials(engine, partials, calls.length, totals);
    }
    return { ...seen, total, ...read(engine, totals, bank, cut.width, p) };
  };
}

function addGains(
  gains: Float64Array,
  norms: Float64Array,
  at: number,
  seen: { square: number; worst: number; largest: number },
): void {
  for (let i = 0; i < gains.length; i++) {
    const residual = Math.max(0, norms[i] - gains[i]); // u is optimal: uᵀG u = uᵀf
    seen.square += residual;
    if (residual > seen.largest) [seen.largest, seen.worst] = [residual, at + i];
  }
}

function squaredNorms({ data, dims: [n, p] }: Tensor<Float32Array>): Float64Array {
  const row = new Float64Array(p);
  return Float64Array.from({ length: n }, (_, i) => {
    row.set(data.subarray(i * p, (i + 1) * p));
    return dot(row, 0, row, 0, p);
  });
}

/** H and M of the concepts as given, from those of the scaled ones. */
function read(
  engine: Engine,
  totals: { wide: number; square: number },
  { r, scales }: Bank,
  width: number,
  p: number,
): { H: Float64Array; M: Float64Array } {
  const H = engine.f64(totals.square, r * r).map((v, k) => v * scales[Math.floor(k / r)] * scales[k % r]);
  const M = new Float64Array(r * p);
  const wide = engine.f64(totals.wide, r * width);
  for (let t = 0; t < r; t++) {
    for (let j = 0; j < p; j++) M[t * p + j] = wide[t * width + j] * scales[t];
  }
  return { H, M };
}
