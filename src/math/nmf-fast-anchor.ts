// What the last step on A knew, so that steps on the sketch A ≈ L Q can go on from it.
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
import { type FastFactors, type Gram, narrow } from './nmf-fast-factors.ts';

/** Where the anchor stands: addresses, and norms. */
export interface Anchor {
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

export function placeAnchor(engine: Engine, { r, cut }: FastFactors, L: Panels): Anchor {
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

/** The diagonals D, μ and ν of a corrected step; the last two keep V near V₀ D⁻¹ and Y near D Y₀. */
export interface Correction {
  D: Float64Array;
  mu: Float64Array;
  nu: Float64Array;
}

/**
 * For the Y whose Gram matrix is G: adds μ to G, and leaves D and E = μ / D for the pass.
 *
 * @param weight - damping · σ.
 */
export function correct(engine: Engine, anchor: Anchor, G: Gram, r: number, weight: number): Correction {
  const { squaresV, squaresY } = anchor;
  const D = scalesOf(diagonal(engine, G, r), squaresY);
  const ratios = D.map((d, t) =>
    squaresV[t] > 0 && squaresY[t] > 0 ? d * d * Math.sqrt(squaresY[t] / squaresV[t]) : 0,
  );
  const mu = ratios.map((a) => weight * a);
  const nu = ratios.map((a) => (a > 0 ? weight / a : 0));
  engine.f32(anchor.D, r).set(D);
  engine.f32(anchor.E, r).set(mu.map((m, t) => m / D[t]));
  const g = engine.f64(G.exact, r * r);
  for (let t = 0; t < r; t++) g[t * r + t] += mu[t];
  narrow(engine, G, r);
  return { D, mu, nu };
}

/**
 * Completes M, which holds (VᵀL − D⁻¹V₀ᵀL) Q, and H, which holds VᵀV, for the step on W.
 *
 * @param moved - VᵀL − D⁻¹V₀ᵀL [r, width of L]; @param along - ⟨V, F₀ D + E V₀⟩.
 * @returns what ⟨A, V Y⟩ is more than ⟨M, Y⟩, less half of the constants that the added terms bring.
 */
export function complete(
  engine: Engine,
  { r, cut, M, H }: FastFactors,
  L: Panels,
  anchor: Anchor,
  { D, mu, nu }: Correction,
  moved: Float64Array,
  along: number,
): number {
  const { width, stride } = cut;
  const m = engine.f64(M, r * width);
  const y = engine.f32(anchor.Y, r * stride);
  const h = engine.f64(H.exact, r * r);
  const bank = engine.f32(anchor.bank, r * L.stride);
  let offset = along - anchor.inner;
  for (let t = 0; t < r; t++) {
    engine.kernels.add(M + t * width * 8, anchor.M + t * width * 8, width, 1 / D[t]);
    for (let j = 0; j < L.p; j++) offset -= moved[t * L.width + j] * D[t] * bank[t * L.stride + j];
    const pull = nu[t] * D[t];
    for (let j = 0; j < width; j++) m[t * width + j] += pull * y[t * stride + j];
    offset -=
      (mu[t] * (h[t * r + t] + anchor.squaresV[t] / D[t] ** 2) + pull * D[t] * anchor.squaresY[t]) / 2;
    h[t * r + t] += nu[t];
  }
  return offset;
}

export function diagonal(engine: Engine, G: Gram, r: number): Float64Array {
  const g = engine.f64(G.exact, r * r);
  return Float64Array.from({ length: r }, (_, t) => g[t * r + t]);
}

/** D; 1 for a concept that is or was empty. */
function scalesOf(now: Float64Array, then: Float64Array): Float64Array {
  return now.map((square, t) => (square > 0 && then[t] > 0 ? Math.sqrt(square / then[t]) : 1));
}
