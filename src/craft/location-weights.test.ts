import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { latentShape } from './layout.ts';
import { readingOf } from './location-weights.ts';

const [T, p, q] = [6, 4, 3];
const shape = latentShape([1, T, p], { layout: 'NTC', prefixTokens: 2 });

/** P(x) = b + Σₜ x[t]·A[t], A[t] = wₜ·L unless changed. */
function affine(weights: readonly number[], seed: number, change: (A: Float64Array) => void = () => {}) {
  const rng = random(seed);
  const numbers = (count: number) => Float64Array.from({ length: count }, () => 2 * rng.uniform() - 1);
  const [L, b] = [numbers(p * q), numbers(q)];
  const A = Float64Array.from(
    { length: T * p * q },
    (_, k) => weights[Math.floor(k / (p * q))] * L[k % (p * q)],
  );
  change(A);
  return async ({ data, dims: [count] }: Tensor<Float32Array>) =>
    Float32Array.from({ length: count * q }, (_, k) => {
      let sum = b[k % q];
      for (let j = 0; j < T * p; j++) sum += data[Math.floor(k / q) * T * p + j] * A[j * q + (k % q)];
      return sum;
    });
}

describe('readingOf', () => {
  const seeds = fc.nat();
  it.each([
    ['the mean', [1, 1, 1, 1, 1, 1].map((w) => w / 6)],
    ['the mean without prefix tokens', [0, 0, 1, 1, 1, 1].map((w) => w / 4)],
    ['the first token', [1, 0, 0, 0, 0, 0]],
    ['the last token', [0, 0, 0, 0, 0, 1]],
  ])('finds %s', (_, weights) =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        expect(await readingOf(affine(weights, seed), shape)).toEqual(weights);
      }),
      { numRuns: 20 },
    ),
  );

  it('takes a sum for what it is of the mean', async () => {
    // P(x) = P(x̄ everywhere) holds for any multiple
    expect(await readingOf(affine([2, 2, 2, 2, 2, 2], 1), shape)).toEqual(
      [1, 1, 1, 1, 1, 1].map((w) => w / 6),
    );
  });

  it('is null where one weight is another by a hundredth', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.nat({ max: T - 1 }), async (seed, t) => {
        const weights = [1, 1, 1, 1, 1, 1].map((w, k) => (k === t ? 1.01 * w : w) / 6);
        expect(await readingOf(affine(weights, seed), shape)).toBeNull();
      }),
      { numRuns: 20 },
    ));

  it('is null where one location is read by another map, and where nothing is read', async () => {
    const own = affine([1, 1, 1, 1, 1, 1], 3, (A) => {
      A[2 * p * q] += 0.5;
    });
    expect(await readingOf(own, shape)).toBeNull();
    expect(await readingOf(affine([0, 0, 0, 0, 0, 0], 3), shape)).toBeNull();
  });
});
