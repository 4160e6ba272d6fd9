// The best U and W so far, kept in the kernels' memory, and read out of it at the end.

import type { Engine } from './kernels/engine.ts';
import { type Cut, rowsOf } from './kernels/panels.ts';
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
  const u = new Float64Array(cut.n * r);
  for (let c = 0; c < cut.chunks; c++) readChunk(engine.f32(U[c], r * cut.chunkRows), cut, c, r, u);
  const w = new Float64Array(r * cut.p);
  const bank = engine.f32(W, r * cut.stride);
  for (let t = 0; t < r; t++) w.set(bank.subarray(t * cut.stride, t * cut.stride + cut.p), t * cut.p);
  return { U: u, W: w };
}

/** Rows of chunk c of U from its transpose `panel`. */
function readChunk(panel: Float32Array, cut: Cut, c: number, r: number, U: Float64Array): void {
  const rows = rowsOf(cut, c);
  const at = c * cut.chunkRows * r;
  for (let t = 0; t < r; t++) {
    for (let i = 0; i < rows; i++) U[at + i * r + t] = panel[t * cut.chunkRows + i];
  }
}
