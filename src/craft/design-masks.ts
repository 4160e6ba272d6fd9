// The masks that inputs are scored under: rows of their designs.
//
// Notation: N = design size, r = concepts, 𝐀, 𝐁 [N, r] = halves of a design's points, 𝐂⁽ⁱ⁾ = 𝐀 with column i from 𝐁.

import { haltonDesign } from '../math/designs.ts';
import { type DesignFamily, latinHypercubeDesigns, scrambledSobolDesigns } from '../math/designs-own.ts';
import type { Masks } from './score-request.ts';

export type SamplerName = 'sobol' | 'halton' | 'latin-hypercube';

/** Designs of a run. */
export interface Designs {
  /** All inputs have design 0; a sequence that is not random has no other. */
  readonly isShared: boolean;
  /** Points [N, 2r] of design k: 𝐀 and 𝐁 side by side. */
  readonly points: DesignFamily;
}

export function designsOf(sampler: SamplerName, r: number, N: number, seed: number): Designs {
  if (sampler === 'halton') {
    const points = haltonDesign(2 * r, N);
    return { isShared: true, points: () => points };
  }
  const family = sampler === 'sobol' ? scrambledSobolDesigns : latinHypercubeDesigns;
  return { isShared: false, points: family(2 * r, N, seed) };
}

/** Rows of 𝐀, 𝐂⁽⁰⁾ … 𝐂⁽ʳ⁻¹⁾, those of several designs one after the other; no estimator needs those of 𝐁. */
export function masksOf({ isShared, points }: Designs, N: number, r: number, perInput: number): Masks {
  const size = N * (r + 1) * r;
  const rows = new Float64Array(perInput * size);
  let held = -1;
  return {
    count: perInput * N * (r + 1),
    of(n) {
      const wanted = isShared ? 0 : n;
      if (held === wanted) return rows;
      for (let k = 0; k < perInput; k++) {
        writeRows(points(wanted * perInput + k).data, N, r, rows.subarray(k * size, (k + 1) * size));
      }
      held = wanted;
      return rows;
    },
  };
}

function writeRows(points: Float64Array, N: number, r: number, rows: Float64Array): void {
  for (let block = 0; block <= r; block++) {
    for (let n = 0; n < N; n++) {
      const [from, to] = [n * 2 * r, (block * N + n) * r];
      for (let i = 0; i < r; i++) rows[to + i] = points[from + i];
      if (block > 0) rows[to + block - 1] = points[from + r + block - 1];
    }
  }
}

/**
 * E[∂y/∂m_i] on one design, [r]: least squares through the origin, as signedEffect.
 *
 * @param y - on 𝐀, 𝐂⁽⁰⁾ … 𝐂⁽ʳ⁻¹⁾.
 * @param points - [N, 2r]
 */
export function effectOf(y: Float64Array, points: Float64Array, N: number): Float64Array {
  const r = y.length / N - 1;
  return Float64Array.from({ length: r }, (_, i) => {
    let [products, squares] = [0, 0];
    for (let n = 0; n < N; n++) {
      const step = points[n * 2 * r + r + i] - points[n * 2 * r + i];
      products += step * (y[(1 + i) * N + n] - y[n]);
      squares += step * step;
    }
    return squares === 0 ? 0 : products / squares;
  });
}
