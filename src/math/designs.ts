// Designs: n points in [0, 1)^d, one a row, spread more evenly than chance; and the replicated design
// of total Sobol' indices made from them.

import { CraftError } from '../errors.ts';
import { random, shuffle } from '../tensor/random.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import { primes, radicalInverses, scrambledRadicalInverses } from './halton.ts';
import { owenScramble, SOBOL_DIMENSIONS, sobolCoordinates } from './sobol-sequence.ts';

/** Half a gigabyte of float64. */
const MAX_ELEMENTS = 2 ** 26;

/**
 * The first n points of the Halton sequence. Plain, it is the reference's sampler, and in many
 * dimensions biased at small n: the columns of large prime bases nearly agree. With N = 32 the total
 * indices of an additive f, whose sum is 1, add up to .91, .40, .14, .12 for r = 5, 10, 20, 25 concepts
 * (scrambled Sobol: .98, 1.01, 1.06, 1.06 on average over seeds, with deviations of .08, .18, .29, .36).
 *
 * @param d - number of dimensions, from 1.
 * @param n - number of points, from 1.
 * @param options - scramble: permute digits at random (default false); seed of the permutations (default 0).
 * @returns [n, d] in [0, 1); row 0 is the origin if not scrambled.
 * @throws {@link CraftError} `VALUE` if d or n is not a whole number ≥ 1, n · d > 2²⁶, or seed is not a whole number.
 * @see Halton, On the efficiency of certain quasi-random sequences (1960), Numer. Math. 2, 84–90.
 */
export function haltonDesign(
  d: number,
  n: number,
  { scramble = false, seed = 0 }: { scramble?: boolean; seed?: number } = {},
): Tensor<Float64Array> {
  checkDesign('haltonDesign', d, n, seed);
  const bases = primes(d);
  return byColumns(d, n, (k) =>
    scramble ? scrambledRadicalInverses(bases[k], n, seed, k) : radicalInverses(bases[k], n),
  );
}

/**
 * The first n points of the Sobol' sequence, best with n a power of 2.
 *
 * @param d - number of dimensions, 1 … 256.
 * @param n - number of points, from 1.
 * @param options - scramble: Owen's nested uniform scrambling (default true), which makes every mean over
 *   the design unbiased and keeps its even spread; seed of the scrambling (default 0).
 * @returns [n, d] in [0, 1), multiples of 2⁻³²; row 0 is the origin if not scrambled.
 * @throws {@link CraftError} `VALUE` as {@link haltonDesign}, or if d > 256.
 * @see Sobol', On the distribution of points in a cube (1967); Joe and Kuo (2008), SIAM J. Sci. Comput. 30(5).
 */
export function sobolDesign(
  d: number,
  n: number,
  { scramble = true, seed = 0 }: { scramble?: boolean; seed?: number } = {},
): Tensor<Float64Array> {
  checkDesign('sobolDesign', d, n, seed);
  if (d > SOBOL_DIMENSIONS) {
    throw new CraftError(
      'VALUE',
      `sobolDesign: expected at most ${SOBOL_DIMENSIONS} dimensions (${SOBOL_DIMENSIONS / 2} concepts); got ${d}; use latinHypercubeDesign or fewer concepts`,
    );
  }
  return byColumns(d, n, (k) => {
    const points = sobolCoordinates(k, n);
    if (scramble) owenScramble(points, random(seed, k));
    return Float64Array.from(points, (v) => v * 2 ** -32);
  });
}

/**
 * A Latin hypercube: in every dimension each of the n intervals [j/n, (j + 1)/n) holds one point, at
 * random; dimensions are independent.
 *
 * @param d - number of dimensions, from 1.
 * @param n - number of points, from 1.
 * @returns [n, d] in [0, 1).
 * @throws {@link CraftError} `VALUE` as {@link haltonDesign}.
 * @see McKay, Beckman and Conover (1979), Technometrics 21(2), 239–245.
 */
export function latinHypercubeDesign(
  d: number,
  n: number,
  { seed = 0 }: { seed?: number } = {},
): Tensor<Float64Array> {
  checkDesign('latinHypercubeDesign', d, n, seed);
  return byColumns(d, n, (k) => {
    const rng = random(seed, k);
    const cells = shuffle(
      Array.from({ length: n }, (_, j) => j),
      rng,
    );
    return Float64Array.from(cells, (cell) => Math.min((cell + rng.uniform()) / n, 1 - 2 ** -53));
  });
}

/**
 * The design of total indices: A and B are the left and right half of the points, C_i is A with column
 * i from B.
 *
 * @param points - [N, 2r], N, r ≥ 1.
 * @returns [N(r + 2), r]: rows of A, B, C_0 … C_(r−1), N of each.
 * @throws {@link CraftError} `SHAPE` if points is not a matrix with an even number of columns, `VALUE` if
 *   it is not finite or the result would pass 2²⁶ elements.
 * @see Saltelli et al., Variance based sensitivity analysis of model output (2010), Comput. Phys. Commun. 181.
 */
export function replicatedDesign(points: Tensor): Tensor<Float64Array> {
  checkMatrix(points, 'replicatedDesign: points');
  const [N, width] = points.dims;
  if (width % 2 !== 0) {
    throw new CraftError('SHAPE', `replicatedDesign: expected points [N, 2r]; got [${points.dims}]`);
  }
  const r = width / 2;
  checkSize('replicatedDesign', N * (r + 2) * r);
  const rows = new Float64Array(N * (r + 2) * r);
  for (let block = 0; block < r + 2; block++) {
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < r; i++) {
        const fromB = block === 1 || block === i + 2;
        rows[(block * N + n) * r + i] = points.data[n * width + (fromB ? r + i : i)];
      }
    }
  }
  return { data: rows, dims: [N * (r + 2), r] };
}

function byColumns(d: number, n: number, column: (k: number) => Float64Array): Tensor<Float64Array> {
  const data = new Float64Array(n * d);
  for (let k = 0; k < d; k++) {
    const values = column(k);
    for (let i = 0; i < n; i++) data[i * d + k] = values[i];
  }
  return { data, dims: [n, d] };
}

function checkDesign(where: string, d: number, n: number, seed: number): void {
  for (const [name, value] of Object.entries({ d, n })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new CraftError('VALUE', `${where}: expected ${name} to be a whole number ≥ 1; got ${value}`);
    }
  }
  if (!Number.isSafeInteger(seed)) {
    throw new CraftError('VALUE', `${where}: expected seed to be a whole number; got ${seed}`);
  }
  checkSize(where, n * d);
}

function checkSize(where: string, elements: number): void {
  if (elements > MAX_ELEMENTS) {
    throw new CraftError(
      'VALUE',
      `${where}: expected at most 2^26 numbers; got ${elements}; use fewer points or concepts`,
    );
  }
}
