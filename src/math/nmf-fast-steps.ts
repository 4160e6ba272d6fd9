// The step on U of the fast solver: on A itself, or on its sketch A ≈ L Q, which is much smaller; after a step
// on A, corrected by what that one knew (nmf-fast-anchor.ts).

import type { Engine } from './kernels/engine.ts';
import type { Panels } from './kernels/panels.ts';
import { packedBytes, packFor } from './kernels/sparse-panels.ts';
import { type Anchor, complete, correct, diagonal, placeAnchor } from './nmf-fast-anchor.ts';
import type { DescentSettings, StepOnU } from './nmf-fast-descent.ts';
import { type FastFactors, gramOf, type Partials, passOver, placePartials } from './nmf-fast-factors.ts';
import type { Sketch } from './nmf-fast-sketch.ts';
import type { Pace } from './pace.ts';

export interface Steps {
  /** Reads A and renews the anchor. */
  onA: StepOnU;
  /** Reads the sketch only: A ≈ L Q where there is no anchor, else corrected by it. */
  onSketch: StepOnU;
  /** Drops the anchor. */
  forget(): void;
  /** Share of the bound that is added (1: the loss on A cannot rise). */
  damping: number;
}

/** All that a step reads and writes; numbers are addresses. */
interface Workspace {
  engine: Engine;
  pace: Pace;
  A: Panels;
  factors: FastFactors;
  sketch: Sketch;
  anchor: Anchor;
  partialsA: Partials;
  partialsL: Partials;
  /** Y or Y Qᵀ, packed. */
  packed: number;
  packedQ: number;
  /** Y Qᵀ, float32 [r, stride of L] */
  bank: number;
  /** VᵀL, float64 and float32 [r, width of L] */
  sums: number;
  narrowSums: number;
  /** float64 [r, r] that nobody reads. */
  unused: number;
}

export function stepsOf(engine: Engine, A: Panels, factors: FastFactors, sketch: Sketch, pace: Pace): Steps {
  const { r, cut } = factors;
  const { l, L, Q, squares } = sketch;
  const work: Workspace = {
    ...{ engine, pace, A, factors, sketch },
    anchor: placeAnchor(engine, factors, L),
    partialsA: placePartials(engine, r, cut.width, A.groupSize),
    partialsL: placePartials(engine, r, L.width, L.groupSize),
    packed: engine.place(packedBytes(A, r) + r * L.width * 4),
    packedQ: engine.place(l * cut.width * 4),
    bank: engine.place(r * L.stride * 4),
    sums: engine.place(r * L.width * 8),
    narrowSums: engine.place(r * L.width * 4),
    unused: engine.place(r * r * 8),
  };
  engine.kernels.pack(Q, cut.stride, l, cut.width, work.packedQ);
  const sigma = Math.sqrt(squares[l - 1]); // of ‖E‖₂, an estimate: the least singular value that was seen
  const { anchor } = work;
  const steps: Steps = {
    damping: 1,
    forget() {
      anchor.set = false;
    },
    onA: (beta, settings) => stepOnA(work, beta, settings),
    onSketch: (beta, settings) =>
      anchor.set
        ? correctedStep(work, steps.damping * sigma, beta, settings)
        : sketchedStep(work, beta, settings),
  };
  return steps;
}

async function stepOnA(work: Workspace, beta: number, settings: DescentSettings): Promise<number> {
  const { engine, factors, sketch, anchor, partialsL, pace } = work;
  const { r, cut, V, Y, G, H, M } = factors;
  const { L } = sketch;
  gramOf(engine, Y, cut, r, G);
  anchor.squaresY = diagonal(engine, G, r);
  packFor(engine, work.A, Y, r, work.packed);
  await descentOver(work, work.A, beta, settings, { corrected: false, keep: true });
  anchor.squaresV = diagonal(engine, H, r);
  const panel = r * cut.chunkRows;
  for (let c = 0; c < cut.chunks; c++) engine.f32(anchor.V[c], panel).set(engine.f32(V[c], panel));
  engine.f32(anchor.Y, r * cut.stride).set(engine.f32(Y, r * cut.stride));
  projectBank(work, anchor.bank);
  await passOver(
    engine,
    L,
    'outerPass',
    ({ c, address, rows, wide, square }) => [
      ...[address, L.stride, rows, L.width, r, V[c], L.chunkRows, wide, square],
    ],
    partialsL,
    { wide: anchor.sums, square: 0 },
    pace,
  );
  engine.f64(anchor.M, r * cut.width).set(engine.f64(M, r * cut.width));
  anchor.inner = engine.kernels.inner(Y, cut.stride, M, cut.width, r, cut.width);
  anchor.set = true;
  return 0;
}

/** A Yᵀ ≈ L (Q Yᵀ), VᵀA ≈ (VᵀL) Q. */
async function sketchedStep(work: Workspace, beta: number, settings: DescentSettings): Promise<number> {
  const { engine, factors, sketch, bank, packed } = work;
  const { r, cut, Y, G } = factors;
  gramOf(engine, Y, cut, r, G);
  projectBank(work, bank);
  engine.kernels.pack(bank, sketch.L.stride, r, sketch.L.width, packed);
  await descentOver(work, sketch.L, beta, settings, { corrected: false, keep: false });
  liftSums(work);
  return 0;
}

/** The same for the differences to the anchor, with what it knows added. */
async function correctedStep(
  work: Workspace,
  weight: number,
  beta: number,
  settings: DescentSettings,
): Promise<number> {
  const { engine, factors, sketch, anchor, bank, packed, sums } = work;
  const { r, cut, Y, G } = factors;
  const { L } = sketch;
  gramOf(engine, Y, cut, r, G);
  const correction = correct(engine, anchor, G, r, weight);
  const { D } = correction;
  projectBank(work, bank);
  subtract(engine.f32(bank, r * L.stride), engine.f32(anchor.bank, r * L.stride), D, L.stride);
  engine.kernels.pack(bank, L.stride, r, L.width, packed);
  const along = await descentOver(work, L, beta, settings, { corrected: true, keep: false });
  const moved = engine.f64(sums, r * L.width);
  const inverse = D.map((d) => 1 / d);
  subtract(moved, engine.f64(anchor.sums, r * L.width), inverse, L.width);
  liftSums(work);
  return complete(engine, factors, L, anchor, correction, moved, along);
}

/** The pass over A or L: U, V, VᵀX into M or `sums`, H. `keep`: leaves F for the anchor. */
function descentOver(
  { engine, A, factors, anchor, packed, partialsA, partialsL, sums, pace }: Workspace,
  X: Panels,
  beta: number,
  { sweeps, settled }: DescentSettings,
  { corrected, keep }: { corrected: boolean; keep: boolean },
): Promise<number> {
  const { r, U, V, G, H, M } = factors;
  return passOver(
    engine,
    X,
    'descentPass',
    ({ c, address, rows, wide, square }) => [
      ...[address, X.ld, rows, X.width, packed, r, G.narrow, G.inverse, U[c], V[c], X.chunkRows],
      ...[corrected ? anchor.F[c] : 0, anchor.D, anchor.V[c], anchor.E, keep ? anchor.F[c] : 0],
      ...[wide, square, sweeps, settled ** 2, beta],
    ],
    X === A ? partialsA : partialsL,
    { wide: X === A ? M : sums, square: H.exact },
    pace,
  );
}

/** `out` ← Y Qᵀ */
function projectBank({ engine, factors, sketch, packedQ }: Workspace, out: number): void {
  const { r, cut, Y } = factors;
  const { l, L } = sketch;
  const scratch = engine.scratch(0);
  engine.kernels.sketchPass(Y, cut.stride, r, cut.width, packedQ, l, out, L.stride, 0, 0, scratch);
}

/** M ← `sums` Q */
function liftSums({ engine, factors, sketch, sums, narrowSums, unused }: Workspace): void {
  const { r, cut, M } = factors;
  const { l, L, Q } = sketch;
  engine.f32(narrowSums, r * L.width).set(engine.f64(sums, r * L.width));
  const scratch = engine.scratch(0);
  engine.kernels.outerPass(Q, cut.stride, l, cut.width, r, narrowSums, L.width, M, unused, scratch);
}

/** x_t −= factor_t · y_t for the rows of two matrices. */
function subtract(
  x: Float32Array | Float64Array,
  y: Float32Array | Float64Array,
  factors: Float64Array,
  stride: number,
): void {
  for (let k = 0; k < x.length; k++) x[k] -= factors[Math.floor(k / stride)] * y[k];
}
