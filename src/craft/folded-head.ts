// A head in two parts, h = tail ∘ P with P affine, as a runtime offers it.
//
// Notation: z latents of r concepts, m ∈ [0,1]^r a mask, b = P(0), aᵢ = P(zᵢ) − b:
// h(Σᵢ mᵢ zᵢ) = tail(b + Σᵢ mᵢ aᵢ). P then runs r + 1 times, whatever the number of masks.

import type { Tensor } from '../tensor/tensor.ts';

/** What the tail begins with: offset + coefficients · basis. */
export interface TailRows {
  /** [B, r], row by row. */
  readonly coefficients: Float32Array;
  /** B, at most `rows` of the head. */
  readonly count: number;
  /** [r, q] */
  readonly basis: Float32Array;
  /** b, [q] */
  readonly offset: Float32Array;
}

/** The score of one class in two parts; float32 rounding apart it is h's own. */
export interface FoldedHead {
  /** P: latents in h's layout → [n, q]. null: P is the identity. */
  readonly prefix: ((latents: Tensor) => Promise<Float32Array>) | null;
  /** Scores [B] of offset + coefficients · basis. null: they are these numbers themselves, and q = 1. */
  readonly tail: ((rows: TailRows) => Promise<Float32Array>) | null;
  /** q */
  readonly width: number;
  /** What P gives has no locations any more. */
  readonly isVector: boolean;
  /** B, the most rows of the tail in one run. */
  readonly rows: number;
  /** Frees what it runs in; it cannot be used after. */
  release(): Promise<void>;
}

/** Which score is wanted, and r, which tells where a head is best parted. */
export interface FoldRequest {
  readonly classId: number;
  readonly rank: number;
}

/** How a head will be parted, as far as its graph tells. */
export interface FoldFacts {
  /** h is affine in the latent: nothing is left to run for a mask. */
  readonly isAffine: boolean;
  /** There is a P to run at all. */
  readonly hasPrefix: boolean;
  /** r + 1 runs of P serve all inputs, not one. */
  readonly isShared: boolean;
}

/** Parts a head; null if it cannot be parted to any use. */
export type FoldHead = (request: FoldRequest) => Promise<FoldedHead | null>;
