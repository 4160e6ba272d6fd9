// Coefficients of new rows on a fixed concept bank: non-negative least squares, exact.

import { CraftError } from '../errors.ts';
import { checkMatrix, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { checkFitOptions, checkNonNegative, checkPair, likeA } from './factor-checks.ts';
import { Engine } from './kernels/engine.ts';
import { cutRows, rowsOf, streamedPanels } from './kernels/panels.ts';
import { threadsFor } from './kernels/threads.ts';
import { sweep } from './nmf-cd.ts';
import {
  isFloat32,
  nnlsScratchBytes,
  placeBank,
  placeNnls,
  readSolution,
  setBank,
  solveGroup,
} from './nnls-fast.ts';
import { rowSolver } from './nnls-row.ts';
import { pace } from './pace.ts';
import { gramOfRows, rowBlocks, timesTranspose } from './products.ts';
import { checkRowSource, type RowSource, readRows } from './row-source.ts';

export interface NnlsOptions {
  /** From 1; the same bits for any number. Default: 1 for little work, else up to 4. Float32Array only. */
  threads?: number;
  signal?: AbortSignal;
}

/** Floats in a chunk, about: small, so that a chunk stays in the cache between its copy and its product. */
const CHUNK_FLOATS = 2 ** 17;
const CHUNKS_PER_THREAD = 8;
/** Concepts above which a system no longer fits a thread's scratch. */
const MOST_CONCEPTS = 2048;

/**
 * U = argmin over U ≥ 0 of ½‖A − U W‖², row by row and exact: a row's result does not depend on the rows
 * around it. One product A Wᵀ, then block principal pivoting on r × r systems in float64: O(n p r) in all.
 * For a Float32Array the product is made of float32 products (its sums in float64), for other types in
 * float64, where the optimality conditions hold to its rounding. Where concepts are dependent (duplicate or
 * zero rows of W) the minimiser is not unique: one is returned, and a zero concept gets 0.
 *
 * @param A - activations [n, p], any sign.
 * @param W - concept bank [r, p], any sign.
 * @returns U [n, r] ≥ 0; Float32Array if A is, else Float64Array.
 * @throws {@link CraftError} `SHAPE` if the widths differ, `VALUE` if an element is not finite, `OPTION` for
 *   a bad option, `ABORTED` after `signal` fired.
 * @see Kim and Park (2011), SIAM J. Sci. Comput. 33(6), 3261–3281; Lawson and Hanson, Solving least
 *   squares problems (1974), ch. 23.
 */
export async function nnls(
  A: Tensor,
  W: Tensor,
  options: NnlsOptions = {},
): Promise<Tensor<Float32Array | Float64Array>> {
  checkTensor(A, 'nnls: A');
  checkMatrix(W, 'nnls: W');
  const fast = A.data instanceof Float32Array && A.data.length > 0 && A.dims.length === 2 && isFloat32(W);
  if (!fast || A.dims[1] !== W.dims[1] || W.dims[0] > MOST_CONCEPTS) return plainNnls(A, W, options.signal);
  const [n, p] = A.dims;
  const r = W.dims[0];
  const U = new Float32Array(n * r);
  let at = 0;
  for await (const block of solveRows({ rows: n, columns: p, chunks: () => [A] }, W, options, () => [A])) {
    U.set(block, at);
    at += block.length;
  }
  return { data: U, dims: [n, r] };
}

/**
 * {@link nnls} of rows that come in chunks: yields U [k, r] of the next rows, in order, until all are done. The
 * memory is bounded by a few megabytes and a chunk of the source. The same bits as nnls of one Float32Array.
 *
 * @param W - concept bank [r, p] whose values are float32's.
 */
export async function* nnlsStream(
  source: RowSource,
  W: Tensor,
  options: NnlsOptions = {},
): AsyncGenerator<Tensor<Float32Array>> {
  checkRowSource(source, 'nnlsStream');
  checkMatrix(W, 'nnlsStream: W');
  if (!isFloat32(W) || W.dims[1] !== source.columns || W.dims[0] > MOST_CONCEPTS) {
    throw new CraftError(
      'SHAPE',
      `nnlsStream: expected W [r, ${source.columns}] in float32, r ≤ ${MOST_CONCEPTS}; got [${W.dims}] – round it with Float32Array.from`,
    );
  }
  const r = W.dims[0];
  for await (const block of solveRows(source, W, options, () => readRows(source, 'nnlsStream'))) {
    const data = new Float32Array(block);
    yield { data, dims: [data.length / r, r] };
  }
}

/** U [k, r] of the next rows, each to be read before the next is asked for. */
async function* solveRows(
  { rows: n, columns: p }: RowSource,
  W: Tensor,
  options: NnlsOptions,
  rows: () => AsyncIterable<Tensor> | Iterable<Tensor>,
): AsyncGenerator<Float32Array> {
  const turn = pace('nnls', options.signal);
  const r = W.dims[0];
  const threads = threadsFor('nnls', options.threads, n * p * r);
  const cut = cutRows(n, p, CHUNK_FLOATS, 0);
  const engine = await Engine.open(threads);
  try {
    engine.scratch(nnlsScratchBytes(r));
    const bank = setBank(
      engine,
      placeBank(engine, r, cut),
      new Float64Array(W.data),
      cut,
      engine.place(r * cut.stride * 4),
    );
    const A = streamedPanels(engine, cut, rows, threads === 1 ? 1 : CHUNKS_PER_THREAD * threads);
    const places = placeNnls(engine, r, cut, A.groupSize);
    for await (const group of A.groups()) {
      await solveGroup(engine, A, bank, group, places, turn, 'nnls: A');
      for (let k = 0; k < group.addresses.length; k++) {
        yield readSolution(engine, places, k, bank, cut, rowsOf(cut, group.first + k));
      }
    }
  } finally {
    engine.close();
  }
}

/** In float64 throughout. */
async function plainNnls(
  A: Tensor,
  W: Tensor,
  signal: AbortSignal | undefined,
): Promise<Tensor<Float32Array | Float64Array>> {
  checkPair(A, W, 'nnls');
  const turn = pace('nnls', signal);
  const [n, p] = A.dims;
  const r = W.dims[0];
  const bank = Float64Array.from(W.data);
  const solver = rowSolver(gramOfRows(bank, r, p), r);
  const U = new Float64Array(n * r);
  for (const { start, count, data } of rowBlocks(A)) {
    const F = U.subarray(start * r, (start + count) * r); // A Wᵀ, then overwritten row by row
    timesTranspose(data, count, bank, r, p, F);
    for (let i = 0; i < count; i++) solver.solve(F, F, i * r);
    await turn.rest();
  }
  return likeA(A, U, [n, r]);
}

/**
 * The truncated descent that scikit-learn's NMF.transform does, for parity: coordinate descent sweeps
 * from U = 0 until their violation is ≤ tol times the first one's. It stops early, up to a tenth of the
 * maximum away from the minimiser, and a row's result depends on the others of its batch; use
 * {@link nnls} for anything else.
 *
 * @param A - [n, p], any sign. @param W - [r, p], ≥ 0.
 * @throws {@link CraftError} `SHAPE` or `VALUE` as {@link nnls}; `VALUE` if W has a negative element.
 */
export function transformCd(
  A: Tensor,
  W: Tensor,
  { tol = 1e-4, maxIter = 200 }: { tol?: number; maxIter?: number } = {},
): { U: Tensor<Float32Array | Float64Array>; iterations: number } {
  checkPair(A, W, 'transformCd');
  checkNonNegative(W, 'transformCd: W', 'use nnls for a signed bank');
  const [n, p] = A.dims;
  const r = W.dims[0];
  checkFitOptions('transformCd', { rank: r, seed: 0, maxIter, tol });
  const bank = Float64Array.from(W.data);
  const G = gramOfRows(bank, r, p);
  const F = new Float64Array(n * r);
  for (const { start, count, data } of rowBlocks(A)) {
    timesTranspose(data, count, bank, r, p, F.subarray(start * r, (start + count) * r));
  }
  const U = new Float64Array(n * r);
  let iterations = 0;
  for (let first = 0, share = Infinity; iterations < maxIter && share > tol; ) {
    iterations++;
    const violation = sweep(U, 0, n, r, G, F);
    if (iterations === 1) first = violation;
    share = first === 0 ? 0 : violation / first;
  }
  return { U: likeA(A, U, [n, r]), iterations };
}
