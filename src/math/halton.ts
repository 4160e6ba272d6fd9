// The Halton sequence: coordinate k of point i is i written in the k-th prime base, digits mirrored
// behind the point.

import { random, shuffle } from '../tensor/random.ts';

/** The first `count` primes. */
export function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** Coordinates of points 0 … n − 1 in a base: Σ digit_k / base^(k+1). */
export function radicalInverses(base: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, index) => {
    let value = 0;
    let unit = 1 / base;
    for (let i = index; i > 0; i = Math.floor(i / base)) {
      value += (i % base) * unit;
      unit /= base;
    }
    return value;
  });
}

/**
 * As {@link radicalInverses}, each digit place permuted by a permutation of its own, leading zeros
 * included, down to the resolution of float64: points are uniform and stay evenly spread.
 *
 * @see Owen, A randomized Halton algorithm in R (2017), arXiv 1706.02808.
 */
export function scrambledRadicalInverses(
  base: number,
  n: number,
  seed: number,
  dimension: number,
): Float64Array {
  const rng = random(seed, dimension);
  const places: number[][] = [];
  for (let resolution = 1; resolution < 2 ** 53; resolution *= base) {
    places.push(
      shuffle(
        Array.from({ length: base }, (_, digit) => digit),
        rng,
      ),
    );
  }
  return Float64Array.from({ length: n }, (_, index) => {
    let value = 0;
    let unit = 1 / base;
    let i = index;
    for (const permutation of places) {
      value += permutation[i % base] * unit;
      unit /= base;
      i = Math.floor(i / base);
    }
    return Math.min(value, 1 - 2 ** -53); // a sum of all largest digits rounds to 1
  });
}
