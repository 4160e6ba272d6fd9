// Non-negative matrix factorisation, the public entry: checks, start, solver, result.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import {
  checkFitOptions,
  checkNonNegative,
  checkRange,
  likeA,
  type NmfProgress,
  type NmfResult,
  squaredResidual,
} from './factor-checks.ts';
import { coordinateDescent, type Factors, type Penalty, type SolverResult } from './nmf-cd.ts';
import { initialFactors, type NamedInit } from './nmf-init.ts';
import { type BetaLoss, multiplicativeUpdates } from './nmf-mu.ts';
import { fastFits, runFast } from './nmf-run-fast.ts';
import { type Pace, pace } from './pace.ts';
import { isRowSource, type RowSource } from './row-source.ts';

export type { NmfProgress, NmfResult, RowSource };

export interface NmfOptions {
  /** Number of concepts r, from 1; more than min(n, p) needs a random start. */
  rank: number;
  /** Of the random start, and of the sketch behind nndsvd on large matrices. Default 0. */
  seed?: number;
  /** Most passes over A that change U and W. Default 200; fast: 100. */
  maxIter?: number;
  /**
   * cd: stop when the violation falls to this share of the first; mu: least fall of the error; fast: stop
   * when two passes in a row lower the loss by less than 0.3 of this share (a hundredth where A is very small; more
   * after eight passes).
   * Default 1e-4.
   */
  tol?: number;
  /** Default 'nndsvda' if rank ≤ min(n, p), else 'random'; or the factors to start from. */
  init?: NamedInit | { U: Tensor; W: Tensor };
  /**
   * 'fast' (default) works in float32 on SIMD kernels, from a sketch of A; 'cd' is coordinate descent in
   * float64, 'mu' multiplicative updates. 'fast' leaves to 'cd' what is small, has a penalty or another start
   * than nndsvda, or lies outside of float32: `solver` of the result says which ran.
   */
  solver?: 'fast' | 'cd' | 'mu';
  /** What 'mu' minimises; the others know the first only. Default 'frobenius'. */
  betaLoss?: BetaLoss;
  /** Penalty on U, ≥ 0, multiplied by p. Default 0. */
  alphaW?: number;
  /** Penalty on W, ≥ 0, multiplied by n. Default: as alphaW. */
  alphaH?: number;
  /** Share of the penalties that is L1, in [0, 1]; the rest is L2. Default 0. */
  l1Ratio?: number;
  /** fast: threads, from 1; the same bits for any number. Default: 1 for small matrices, else up to 4. */
  threads?: number;
  /** fast: bytes of A that are held at a time, about; at least 2 MB are. Default: as the threads need. */
  memory?: number;
  signal?: AbortSignal;
  onProgress?: (progress: NmfProgress) => void;
}

/**
 * A ≈ U W with U, W ≥ 0, minimising
 *
 *     ½‖A − U W‖² + p·alphaW·(l1Ratio ΣU + ½(1 − l1Ratio)‖U‖²) + n·alphaH·(l1Ratio ΣW + ½(1 − l1Ratio)‖W‖²)
 *
 * (or the Kullback–Leibler divergence in place of the first term). 'cd' and 'mu' follow scikit-learn's NMF
 * step by step, so that the same start gives the same result; where scikit-learn says W and H, we say U
 * and W. 'fast' minimises the same, in far fewer passes over A. The problem is not convex: another start or
 * solver can end in another minimum. An all-zero A gives all-zero factors. Cost O(n p r) an iteration,
 * memory O((n + p) r) beside A; the event loop gets a turn every 25 ms or so.
 *
 * @param A - activations [n, p], n, p ≥ 1, finite and ≥ 0; or a source of its rows, which is read
 *   4 + iterations times (6 + iterations up to n·p = 5·10⁶) and factorised by 'fast', the same bits as if it were a matrix of Float32Array.
 * @throws {@link CraftError} `SHAPE` if A or a start has not the right dims; `VALUE` if A has a negative
 *   (use {@link semiNmf}) or non-finite element, or an option is out of range; `OPTION` if options do not
 *   go together; `ABORTED` after `signal` fired.
 * @see Cichocki and Phan (2009), IEICE Trans. E92-A; Pedregosa et al., Scikit-learn (2011), JMLR 12.
 */
export async function nmf(A: Tensor | RowSource, options: NmfOptions): Promise<NmfResult> {
  const { rank, seed = 0, tol = 1e-4, solver = 'fast', betaLoss = 'frobenius' } = options;
  checkFitOptions('nmf', { rank, seed, maxIter: options.maxIter ?? 1, tol });
  checkSolver(solver, betaLoss);
  if (isRowSource(A)) return streamed(A, options);
  if (solver === 'fast' && fastFits(A, options)) {
    const fit = await runFast(A, options);
    if (fit) return { ...fit, solver };
  }
  return plain(A, { ...options, solver: solver === 'mu' ? solver : 'cd' });
}

async function streamed(A: RowSource, options: NmfOptions): Promise<NmfResult> {
  const { solver = 'fast', init = 'nndsvda', alphaW = 0, alphaH = alphaW } = options;
  if (solver !== 'fast' || init !== 'nndsvda' || alphaW !== 0 || alphaH !== 0) {
    throw new CraftError(
      'OPTION',
      "nmf: expected a source of rows with solver 'fast', init 'nndsvda' and no penalty; got other options – pass the whole matrix for these",
    );
  }
  return { ...(await runFast(A, options)), solver };
}

/** The plain solvers, in float64. */
async function plain(A: Tensor, options: NmfOptions & { solver: 'cd' | 'mu' }): Promise<NmfResult> {
  const { rank, seed = 0, maxIter = 200, tol = 1e-4, solver, betaLoss = 'frobenius' } = options;
  checkMatrix(A, 'nmf: A');
  checkRange(A, 'nmf: A');
  checkNonNegative(A, 'nmf: A', 'for signed activations use semiNmf');
  const penalty = penaltyOf(A, options);
  const turn = pace('nmf', options.signal);

  const start = await startOf(A, options, seed, turn);
  const settings = { maxIter, tol, penalty, pace: turn, onProgress: options.onProgress };
  const fit: SolverResult =
    solver === 'mu'
      ? await multiplicativeUpdates(A, start, betaLoss, settings)
      : await coordinateDescent(A, start, settings);

  const [n, p] = A.dims;
  return {
    U: likeA(A, fit.U, [n, rank]),
    W: likeA(A, fit.W, [rank, p]),
    iterations: fit.iterations,
    loss: squaredResidual(A, fit.U, fit.W, rank) / 2,
    converged: fit.converged,
    solver,
    ended: fit.converged
      ? `the ${solver === 'cd' ? 'violation fell to' : 'error fell by less than'} tol = ${tol} of the first; another start may end in another minimum`
      : `maxIter = ${maxIter} passes over A were not enough for tol = ${tol}; raise maxIter`,
  };
}

function checkSolver(solver: string, betaLoss: string): void {
  if (solver !== 'fast' && solver !== 'cd' && solver !== 'mu') {
    throw new CraftError('OPTION', `nmf: expected solver 'fast', 'cd' or 'mu'; got ${solver}`);
  }
  if (betaLoss !== 'frobenius' && betaLoss !== 'kullback-leibler') {
    throw new CraftError(
      'OPTION',
      `nmf: expected betaLoss 'frobenius' or 'kullback-leibler'; got ${betaLoss}`,
    );
  }
  if (solver !== 'mu' && betaLoss !== 'frobenius') {
    throw new CraftError(
      'OPTION',
      `nmf: expected betaLoss 'frobenius' with solver '${solver}'; got ${betaLoss}, which needs solver 'mu'`,
    );
  }
}

function penaltyOf(A: Tensor, { alphaW = 0, alphaH = alphaW, l1Ratio = 0 }: NmfOptions): Penalty {
  for (const [name, value] of Object.entries({ alphaW, alphaH })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new CraftError('VALUE', `nmf: expected ${name} to be a finite number ≥ 0; got ${value}`);
    }
  }
  if (!(l1Ratio >= 0 && l1Ratio <= 1)) {
    throw new CraftError('VALUE', `nmf: expected l1Ratio in [0, 1]; got ${l1Ratio}`);
  }
  const [n, p] = A.dims;
  return {
    l1U: p * alphaW * l1Ratio,
    l2U: p * alphaW * (1 - l1Ratio),
    l1W: n * alphaH * l1Ratio,
    l2W: n * alphaH * (1 - l1Ratio),
  };
}

async function startOf(A: Tensor, { rank, init }: NmfOptions, seed: number, turn: Pace): Promise<Factors> {
  const [n, p] = A.dims;
  const svdReaches = rank <= Math.min(n, p);
  if (init !== undefined && typeof init !== 'string') return givenStart(init, n, rank, p);
  if (init !== undefined && !['nndsvd', 'nndsvda', 'random'].includes(init)) {
    throw new CraftError(
      'OPTION',
      `nmf: expected init 'nndsvd', 'nndsvda', 'random' or { U, W }; got ${init}`,
    );
  }
  if (init !== undefined && init !== 'random' && !svdReaches) {
    throw new CraftError(
      'OPTION',
      `nmf: expected rank ≤ min(n, p) = ${Math.min(n, p)} with init '${init}'; got ${rank}; use init 'random' or fewer concepts`,
    );
  }
  return initialFactors(A, rank, init ?? (svdReaches ? 'nndsvda' : 'random'), seed, turn);
}

function givenStart(init: { U: Tensor; W: Tensor }, n: number, r: number, p: number): Factors {
  for (const [name, t, dims] of [
    ['U', init.U, [n, r]],
    ['W', init.W, [r, p]],
  ] as const) {
    checkMatrix(t, `nmf: init.${name}`);
    checkRange(t, `nmf: init.${name}`);
    checkNonNegative(t, `nmf: init.${name}`, 'a start must be ≥ 0');
    if (t.dims[0] !== dims[0] || t.dims[1] !== dims[1]) {
      throw new CraftError('SHAPE', `nmf: expected init.${name} of dims [${dims}]; got [${t.dims}]`);
    }
  }
  return { U: Float64Array.from(init.U.data), W: Float64Array.from(init.W.data) };
}
