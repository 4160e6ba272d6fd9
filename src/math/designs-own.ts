// A randomised design for each of many inputs, independent of each other: the error of their mean then falls
// with the number of inputs, and how they differ tells how large it is.

import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { latinHypercubeDesign, sobolDesign } from './designs.ts';
import { owenScramble, sobolCoordinates } from './sobol-sequence.ts';

/** Design k of a family: [n, d] in [0, 1), the same for the same k. */
export type DesignFamily = (k: number) => Tensor<Float64Array>;

/**
 * The first n points of the Sobol' sequence, each time scrambled anew (Owen): the distribution of
 * {@link sobolDesign} over its seeds. Cost O(n d log n) a design.
 *
 * @throws {@link CraftError} `VALUE` as {@link sobolDesign}.
 */
export function scrambledSobolDesigns(d: number, n: number, seed: number): DesignFamily {
  sobolDesign(d, n, { scramble: false, seed }); // it says what does not go
  const coordinates = Array.from({ length: d }, (_, c) => sobolCoordinates(c, n));
  // the first 2^m points differ in their first m bits
  const levels = Math.max(1, Math.ceil(Math.log2(n)));
  return (k) => {
    const rng = random(seedOf(seed, k));
    const data = new Float64Array(n * d);
    const points = new Uint32Array(n);
    for (let c = 0; c < d; c++) {
      points.set(coordinates[c]);
      owenScramble(points, rng, levels);
      for (let i = 0; i < n; i++) data[i * d + c] = points[i] * 2 ** -32;
    }
    return { data, dims: [n, d] };
  };
}

/** Latin hypercubes, drawn anew for each k. */
export function latinHypercubeDesigns(d: number, n: number, seed: number): DesignFamily {
  return (k) => latinHypercubeDesign(d, n, { seed: seedOf(seed, k) });
}

/** A seed for design k. Stream 0 of the seed itself is the bootstrap's. */
function seedOf(seed: number, k: number): number {
  const rng = random(seed, k + 1);
  return rng.uint32() * 2 ** 21 + (rng.uint32() >>> 11);
}
