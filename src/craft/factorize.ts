// A ≈ UW: which factorisation, and how its result is scaled.

import { CraftError } from '../errors.ts';
import { type NmfOptions, type NmfResult, nmf } from '../math/nmf.ts';
import { isRowSource, type RowSource } from '../math/row-source.ts';
import { semiNmf } from '../math/semi-nmf.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ResolvedOptions, RunOptions } from './options.ts';

/** Options of NMF that a fit passes on. */
export type FactorizeOptions = Pick<NmfOptions, 'solver' | 'init' | 'maxIter' | 'tol'>;

/** What a fit is made with; see CraftOptions. */
type FactorizeSettings = Pick<ResolvedOptions, 'factorizer' | 'numberOfConcepts' | 'seed' | 'unitNorm'>;

/** A factorisation of the activations. */
export interface Factorization {
  /** Coefficients, ≥ 0: [n, r]. */
  readonly U: Tensor;
  /** Concept bank, a row a concept: [r, p]. */
  readonly W: Tensor;
  readonly method: 'nmf' | 'semi-nmf';
  readonly iterations: number;
  readonly converged: boolean;
  /** Why it ended where it did (NMF), see NmfResult. */
  readonly ended?: string;
  /** ½‖A − UW‖². */
  readonly loss: number;
  /** ‖A − UW‖ / ‖A‖; 0 for A = 0. */
  readonly relativeError: number;
}

/**
 * NMF where A ≥ 0, Semi-NMF (U ≥ 0, W free) where it is signed: a negative activation is never cut off.
 *
 * @param A - [n, p], or a source of its rows, which is read once more than {@link nmf} or {@link semiNmf} do.
 * @throws {@link CraftError} `VALUE` if NMF is asked for and A has a negative entry; `OPTION` if r is above n.
 */
export async function factorize(
  A: Tensor<Float32Array> | RowSource,
  { factorizer, numberOfConcepts: rank, seed, unitNorm }: FactorizeSettings,
  options: RunOptions & FactorizeOptions,
): Promise<Factorization> {
  const n = isRowSource(A) ? A.rows : A.dims[0];
  if (rank > n) {
    throw new CraftError(
      'OPTION',
      `numberOfConcepts: expected at most the number of rows, ${n}; got ${rank} – use fewer concepts, more inputs or smaller patches`,
    );
  }
  const { isSigned, norm } = await factsOf(A);
  const method = factorizer === 'auto' ? (isSigned ? 'semi-nmf' : 'nmf') : factorizer;
  const { onProgress, ...rest } = options;
  const common = {
    ...rest,
    rank,
    seed,
    onProgress: ({ iteration, maxIter }: { iteration: number; maxIter: number }) =>
      onProgress?.({ stage: 'factorize', done: iteration, total: maxIter }),
  };
  const fit: Omit<NmfResult, 'solver' | 'ended'> & Partial<NmfResult> =
    method === 'nmf' ? await nmf(A, common) : await semiNmf(A, common);
  const { U, W, iterations, converged, loss, ended } = fit;
  if (unitNorm) scaleToUnitNorm(U, W);
  const relativeError = norm === 0 ? 0 : Math.sqrt(2 * loss) / norm;
  return { U, W, method, iterations, converged, ...(ended && { ended }), loss, relativeError };
}

/** Whether A has a negative entry, and ‖A‖. */
async function factsOf(A: Tensor<Float32Array> | RowSource): Promise<{ isSigned: boolean; norm: number }> {
  let [isSigned, square] = [false, 0];
  for await (const { data } of isRowSource(A) ? A.chunks() : [A]) {
    for (let k = 0; k < data.length; k++) {
      isSigned ||= data[k] < 0;
      square += data[k] * data[k];
    }
  }
  return { isSigned, norm: Math.sqrt(square) };
}

/** Rows of W to norm 1, columns of U by the inverse, in place; a zero concept stays zero. */
function scaleToUnitNorm(U: Tensor, W: Tensor): void {
  const [r, p] = W.dims;
  for (let i = 0; i < r; i++) {
    const row = W.data.subarray(i * p, (i + 1) * p);
    let square = 0;
    for (const w of row) square += w * w;
    const norm = Math.sqrt(square);
    if (norm === 0) continue;
    for (let c = 0; c < p; c++) row[c] /= norm;
    for (let k = i; k < U.data.length; k += r) U.data[k] *= norm;
  }
}
