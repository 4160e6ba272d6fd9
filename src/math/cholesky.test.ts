import { describe, expect, it } from 'vitest';
import { choleskyOfSubset, choleskySolve } from './cholesky.ts';

// L = [[2, 0, 0], [1, 3, 0], [−2, 1, 1]]
const M = Float64Array.of(4, 2, -4, 2, 10, 1, -4, 1, 6);

describe('cholesky', () => {
  it('factors and solves a matrix with a whole factor exactly', () => {
    const L = new Float64Array(9);
    expect(choleskyOfSubset(M, 3, Int32Array.of(0, 1, 2), 3, L)).toBe(3);
    expect([L[0], L[3], L[4], L[6], L[7], L[8]]).toEqual([2, 1, 3, -2, 1, 1]);
    const x = Float64Array.of(4 * 1 + 2 * 2 - 4 * 3, 2 + 20 + 3, -4 + 2 + 18);
    choleskySolve(L, 3, x);
    expect([...x]).toEqual([1, 2, 3]);
  });

  it('works on a subset in its own order', () => {
    const L = new Float64Array(4);
    expect(choleskyOfSubset(M, 3, Int32Array.of(2, 0), 2, L)).toBe(2);
    expect(L[0] ** 2).toBeCloseTo(6, 14); // float64 rounding of a square root
    expect(L[0] * L[2]).toBeCloseTo(-4, 14);
  });

  it('stops at a row that depends on those before', () => {
    const twice = Float64Array.of(1, 2, 0, 2, 4, 0, 0, 0, 1);
    expect(choleskyOfSubset(twice, 3, Int32Array.of(0, 1, 2), 3, new Float64Array(9))).toBe(1);
    expect(choleskyOfSubset(new Float64Array(1), 1, Int32Array.of(0), 1, new Float64Array(1))).toBe(0);
  });
});
