// Semi-NMF on the kernels: the alternation of semi-nmf-plain.ts with products of float32 and sums of float64.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type FactorResult, likeA } from './factor-checks.ts';
import { clusterCenters } from './k-means.ts';
import { Engine } from './kernels/engine.ts';
import { cutRows, streamedPanels } from './kernels/panels.ts';
import { type Pass, passesOver } from './semi-nmf-passes.ts';
import { type SemiNmfSettings, solveBank } from './semi-nmf-plain.ts';

/** Iterations in a row that must lower the loss by less than tol of it. */
const SMALL_STEPS = 2;
/** A loss below this share of ½‖A‖² is rounding of float32 products. */
const ROUNDING = 1e-7;
/** The cluster centres to start from are those of so many rows, evenly spaced. */
const START_ROWS = 512;
const CHUNKS_PER_THREAD = 4;

/** Chunks that are worked on together. */
export function chunksFor({ threads }: Engine): number {
  return threads === 1 ? 1 : CHUNKS_PER_THREAD * threads;
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
    const panels = streamedPanels(engine, cutRows(n, p), () => [A], chunksFor(engine));
    const alternate = passesOver(engine, panels, r, U, pace);
    let last = Infinity;
    let small = 0;
    let iterations = 0;
    for (;;) {
      iterations++;
      const pass = await alternate(W, false);
      const scale = Math.max(pass.square, ROUNDING * pass.total, Number.MIN_VALUE);
      const fall = last === Infinity ? 1 : (last - pass.square) / scale;
      small = fall <= tol ? small + 1 : 0;
      last = pass.square;
      onProgress?.({ iteration: iterations, maxIter, violation: Math.min(1, Math.max(0, fall)) });
      if (iterations === maxIter || small === SMALL_STEPS) break;
      updateBank(W, U, pass);
    }
    const { residual } = await alternate(W, true);
    const factors = { U: { data: U, dims: [n, r] }, W: likeA(A, W, [r, p]) };
    return { ...factors, iterations, loss: residual / 2, converged: small === SMALL_STEPS };
  } finally {
    engine.close();
  }
}

/** W ← the least squares on U, in float32 as the kernels read it. */
export function updateBank(W: Float64Array, U: Float32Array, { H, M, worst, worstRow }: Pass): void {
  const r = Math.sqrt(H.length);
  solveBank(H, M, W, U.subarray(worst * r, (worst + 1) * r), worstRow);
  for (let k = 0; k < W.length; k++) W[k] = Math.fround(W[k]);
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
