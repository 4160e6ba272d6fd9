// What goes into the two parts of a folded head, and what comes out.

import type { Tensor } from '../tensor/tensor.ts';
import type { FoldedHead, TailRows } from './folded-head.ts';
import { finite } from './head.ts';
import { fromLatents, type LatentShape } from './layout.ts';
import type { Weights } from './location-weights.ts';

/** Latents in one run of P take at most this. */
const PREFIX_BYTES = 64 * 2 ** 20;
const FLOAT32 = 4;

/** Scores of some rows: by the tail, or, without one, offset + coefficients · basis itself. */
export async function scoresOf(head: FoldedHead, rows: TailRows): Promise<Float64Array> {
  const { coefficients, count, basis, offset } = rows;
  const r = basis.length / offset.length;
  const scores = new Float64Array(count);
  if (head.tail) scores.set(await head.tail({ ...rows, coefficients: coefficients.subarray(0, count * r) }));
  else {
    for (let k = 0; k < count; k++) {
      scores[k] = offset[0];
      for (let i = 0; i < r; i++) scores[k] += coefficients[k * r + i] * basis[i];
    }
  }
  scores.forEach(finite);
  return scores;
}

/** Rows of P, as many at a time as memory allows. */
type RunRows = (latents: Tensor<Float32Array>) => Promise<Float32Array>;

export function prefixRows({ prefix, width }: FoldedHead, shape: LatentShape): RunRows {
  if (prefix === null) return async ({ data }) => data;
  const size = shape.locations * shape.width;
  const rows = Math.max(1, Math.floor(PREFIX_BYTES / (FLOAT32 * size)));
  return async ({ data, dims: [count, ...rest] }) => {
    const out = new Float32Array(count * width);
    for (let from = 0; from < count; from += rows) {
      const to = Math.min(from + rows, count);
      const part = { data: data.subarray(from * size, to * size), dims: [to - from, ...rest] };
      out.set(await prefix(part), from * width);
    }
    return out;
  };
}

/** aᵢ and b from P(zᵢ), i < r, and P(0), the last row. */
export function differences(rows: Float32Array, r: number): { basis: Float32Array; offset: Float32Array } {
  const q = rows.length / (r + 1);
  const offset = rows.slice(r * q);
  const basis = rows.slice(0, r * q);
  for (let k = 0; k < basis.length; k++) basis[k] -= offset[k % q];
  return { basis, offset };
}

/** Latents that are the same row at every location, in h's layout. @param rows - [n, p] */
export function everywhere(rows: Float32Array, shape: LatentShape): Tensor<Float32Array> {
  const { locations: T, width: p } = shape;
  const count = rows.length / p;
  const data = new Float32Array(count * T * p);
  for (let n = 0; n < count; n++) {
    const row = rows.subarray(n * p, (n + 1) * p);
    for (let t = 0; t < T; t++) data.set(row, (n * T + t) * p);
  }
  return fromLatents({ data, count, shape });
}

/** ū = Σₜ wₜ u[t] of every input: [N, r]. */
export function weightedMeans(
  { count, of }: { count: number; of(n: number): Float32Array },
  weights: Weights,
  r: number,
): Float64Array {
  const means = new Float64Array(count * r);
  for (let n = 0; n < count; n++) {
    const u = of(n);
    weights.forEach((w, t) => {
      if (w !== 0) for (let i = 0; i < r; i++) means[n * r + i] += w * u[t * r + i];
    });
  }
  return means;
}
