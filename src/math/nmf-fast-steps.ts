// The step on U of the fast solver: on A itself, or on its sketch A ≈ L Q, which is much smaller.
//
// Let E = A − L Q be what the sketch lacks. A step on A at the pair (V₀, Y₀) leaves F₀ = A Y₀ᵀ and M₀ = V₀ᵀA
// behind; with them ⟨E, V Y⟩ is known to first order around that pair:
//
//     ⟨A, V Y⟩ ≈ ⟨L Q, (V − V₀ D⁻¹)(Y − D Y₀)⟩ + ⟨V, F₀ D⟩ + ⟨D⁻¹ M₀, Y⟩ − ⟨M₀, Y₀⟩,
//
// so steps on the sketch go on towards the minimum for A, not for L Q, and need A again only to renew F₀ and M₀.
// D = diag(‖y_t‖ / ‖y₀_t‖) follows the scale that a concept moves from V to Y, which changes nothing in V Y.

import type { Engine } from './kernels/engine.ts';
import type { Panels } from './kernels/panels.ts';
import type { DescentSettings, StepOnU } from './nmf-fast-descent.ts';
import { type FastFactors, type Gram, gramOf, narrow, passOver, placePartials } from './nmf-fast-factors.ts';
import type { Sketch } from './nmf-fast-sketch.ts';
import type { Pace } from './pace.ts';

//
// What is left out, ⟨E, (V − V₀ D⁻¹)(Y − D Y₀)⟩, is at most σ Σ_t ‖Δv_t‖ ‖Δy_t‖ with σ = ‖E‖₂, so
//
//     damping · σ/2 · Σ_t (a_t ‖Δv_t‖² + ‖Δy_t‖² / a_t),   a_t = ‖y_t‖ / ‖v_t‖,
//
// is added, which keeps the steps where the approximation holds; with damping 1 the loss on A cannot rise.

export interface Steps {
  /** Reads A and renews the anchor. */
  onA: StepOnU;
  /** Reads the sketch only: A ≈ L Q before the first step on A, then as above. */
  onSketch: StepOnU;
  /** Drops the anchor. */
  forget(): void;
  /** Share of the bound that is added. */
  damping: number;
}

/** Where the anchor stands: addresses, and norms. */
interface Anchor {
  /** F₀ᵀ by chunks, float32 [r, chunkRows], and V₀ᵀ. */
  F: number[];
  V: number[];
  /** float32 [r, stride] */
  Y: number;
  /** float64 [r, width] */
  M: number;
  /** Y₀ Qᵀ, float32 [r, stride of L] */
  bank: number;
  /** V₀ᵀL, float64 [r, width of L] */
  sums: number;
  /** ‖v₀_t‖², ‖y₀_t‖² */
  squaresV: Float64Array;
  squaresY: Float64Array;
  /** D, and what V₀ is multiplied by, float32 [r] */
  D: number;
  E: number;
  /** ⟨M₀, Y₀⟩ */
  inner: number;
  set: boolean;
}

export function stepsOf(engine: Engine, A: Panels, factors: FastFactors, sketch: Sketch, pace: Pace): Steps {
  const { r, cut, U, V, Y, G, H, M } = factors;
  const { l, L, Q, squares } = sketch;
  const { kernels } = engine;
  const sigma = Math.sqrt(squares[l - 1]);
  const anchor = placeAnchor(engine, factors, L);
  const partialsA = placePartials(engine, r, cut.width, A.groupSize);
  const partialsL = placePartials(engine, r, L.width, L.groupSize);
  const packed = engine.place(r * Math.max(cut.width, L.width) * 4);
  const packedQ = engine.place(l * cut.width * 4);
  kernels.pack(Q, cut.stride, l, cut.width, packedQ);
  const bank = engine.place(r * L.stride * 4); // Y Qᵀ, less the anchor's
  const sums = engine.place(r * L.width * 8); // VᵀL
  const change = engine.place(r * L.width * 4); // VᵀL, less the anchor's
  const unused = engine.place(r * r * 8);

  const descent = (
    X: Panels,
    { sweeps, settled }: DescentSettings,
    beta: number,
    corrected: boolean,
    keep: boolean,
  ): Promise<number> =>
    passOver(
      engine,
      X,
      'descentPass',
      ({ c, address, rows, wide, square }) => [
        ...[address, X.stride, rows, X.width, packed, r, G.narrow, G.inverse, U[c], V[c], X.chunkRows],
        ...[corrected ? anchor.F[c] : 0, anchor.D, anchor.V[c], anchor.E, keep ? anchor.F[c] : 0],
        ...[wide, square, sweeps, settled ** 2, beta],
      ],
      X === A ? partialsA : partialsL,
      { wide: X === A ? M : sums, square: H.exact },
      pace,
    );
  const projectBank = (out: number): void => {
    kernels.sketchPass(Y, cut.stride, r, cut.width, packedQ, l, out, L.stride, 0, 0, engine.scratch(0));
  };

  const steps: Steps = {
    damping: 1,
    forget() {
      anchor.set = false;
    },
    async onA(beta, settings) {
      gramOf(engine, Y, cut, r, G);
      anchor.squaresY = diagonal(engine, G, r);
      kernels.pack(Y, cut.stride, r, cut.width, packed);
      await descent(A, settings, beta, false, true);
      anchor.squaresV = diagonal(engine, H, r);
      for (let c = 0; c < cut.chunks; c++) {
        engine.f32(anchor.V[c], r * cut.chunkRows).set(engine.f32(V[c], r * cut.chunkRows));
      }
      engine.f32(anchor.Y, r * cut.stride).set(engine.f32(Y, r * cut.stride));
      projectBank(anchor.bank);
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
      anchor.inner = kernels.inner(Y, cut.stride, M, cut.width, r, cut.width);
      anchor.set = true;
      return 0;
    },
    async onSketch(beta, settings) {
      gramOf(engine, Y, cut, r, G);
      if (!anchor.set) {
        projectBank(bank);
        kernels.pack(bank, L.stride, r, L.width, packed);
        await descent(L, settings, beta, false, false);
        engine.f32(change, r * L.width).set(engine.f64(sums, r * L.width));
        kernels.outerPass(Q, cut.stride, l, cut.width, r, change, L.width, M, unused, engine.scratch(0));
        return 0;
      }
      const D = scalesOf(diagonal(engine, G, r), anchor.squaresY);
      const weight = steps.damping * sigma;
      const balance = D.map((d, t) =>
        anchor.squaresV[t] > 0 && anchor.squaresY[t] > 0
          ? d * d * Math.sqrt(anchor.squaresY[t] / anchor.squaresV[t])
          : 0,
      );
      const mu = balance.map((a) => weight * a);
      const nu = balance.map((a) => (a > 0 ? weight / a : 0));
      engine.f32(anchor.D, r).set(D);
      engine.f32(anchor.E, r).set(mu.map((m, t) => m / D[t]));
      damp(engine, G, r, mu);
      projectBank(bank);
      const bankThen = engine.f32(anchor.bank, r * L.stride);
      subtract(engine.f32(bank, r * L.stride), bankThen, D, L.stride);
      kernels.pack(bank, L.stride, r, L.width, packed);
      const along = await descent(L, settings, beta, true, false);

      const moved = engine.f64(sums, r * L.width);
      subtract(
        moved,
        engine.f64(anchor.sums, r * L.width),
        D.map((d) => 1 / d),
        L.width,
      );
      engine.f32(change, r * L.width).set(moved);
      kernels.outerPass(Q, cut.stride, l, cut.width, r, change, L.width, M, unused, engine.scratch(0));
      const m = engine.f64(M, r * cut.width);
      const y = engine.f32(anchor.Y, r * cut.stride);
      const h = engine.f64(H.exact, r * r);
      let offset = along - anchor.inner;
      for (let t = 0; t < r; t++) {
        kernels.add(M + t * cut.width * 8, anchor.M + t * cut.width * 8, cut.width, 1 / D[t]);
        for (let j = 0; j < l; j++) offset -= moved[t * L.width + j] * D[t] * bankThen[t * L.stride + j];
        const pull = nu[t] * D[t];
        for (let j = 0; j < cut.width; j++) m[t * cut.width + j] += pull * y[t * cut.stride + j];
        offset -=
          (mu[t] * (h[t * r + t] + anchor.squaresV[t] / D[t] ** 2) + pull * D[t] * anchor.squaresY[t]) / 2;
        h[t * r + t] += nu[t];
      }
      return offset;
    },
  };
  return steps;
}

/** G + diag(mu) as coordinate descent reads it. */
function damp(engine: Engine, G: Gram, r: number, mu: Float64Array): void {
  const g = engine.f64(G.exact, r * r);
  for (let t = 0; t < r; t++) g[t * r + t] += mu[t];
  narrow(engine, G, r);
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

function diagonal(engine: Engine, G: Gram, r: number): Float64Array {
  const g = engine.f64(G.exact, r * r);
  return Float64Array.from({ length: r }, (_, t) => g[t * r + t]);
}

/** D; 1 for a concept that is or was empty. */
function scalesOf(now: Float64Array, then: Float64Array): Float64Array {
  return now.map((square, t) => (square > 0 && then[t] > 0 ? Math.sqrt(square / then[t]) : 1));
}

function placeAnchor(engine: Engine, { r, cut }: FastFactors, L: Panels): Anchor {
  const panelBytes = r * cut.chunkRows * 4;
  const chunks = (): number[] => {
    const start = engine.place(cut.chunks * panelBytes);
    return Array.from({ length: cut.chunks }, (_, c) => start + c * panelBytes);
  };
  return {
    F: chunks(),
    V: chunks(),
    Y: engine.place(r * cut.stride * 4),
    M: engine.place(r * cut.width * 8),
    bank: engine.place(r * L.stride * 4),
    sums: engine.place(r * L.width * 8),
    squaresV: new Float64Array(r),
    squaresY: new Float64Array(r),
    D: engine.place(r * 4),
    E: engine.place(r * 4),
    inner: 0,
    set: false,
  };
}
