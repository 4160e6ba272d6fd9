// From the arguments of nmf to the fast solver: what it can take, its engine, and the checks of A on the way.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { checkNonNegative, checkRange, likeA, type NmfProgress, type NmfResult } from './factor-checks.ts';
import { Engine } from './kernels/engine.ts';
import { type Cut, cutRows, streamedPanels } from './kernels/panels.ts';
import { looksSparse, sparsePanels } from './kernels/sparse-panels.ts';
import { threadsFor } from './kernels/threads.ts';
import { fastNmf } from './nmf-fast.ts';
import type { Summary } from './nmf-fast-sketch.ts';
import { pace } from './pace.ts';
import { checkRowSource, isRowSource, type RowSource, readRows } from './row-source.ts';

const MAX_ITER = 100;
/** n · p · r up to which the plain solver takes a few milliseconds. */
const SMALL = 1e5;
/** Largest element of A between which its squares and small parts stay well within float32. */
const LEAST_SCALE = 1e-12;
const LARGEST_SCALE = 1e12;
/** Chunks for each thread in a group: the more, the less the threads wait for the last one. */
const CHUNKS_PER_THREAD = 4;
/** What U, V and the sketch may take of the 4 GiB that the kernels address. */
const LARGEST_FACTORS = 3.5 * 2 ** 30;

/** Those of nmf that are read here. */
export interface FastOptions {
  rank: number;
  seed?: number;
  maxIter?: number;
  tol?: number;
  init?: unknown;
  alphaW?: number;
  alphaH?: number;
  threads?: number;
  memory?: number;
  signal?: AbortSignal;
  onProgress?: (progress: NmfProgress) => void;
}

/** Whether the fast solver serves a matrix with these options; the plain one does else. */
export function fastFits(A: Tensor, options: FastOptions): boolean {
  const { rank, init = 'nndsvda', alphaW = 0, alphaH = alphaW } = options;
  checkShape(A);
  const [n, p] = A.dims;
  const floats = n * (7 * rank + 40) + p * (9 * rank + 100);
  return (
    init === 'nndsvda' &&
    alphaW === 0 &&
    alphaH === 0 &&
    rank <= Math.min(n, p) &&
    n * p * rank > SMALL &&
    floats * 4 < LARGEST_FACTORS
  );
}

/** What nmf returns, but for the solver's name. */
type FastFit = Omit<NmfResult, 'solver'>;

/** A source or a matrix, factorised; undefined if its values are outside of what float32 holds well. */
export function runFast(A: RowSource, options: FastOptions): Promise<FastFit>;
export function runFast(A: Tensor, options: FastOptions): Promise<FastFit | undefined>;
export async function runFast(A: RowSource | Tensor, options: FastOptions): Promise<FastFit | undefined> {
  const { rank: r, seed = 0, maxIter = MAX_ITER, tol = 1e-4, signal, onProgress } = options;
  const turn = pace('nmf', signal);
  const streamed = isRowSource(A);
  if (streamed) checkRowSource(A, 'nmf: A');
  const [n, p] = streamed ? [A.rows, A.columns] : A.dims;
  checkRank(r, n, p);
  const cut = cutRows(n, p);
  const threads = threadsFor('nmf', options.threads, n * p * r);
  const engine = await Engine.open(threads);
  try {
    const rows = streamed ? () => readRows(A, 'nmf: A') : () => [A];
    const dense = streamedPanels(engine, cut, rows, groupSizeOf(cut, threads, options.memory));
    const sparse = !streamed && options.memory === undefined && looksSparse(A.data, p);
    const panels = sparse ? await sparsePanels(engine, dense, turn) : dense;
    const check = streamed ? checkSource : (summary: Summary) => checkValues(A, summary);
    const settings = { rank: r, seed, maxIter, tol, pace: turn, onProgress };
    const fit = await fastNmf(engine, panels, settings, check);
    if (!fit) return undefined;
    const { U, W, iterations, loss, converged, fall } = fit;
    const like = streamed ? FLOAT32 : A;
    return {
      ...{ U: likeA(like, U, [n, r]), W: likeA(like, W, [r, p]) },
      ...{ iterations, loss, converged, ended: endOf(converged, fall, maxIter) },
    };
  } finally {
    engine.close();
  }
}

/** NMF has many minima; which one a start leads to cannot be told without trying others. */
const OTHERS =
  "another seed or solver 'cd' may end in another minimum, up to some 1e-3 of the loss lower or higher";

function endOf(converged: boolean, fall: number, maxIter: number): string {
  const share = `${Math.max(0, fall).toExponential(1)} of itself`;
  return converged
    ? `the loss settled: the last step on A lowered it by ${share}; ${OTHERS}`
    : `maxIter = ${maxIter} steps on A were not enough: the last one lowered the loss by ${share}; raise maxIter`;
}

const FLOAT32: Tensor = { data: new Float32Array(0), dims: [0] };

function checkShape(A: Tensor): void {
  if (A?.data?.length > 0 && A.dims?.length === 2 && A.dims[0] * A.dims[1] === A.data.length) return;
  checkMatrix(A, 'nmf: A');
}

function checkRank(r: number, n: number, p: number): void {
  if (r <= Math.min(n, p)) return;
  throw new CraftError(
    'OPTION',
    `nmf: expected rank ≤ min(rows, columns) = ${Math.min(n, p)} for a source of rows; got ${r}`,
  );
}

/** @returns false if the plain solver must take A. */
function checkValues(A: Tensor, { least, largest, square }: Summary): boolean {
  if (!(least >= 0 && square < Infinity)) {
    checkMatrix(A, 'nmf: A');
    checkRange(A, 'nmf: A');
    checkNonNegative(A, 'nmf: A', 'for signed activations use semiNmf');
  }
  return largest === 0 || (largest >= LEAST_SCALE && largest <= LARGEST_SCALE);
}

function checkSource({ least, largest }: Summary): boolean {
  if (!(least >= 0)) {
    throw new CraftError(
      'VALUE',
      `nmf: A: expected no negative value; got ${least}; for signed activations use semiNmf`,
    );
  }
  if (largest === 0 || (largest >= LEAST_SCALE && largest <= LARGEST_SCALE)) return true;
  throw new CraftError(
    'VALUE',
    `nmf: A: expected the largest value of a source to be from 1e-12 to 1e12; got ${largest}; scale the matrix`,
  );
}

/** Chunks in memory at a time. */
function groupSizeOf(cut: Cut, threads: number, memory: number | undefined): number {
  if (memory !== undefined && !(memory > 0)) {
    throw new CraftError('OPTION', `nmf: expected memory to be a number of bytes above 0; got ${memory}`);
  }
  const wanted = threads === 1 ? 1 : CHUNKS_PER_THREAD * threads;
  const fitting = Math.floor((memory ?? Infinity) / (cut.chunkRows * cut.stride * 4));
  return Math.max(1, Math.min(wanted, fitting, cut.chunks));
}
