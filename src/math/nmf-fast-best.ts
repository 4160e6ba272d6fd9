// The best U and W so far, kept in the kernels' memory, and read out of it at the end.

import type { Engine } from './kernels/engine.ts';
import { rowsOf } from './kernels/panels.ts';
import type { Factors } from './nmf-cd.ts';
import type { FastFactors } from './nmf-fast-factors.ts';

/** A copy of U and W, of the least loss so far. */
export function placeBest(
  engine: Engine,
  { r, cut, U, W }: FastFactors,
): { square(): number; keep(square: number): void; restore(): void } {
  const panel = r * cut.chunkRows;
  const start = engine.place(cut.chunks * panel * 4);
  const bank = engine.place(r * cut.stride * 4);
  const copy = (to: number, from: number, length: number): void =>
    engine.f32(to, length).set(engine.f32(from, length));
  let least = Infinity;
  return {
    square: () => least,
    keep(square) {
      least = square;
      for (let c = 0; c < cut.chunks; c++) copy(start + c * panel * 4, U[c], panel);
      copy(bank, W, r * cut.stride);
    },
    restore() {
      for (let c = 0; c < cut.chunks; c++) copy(U[c], start + c * panel * 4, panel);
      copy(W, bank, r * cut.stride);
    },
  };
}

/** U [n, r] and W [r, p] out of the kernels' memory. */
export function readFactors(engine: Engine, { r, cut, U, W }: FastFactors): Factors {
  const { n, p, chunks, chunkRows, stride } = cut;
  const block = engine.place(r * chunkRows * 4);
  const u = new Float64Array(n * r);
  for (let c = 0; c < chunks; c++) {
    const rows = rowsOf(cut, c);
    engine.kernels.rowsOfPanel(U[c], chunkRows, rows, r, 0, block);
    u.set(engine.f32(block, rows * r), c * chunkRows * r);
  }
  const w = new Float64Array(r * p);
  for (let t = 0; t < r; t++) w.set(engine.f32(W + t * stride * 4, p), t * p);
  return { U: u, W: w };
}
