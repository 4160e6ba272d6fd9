// A low-rank approximation A ≈ L Q with Q [l, p] orthonormal rows, L = A Qᵀ [n, l].

import type { Engine } from './kernels/engine.ts';
import { type Cut, type Panels, placedPanels, roundUp } from './kernels/panels.ts';
import { packedBytes, packFor, sparseScratch } from './kernels/sparse-panels.ts';
import { passOver, placePartials, scratchBytes } from './nmf-fast-factors.ts';
import type { Pace } from './pace.ts';
import { jacobiRows } from './svd.ts';

/** What was seen of A in the first pass, before anything is made of it. */
export interface Summary {
  mean: number;
  /** ‖A‖² */
  square: number;
  /** Least element, or 0 if that is less; NaN if one is. */
  least: number;
  largest: number;
}

export interface Sketch {
  l: number;
  /** L as a matrix of its own, in chunks like A's. */
  L: Panels;
  /** Its chunks. */
  addresses: number[];
  /** float32 [l, stride of A] */
  Q: number;
  /** Eigenvalues of LᵀL = squared singular values, largest first, and its eigenvectors as rows [l, l]. */
  squares: Float64Array;
  vectors: Float64Array;
  summary: Summary;
}

/**
 * Randomised range finder. The first range is that of S A, S a sparse sign matrix, which costs no product;
 * each power iteration costs a product with Q and one with L; the last Q, one more.
 *
 * @see Halko, Martinsson and Tropp, Finding structure with randomness (2011), SIAM Rev. 53(2).
 */
export async function sketchOf(
  engine: Engine,
  A: Panels,
  { l, powers, seed }: { l: number; powers: number; seed: number },
  check: (summary: Summary) => boolean,
  pace: Pace,
): Promise<Sketch | undefined> {
  const { width, stride, ld } = A;
  // not in sixteens, as a descent walks the columns of A, but in eights, as the products do
  const cutL: Cut = { ...A, p: l, width: roundUp(l, 8), stride: roundUp(l, 8) + 16 };
  const panelBytes = A.chunkRows * cutL.stride * 4;
  const start = engine.place(A.chunks * panelBytes);
  const addresses = Array.from({ length: A.chunks }, (_, c) => start + c * panelBytes);
  const Q = engine.place(l * stride * 4);
  const packed = engine.place(packedBytes(A, l));
  const Z = engine.place(l * width * 8);
  const K = engine.place(l * l * 8);
  const partials = placePartials(engine, l, width, A.groupSize);
  engine.scratch(scratchBytes(l) + sparseScratch(A, l));

  const orthonormalize = (): void => {
    const z = engine.f64(Z, l * width);
    engine.kernels.orthonormalize(Z, l, width);
    const q = engine.f32(Q, l * stride);
    for (let t = 0; t < l; t++) q.set(z.subarray(t * width, (t + 1) * width), t * stride);
    packFor(engine, A, Q, l, packed);
  };
  const summaries = engine.place(A.chunks * 32);
  const project = (last: boolean): Promise<number> =>
    passOver(
      engine,
      A,
      'sketchPass',
      ({ c, address, rows, wide, square }) => [
        ...[address, ld, rows, width, packed, l, addresses[c], cutL.stride],
        ...[last ? 0 : wide, last ? square : 0],
      ],
      partials,
      { wide: last ? 0 : Z, square: last ? K : 0 },
      pace,
    );

  await passOver(
    engine,
    A,
    'foldPass',
    ({ c, address, rows, wide }) => [
      address,
      ld,
      rows,
      width,
      l,
      wide,
      c * A.chunkRows,
      seed,
      summaries + c * 32,
    ],
    partials,
    { wide: Z, square: 0 },
    pace,
  );
  const summary = summarize(engine.f64(summaries, A.chunks * 4), A);
  if (!check(summary)) return undefined;
  orthonormalize();
  for (let i = 0; i < powers; i++) {
    await project(false);
    orthonormalize();
  }
  await project(true);
  const { squares, vectors } = eigenvectors(engine.f64(K, l * l).slice(), l);
  return { l, L: placedPanels(cutL, addresses, A.groupSize), addresses, Q, squares, vectors, summary };
}

function summarize(chunks: Float64Array, { n, p }: Cut): Summary {
  const summary = { mean: 0, square: 0, least: Infinity, largest: -Infinity };
  for (let k = 0; k < chunks.length; k += 4) {
    summary.mean += chunks[k];
    summary.square += chunks[k + 1];
    summary.least = Math.min(summary.least, chunks[k + 2]);
    summary.largest = Math.max(summary.largest, chunks[k + 3]);
  }
  return { ...summary, mean: summary.mean / n / p };
}

/** Of the symmetric K ≥ 0 [l, l] (changed). */
function eigenvectors(K: Float64Array, l: number): { squares: Float64Array; vectors: Float64Array } {
  const J = jacobiRows(K, l); // J K = Λ V: its rows are the eigenvectors
  const norms = Float64Array.from({ length: l }, (_, i) =>
    Math.sqrt(K.subarray(i * l, (i + 1) * l).reduce((sum, v) => sum + v * v, 0)),
  );
  const order = Array.from(norms.keys()).sort((a, b) => norms[b] - norms[a] || a - b);
  const vectors = new Float64Array(l * l);
  order.forEach((i, rank) => {
    vectors.set(J.subarray(i * l, (i + 1) * l), rank * l);
  });
  return { squares: Float64Array.from(order, (i) => norms[i]), vectors };
}
