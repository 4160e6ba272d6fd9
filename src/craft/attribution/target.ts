// What a map is of: K numbers s_k(x) of an image, and their gradients.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Latents } from '../layout.ts';
import type { Vjp } from './vjp.ts';

/** Where gradients are taken. */
export type Place = 'input' | { readonly layer: string };

/** Scores of a batch of images and their gradients. */
export interface Gradients {
  /** s_k of each image, [b, K]. */
  readonly scores: Float64Array;
  /** ∂s_k/∂place, [b · K, …]: all K of the first image, then of the next; 0 where s_k does not depend on it. */
  readonly gradients: Tensor<Float32Array>;
}

/** Scalar functions of an image. */
export interface MapTarget {
  /** K */
  readonly count: number;
  /** s_k of each image, [b, K]; one run of g an image (and of h, for a class), for all K. */
  scores(images: Tensor): Promise<Float64Array>;
  /** The same of images that g ran on. */
  scoresOfLatents(latents: Latents): Promise<Float64Array>;
  /** @throws {@link CraftError} `STATE` without a vjp, `MODEL_UNSUPPORTED` where an op has no gradient. */
  gradients(images: Tensor, place: Place): Promise<Gradients>;
  /**
   * Gradients by the latent, their mean over the grid's locations: [b · K, p]. null where no location of the
   * grid is read by itself: for vectors, and where the CLS token is all that h reads.
   */
  latentGradients(latents: Latents): Promise<Float32Array | null>;
}

/** @throws {@link CraftError} `STATE` that says what works without one. */
export function needVjp(vjp: Vjp | null): Vjp {
  if (vjp) return vjp;
  throw new CraftError(
    'STATE',
    'attributionMaps: expected a Craft with vjp for a method that needs gradients; got none – pass that of loadClassifier, or use latent, occlusion or rise',
  );
}

/** Images, or images with gradients, in one run of a backward model: it keeps every activation of all of them. */
export const GRADIENT_BATCH = 8;

/** Consecutive parts of 0 … count − 1, each of at most `size`. */
export function* parts(count: number, size: number): Generator<number[]> {
  for (let from = 0; from < count; from += size) {
    yield Array.from({ length: Math.min(size, count - from) }, (_, k) => from + k);
  }
}
