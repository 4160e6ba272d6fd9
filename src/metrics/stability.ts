// Are the concepts of two fits the same ones?

import { CraftError } from '../errors.ts';
import { mean } from '../math/stats.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { assign } from './assignment.ts';

/** Concepts of one bank matched to those of another. */
export interface BankMatch {
  /** For each concept of W the one of V, such that the sum of cosines is largest: [r]. */
  readonly match: Int32Array;
  /** Cosine of each pair, −1 … 1; 0 for a concept that is all 0. [r] */
  readonly cosines: Float64Array;
  /** Mean of the cosines: 1 if the banks are the same but for order and scale. */
  readonly mean: number;
}

/**
 * Matches two concept banks one to one by the cosine of their rows.
 *
 * @param W - [r, p]
 * @param V - [s, p], s ≥ r.
 * @throws {@link CraftError} `SHAPE`, `VALUE`.
 */
export function matchBanks(W: Tensor, V: Tensor): BankMatch {
  checkMatrix(W, 'matchBanks: W');
  checkMatrix(V, 'matchBanks: V');
  const [r, p] = W.dims;
  const s = V.dims[0];
  if (V.dims[1] !== p || s < r) {
    throw new CraftError('SHAPE', `matchBanks: expected V [≥ ${r}, ${p}]; got [${V.dims}]`);
  }
  const cosines = new Float64Array(r * s);
  for (let i = 0; i < r; i++) for (let j = 0; j < s; j++) cosines[i * s + j] = cosine(W, i, V, j);
  const match = assign(
    cosines.map((c) => -c),
    r,
    s,
  );
  const own = Float64Array.from(match, (j, i) => cosines[i * s + j]);
  return { match, cosines: own, mean: mean(own) };
}

function cosine(W: Tensor, i: number, V: Tensor, j: number): number {
  const p = W.dims[1];
  let [wv, ww, vv] = [0, 0, 0];
  for (let c = 0; c < p; c++) {
    const [a, b] = [W.data[i * p + c], V.data[j * p + c]];
    wv += a * b;
    ww += a * a;
    vv += b * b;
  }
  return ww === 0 || vv === 0 ? 0 : wv / Math.sqrt(ww * vv);
}
