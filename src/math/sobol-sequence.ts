// The Sobol' sequence in d dimensions, plain or scrambled.
//
// Notation: bits are counted from the most significant; V_k = direction number k of a dimension, an
// integer below 2³² standing for V_k / 2³².

import type { Random } from '../tensor/random.ts';
import { SOBOL_DIMENSIONS, SOBOL_DIRECTION_NUMBERS } from './sobol-direction-numbers.ts';

export { SOBOL_DIMENSIONS };

const BITS = 32;
const polynomials = SOBOL_DIRECTION_NUMBERS.trim().split(/\s+/);

/**
 * Point i of a dimension is the XOR of V_k over the bits k of the Gray code of i (Antonov and Saleev, 1979).
 *
 * @param dimension - from 0.
 * @returns the first n coordinates as integers below 2³².
 */
export function sobolCoordinates(dimension: number, n: number): Uint32Array {
  const V = directionNumbers(dimension);
  const points = new Uint32Array(n);
  let point = 0;
  for (let i = 1; i < n; i++) {
    const lowestZeroBit = 31 - Math.clz32(i & -i); // of i − 1
    point ^= V[lowestZeroBit];
    points[i] = point;
  }
  return points;
}

/** V_1 … V_32 by the recurrence of the dimension's primitive polynomial. */
function directionNumbers(dimension: number): Uint32Array {
  if (dimension === 0) return Uint32Array.from({ length: BITS }, (_, k) => 2 ** (BITS - 1 - k));
  const [code, initial] = polynomials[dimension - 1].split(':');
  const polynomial = Number.parseInt(code, 36);
  const degree = 31 - Math.clz32(polynomial);
  const m = initial.split('.').map((word) => Number.parseInt(word, 36));
  const V = new Uint32Array(BITS);
  for (let k = 0; k < BITS; k++) {
    if (k < degree) {
      V[k] = m[k] * 2 ** (BITS - 1 - k);
      continue;
    }
    let v = V[k - degree] ^ (V[k - degree] >>> degree);
    for (let q = 1; q < degree; q++) if ((polynomial >>> (degree - q)) & 1) v ^= V[k - q];
    V[k] = v;
  }
  return V;
}

/**
 * Owen's nested uniform scrambling in base 2, in place: bit b of a coordinate is flipped by a coin that
 * belongs to the bits before it. Keeps every (t, m, s)-net property and makes each point uniform. A coin is a
 * hash of its prefix, so no tree is stored.
 *
 * @param rng - of the coins; each dimension needs its own.
 * @param levels - bits that points may have in common: from there on coins are drawn, one each. Default all 32.
 * @see Owen, Randomly permuted (t, m, s)-nets and (t, s)-sequences (1995), Springer LNS 106, 299–317.
 */
export function owenScramble(points: Uint32Array, rng: Random, levels = BITS): Uint32Array {
  const keys = Uint32Array.from({ length: levels }, () => rng.uint32());
  for (let i = 0; i < points.length; i++) {
    const x = points[i];
    let flips = 0;
    for (let b = 0; b < levels; b++) {
      const prefix = b === 0 ? 0 : x >>> (BITS - b);
      flips = (flips << 1) | (hash(prefix, keys[b]) & 1);
    }
    points[i] = x ^ (levels === BITS ? flips : (flips << (BITS - levels)) | (rng.uint32() >>> levels));
  }
  return points;
}

/** A 32-bit finaliser (Wellons' low-bias constants) of the prefix, keyed before and between its rounds. */
function hash(prefix: number, key: number): number {
  let h = prefix ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15) ^ key, 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
