// Semi-NMF of a matrix that does not fit in memory.
//
// Notation: V [l, p] orthonormal rows that nearly span those of A, l = r + 20; Z = A Vᵀ [n, l].
// W has any sign, so that a best bank has its rows in the span of A's: for W = Y V
// ‖A − U W‖² = ‖A − Z V‖² + ‖Z − U Y‖², and semi-NMF of Z, which is as small as U, is all that is left to do.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { FactorResult } from './factor-checks.ts';
import { Engine } from './kernels/engine.ts';
import { type Cut, cutRows, type Panels, rowsOf, streamedPanels } from './kernels/panels.ts';
import { type Sketch, type Summary, sketchOf } from './nmf-fast-sketch.ts';
import { checkRowSource, type RowSource, readRows } from './row-source.ts';
import { chunksFor, fastSemiNmf, updateBank } from './semi-nmf-fast.ts';
import { passesOver } from './semi-nmf-passes.ts';
import type { SemiNmfSettings } from './semi-nmf-plain.ts';

/** Rows of V beyond r, and power iterations: the span is then A's best one to a small part of the loss. */
const OVERSAMPLING = 20;
const POWERS = 2;
/** Largest element of A that float32 products stay finite for. */
const LARGEST = 1e12;
const WHERE = 'semiNmf: A';

/**
 * Reads the source six times: four for V and Z, one for U on the bank found and the bank that is best for this U, one for
 * the U of that and the loss.
 *
 * @param memory - bytes of A that are held at a time, about; Infinity: as the threads need.
 * @throws {@link CraftError} `SHAPE`, `OPTION`, `VALUE`.
 */
export async function streamedSemiNmf(
  source: RowSource,
  settings: SemiNmfSettings,
  threads: number,
  memory: number,
): Promise<FactorResult> {
  const { rank: r, seed, pace } = settings;
  checkRowSource(source, WHERE);
  const { rows: n, columns: p } = source;
  if (r > Math.min(n, p)) {
    throw new CraftError(
      'OPTION',
      `semiNmf: expected rank ≤ min(rows, columns) = ${Math.min(n, p)} for a source of rows; got ${r}`,
    );
  }
  const cut = cutRows(n, p);
  const panelsIn = (engine: Engine): Panels =>
    streamedPanels(engine, cut, () => readRows(source, WHERE), groupSize(engine, cut, memory));
  const { Z, V } = await spanned(panelsIn, { l: Math.min(r + OVERSAMPLING, n, p), seed }, settings, threads);
  const inner = await fastSemiNmf(Z, settings, threads);

  const W = timesBasis(inner.W, V).map(Math.fround);
  const U = new Float32Array(n * r);
  const engine = await Engine.open(threads);
  try {
    const alternate = passesOver(engine, panelsIn(engine), r, U, pace);
    updateBank(W, U, await alternate(W, false));
    const { residual } = await alternate(W, true);
    return {
      U: { data: U, dims: [n, r] },
      W: { data: Float32Array.from(W), dims: [r, p] },
      iterations: inner.iterations + 1,
      loss: residual / 2,
      converged: inner.converged,
    };
  } finally {
    engine.close();
  }
}

function groupSize(engine: Engine, { chunkRows, stride, chunks }: Cut, memory: number): number {
  const fitting = Math.floor(memory / (chunkRows * stride * 4));
  return Math.max(1, Math.min(chunksFor(engine), fitting, chunks));
}

/** Z [n, l] and V [l, p]. */
async function spanned(
  panelsIn: (engine: Engine) => Panels,
  { l, seed }: { l: number; seed: number },
  { pace }: SemiNmfSettings,
  threads: number,
): Promise<{ Z: Tensor<Float32Array>; V: Tensor<Float32Array> }> {
  const engine = await Engine.open(threads);
  try {
    const A = panelsIn(engine);
    const sketch = (await sketchOf(engine, A, { l, powers: POWERS, seed }, checkRange, pace)) as Sketch;
    const Z = new Float32Array(A.n * l);
    sketch.addresses.forEach((address, c) => {
      const { stride, chunkRows } = sketch.L;
      for (let i = 0; i < rowsOf(A, c); i++) {
        Z.set(engine.f32(address + i * stride * 4, l), (c * chunkRows + i) * l);
      }
    });
    const V = new Float32Array(l * A.p);
    for (let t = 0; t < l; t++) V.set(engine.f32(sketch.Q + t * A.stride * 4, A.p), t * A.p);
    return { Z: { data: Z, dims: [A.n, l] }, V: { data: V, dims: [l, A.p] } };
  } finally {
    engine.close();
  }
}

/** Always true: what does not pass throws. */
function checkRange({ least, largest, square }: Summary): boolean {
  const most = Math.max(-least, largest);
  if (most <= LARGEST && square < Infinity) return true;
  throw new CraftError(
    'VALUE',
    `${WHERE}: expected finite values up to 1e12 in size; got ${Number.isFinite(most) ? most : 'others'}`,
  );
}

/** W = Y V. */
function timesBasis(Y: Tensor, V: Tensor): Float64Array {
  const [[r, l], [, p]] = [Y.dims, V.dims];
  const W = new Float64Array(r * p);
  for (let t = 0; t < r; t++) {
    for (let k = 0; k < l; k++) {
      const y = Y.data[t * l + k];
      for (let j = 0; j < p; j++) W[t * p + j] += y * V.data[k * p + j];
    }
  }
  return W;
}
