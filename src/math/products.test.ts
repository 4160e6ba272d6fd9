import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTransposeTimes, gramOfRows, rowBlocks, times, timesTranspose, transpose } from './products.ts';

// sizes around the tiles of 3 and 4
const size = fc.integer({ min: 1, max: 11 });

/** Whole numbers: every sum is exact, so any order gives the same. */
function whole(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, k) => ((k * 7919 + seed * 31) % 23) - 11);
}

/** Σ_k x(i, k) y(k, j), the definition. */
function product(
  n: number,
  m: number,
  inner: number,
  x: (i: number, k: number) => number,
  y: (k: number, j: number) => number,
): Float64Array {
  return Float64Array.from({ length: n * m }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += x(Math.floor(at / m), k) * y(k, at % m);
    return sum;
  });
}

describe('products', () => {
  it('are the definition, at every size', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(1000), (n, m, p, seed) => {
        const X = whole(n * p, seed);
        const Y = whole(m * p, seed + 1);
        const out = new Float64Array(n * m);
        timesTranspose(X, n, Y, m, p, out);
        expect(out).toEqual(
          product(
            n,
            m,
            p,
            (i, k) => X[i * p + k],
            (k, j) => Y[j * p + k],
          ),
        );

        const Z = whole(n * m, seed + 2);
        const sums = whole(m * p, seed + 3);
        const before = sums.slice();
        addTransposeTimes(Z, n, m, X, p, sums);
        const added = product(
          m,
          p,
          n,
          (i, k) => Z[k * m + i],
          (k, j) => X[k * p + j],
        );
        expect(sums).toEqual(before.map((v, k) => v + added[k]));

        const fit = new Float64Array(n * p);
        times(Z, n, Y, m, p, fit);
        expect(fit.map((v) => v + 0)).toEqual(
          product(
            n,
            p,
            m,
            (i, k) => Z[i * m + k],
            (k, j) => Y[k * p + j],
          ),
        );

        expect(gramOfRows(Y, m, p)).toEqual(
          product(
            m,
            m,
            p,
            (i, k) => Y[i * p + k],
            (k, j) => Y[j * p + k],
          ),
        );
        expect(transpose(transpose(X, n, p), p, n)).toEqual(X);
      }),
    );
  });
});

describe('rowBlocks', () => {
  it.each([1, 48, 49, 200])('walks over all of %i rows in order, in float64', (n) => {
    const A = { data: Float32Array.from({ length: n * 3 }, (_, k) => k / 7), dims: [n, 3] };
    const seen: number[] = [];
    for (const { start, count, data } of rowBlocks(A)) {
      expect(start * 3).toBe(seen.length);
      seen.push(...data.subarray(0, count * 3));
    }
    expect(seen).toEqual([...A.data]);
  });
});
