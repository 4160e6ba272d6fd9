// One pass over A of semi-NMF on the kernels: U exact for a bank, and what the next bank is made of.

import type { Engine } from './kernels/engine.ts';
import { type Group, type Panels, rowsOf } from './kernels/panels.ts';
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

/** What one pass over A gives: U exact for W, and what the next W is made of. */
export interface Pass {
  /** ‖A‖², and ‖A − U W‖² as the sum of ‖a‖² − fᵀu over the rows a. */
  total: number;
  square: number;
  /** The row with the largest share of it: its number, and the row itself. */
  worst: number;
  worstRow: Float32Array;
  /** UᵀU [r, r] and UᵀA [r, p]. */
  H: Float64Array;
  M: Float64Array;
  /** ‖A − U W‖² from the residual itself, if asked for. */
  residual: number;
}

/** A pass for a bank W; a closing one gives the residual in place of H and M. */
export type AlternatingPass = (W: Float64Array, closing: boolean) => Promise<Pass>;

/** The pass over A [n, p] that semi-NMF repeats; it overwrites U. */
export function passesOver(
  engine: Engine,
  A: Panels,
  r: number,
  U: Float32Array,
  pace: Pace,
): AlternatingPass {
  const { n, p } = A;
  engine.scratch(nnlsScratchBytes(r));
  const partials = placePartials(engine, r, A.width, A.groupSize);
  const solutions = placeNnls(engine, r, A, A.groupSize);
  const bankPlaces = placeBank(engine, r, A);
  const loose = engine.place(r * A.stride * 4);
  const totals = { wide: engine.place(r * A.width * 8), square: engine.place(r * r * 8) };
  const norms = new Float64Array(n);
  let total = -1; // norms are those of no pass yet
  return async (W, closing) => {
    const bank = setBank(engine, bankPlaces, W, A, loose);
    engine.f64(totals.wide, r * A.width).fill(0);
    engine.f64(totals.square, r * r).fill(0);
    const seen = { square: 0, worst: 0, worstRow: new Float32Array(p), largest: -1, residual: 0 };
    for await (const group of A.groups()) {
      await solveGroup(engine, A, bank, group, solutions, pace, 'semiNmf: A');
      group.addresses.forEach((_, k) => {
        const at = (group.first + k) * A.chunkRows;
        const chunk = chunkOf(A, group, k);
        U.set(readSolution(engine, solutions, k, bank, A, chunk.rows), at * r);
        const own = norms.subarray(at, at + chunk.rows);
        if (total < 0) squaredNorms(engine, chunk, own);
        addGains(engine.f64(solutions.gains[k], chunk.rows), own, at, seen);
        const worst = seen.worst - at;
        if (worst >= 0) seen.worstRow.set(engine.f32(chunk.address + worst * A.stride * 4, p));
      });
      const calls = group.addresses.map((address, k) => {
        const panel = [address, A.stride, rowsOf(A, group.first + k), A.width];
        const u = [solutions.U[k], A.chunkRows];
        return closing
          ? [...panel, loose, A.stride, r, ...u]
          : [...panel, r, ...u, partials.wide[k], partials.square[k]];
      });
      const values = await engine.run(closing ? 'residualPass' : 'outerPass', calls, pace);
      if (closing) for (const v of values) seen.residual += v;
      else addPartials(engine, partials, calls.length, totals);
    }
    if (total < 0) total = norms.reduce((sum, v) => sum + v, 0);
    return { ...seen, total, ...read(engine, totals, bank, A.width, p) };
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

/** Rows of A in the kernels' memory. */
interface Chunk {
  readonly address: number;
  readonly rows: number;
  readonly stride: number;
  readonly p: number;
}

function chunkOf(A: Panels, group: Group, k: number): Chunk {
  return { address: group.addresses[k], rows: rowsOf(A, group.first + k), stride: A.stride, p: A.p };
}

function squaredNorms(engine: Engine, { address, rows, stride, p }: Chunk, norms: Float64Array): void {
  const row = new Float64Array(p);
  for (let i = 0; i < rows; i++) {
    row.set(engine.f32(address + i * stride * 4, p));
    norms[i] = dot(row, 0, row, 0, p);
  }
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
