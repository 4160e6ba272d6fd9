// The start that a sketch A ≈ L Q gives: NNDSVD from its singular vectors.

import type { Engine } from './kernels/engine.ts';
import { rowsOf } from './kernels/panels.ts';
import { packedBytes } from './kernels/sparse-panels.ts';
import { type FastFactors, putColumn } from './nmf-fast-factors.ts';
import type { Sketch } from './nmf-fast-sketch.ts';
import { startFromPair } from './nmf-init.ts';

/** Places for the singular vectors that a start is made of; numbers are addresses. */
export interface StartPlaces {
  /** The first r eigenvectors of LᵀL, float32 [r, width of L], and the same packed. */
  leading: number;
  packed: number;
  /** They times Q: the right singular vectors of L Q, float64 [r, width]. */
  right: number;
  /** L times their transpose, by chunks: the left ones times the singular values, float32 [chunkRows, r]. */
  left: number[];
  /** float64 [r, r] that nobody reads. */
  unused: number;
}

export function placeStart(engine: Engine, { r, cut }: FastFactors, { L }: Sketch): StartPlaces {
  return {
    leading: engine.place(r * L.width * 4),
    packed: engine.place(packedBytes(L, r)),
    right: engine.place(r * cut.width * 8),
    left: Array.from({ length: cut.chunks }, () => engine.place(cut.chunkRows * r * 4)),
    unused: engine.place(r * r * 8),
  };
}

/** NNDSVD from the sketch, into U and W of `factors`; zeros become the mean of A. */
export function startFromSketch(
  engine: Engine,
  factors: FastFactors,
  sketch: Sketch,
  places: StartPlaces,
): void {
  const { r, cut, U, W } = factors;
  const { n, p, width, stride, chunkRows } = cut;
  const fill = sketch.summary.mean;
  singularVectors(engine, factors, sketch, places);
  const u = new Float64Array(n);
  for (let j = 0; j < r; j++) {
    const s = Math.sqrt(sketch.squares[j]);
    for (let c = 0; c < cut.chunks; c++) {
      const part = engine.f32(places.left[c], chunkRows * r);
      const rows = rowsOf(cut, c);
      for (let i = 0; i < rows; i++) u[c * chunkRows + i] = s > 0 ? part[i * r + j] / s : 0;
    }
    const v = engine.f64(places.right + j * width * 8, p);
    const [x, y] = startFromPair(u, v, s, j);
    putColumn(engine, factors, U, j, x, fill);
    const w = engine.f32(W + j * stride * 4, p);
    for (let k = 0; k < p; k++) w[k] = y[k] === 0 ? fill : y[k];
  }
}

function singularVectors(
  engine: Engine,
  { r, cut }: FastFactors,
  { l, L, addresses, Q, vectors }: Sketch,
  { leading, packed, right, left, unused }: StartPlaces,
): void {
  const { kernels } = engine;
  for (let j = 0; j < r; j++) {
    engine.f32(leading + j * L.width * 4, l).set(vectors.subarray(j * l, (j + 1) * l));
  }
  const scratch = engine.scratch(0);
  kernels.outerPass(Q, cut.stride, l, cut.width, r, leading, L.width, right, unused, scratch);
  kernels.pack(leading, L.width, r, L.width, packed);
  for (let c = 0; c < cut.chunks; c++) {
    kernels.sketchPass(addresses[c], L.stride, rowsOf(cut, c), L.width, packed, r, left[c], r, 0, 0, scratch);
  }
}
