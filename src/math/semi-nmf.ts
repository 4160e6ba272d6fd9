// Semi-NMF: A ≈ U W with U ≥ 0 and W of any sign, for activations that have negatives. The public entry.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { checkFitOptions, checkRange, type FactorResult, type NmfProgress } from './factor-checks.ts';
import { threadsFor } from './kernels/threads.ts';
import { pace } from './pace.ts';
import { isRowSource, type RowSource } from './row-source.ts';
import { fastSemiNmf } from './semi-nmf-fast.ts';
import { plainSemiNmf } from './semi-nmf-plain.ts';
import { streamedSemiNmf } from './semi-nmf-stream.ts';

export interface SemiNmfOptions {
  /** Number of concepts r, from 1. */
  rank: number;
  /** Of the cluster centres to start from. Default 0. */
  seed?: number;
  /** Most iterations. Default 200. */
  maxIter?: number;
  /** Stop after two iterations in a row that lower the loss by less than this share of it. Default 1e-4. */
  tol?: number;
  /** From 1; the same bits for any number. Default: 1 for little work, else up to 4. Float32Array only. */
  threads?: number;
  /** Bytes of a source that are held at a time, about; at least 2 MB are. Default: as the threads need. */
  memory?: number;
  signal?: AbortSignal;
  onProgress?: (progress: NmfProgress) => void;
}

/** n · p · r up to which float64 takes a few milliseconds. */
const SMALL = 1e5;
/** Largest element of A that float32 products stay finite for. */
const LARGEST = 1e12;

/**
 * Minimises ½‖A − U W‖² over U ≥ 0 and W by turns, each exactly, so the loss never rises. The result's U
 * is the exact non-negative least squares of A on W, as {@link nnls} gives. A concept that no row uses
 * is replaced by the row that is explained worst. Not convex: another seed can end in another minimum.
 * Cost O(n p r) an iteration. A Float32Array of some size is worked on in float32 with float64 sums (SIMD
 * kernels), anything else in float64.
 *
 * @param A - activations [n, p], n, p ≥ 1, finite, any sign; or a source of its rows, r ≤ min(n, p), which is read six
 *   times: it is factorised in the span of its largest r + 20 singular vectors, found at random, then improved once on all of A.
 * @throws {@link CraftError} `SHAPE` or `VALUE` for a bad matrix or option, `ABORTED` after `signal` fired.
 * @see Ding, Li and Jordan, Convex and semi-nonnegative matrix factorizations (2010), IEEE TPAMI 32(1), 45–55.
 */
export async function semiNmf(A: Tensor | RowSource, options: SemiNmfOptions): Promise<FactorResult> {
  const { rank, seed = 0, maxIter = 200, tol = 1e-4, memory = Infinity, signal, onProgress } = options;
  const settings = { rank, seed, maxIter, tol, pace: pace('semiNmf', signal), onProgress };
  if (!(memory > 0)) {
    throw new CraftError('OPTION', `semiNmf: expected memory to be a number of bytes above 0; got ${memory}`);
  }
  if (isRowSource(A)) {
    checkFitOptions('semiNmf', { rank, seed, maxIter, tol });
    const threads = threadsFor('semiNmf', options.threads, A.rows * A.columns * rank);
    return streamedSemiNmf(A, settings, threads, memory);
  }
  checkMatrix(A, 'semiNmf: A');
  checkRange(A, 'semiNmf: A');
  checkFitOptions('semiNmf', { rank, seed, maxIter, tol });
  const [n, p] = A.dims;
  const threads = threadsFor('semiNmf', options.threads, n * p * rank);
  if (n * p * rank > SMALL && rank <= n && isModest(A)) return fastSemiNmf(A, settings, threads);
  return plainSemiNmf(A, settings);
}

function isModest(A: Tensor): A is Tensor<Float32Array> {
  return A.data instanceof Float32Array && A.data.every((v) => Math.abs(v) <= LARGEST);
}
