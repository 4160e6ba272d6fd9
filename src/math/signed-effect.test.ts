import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replicatedDesign, sobolDesign } from './designs.ts';
import { signedEffect } from './signed-effect.ts';

/** y = 3 + Σ c_i m_i on a design of size 8. */
function affine(c: number[]) {
  const r = c.length;
  const design = replicatedDesign(sobolDesign(2 * r, 8, { seed: 2 }));
  const y = Float64Array.from({ length: 8 * (r + 2) }, (_, n) =>
    c.reduce((sum, v, i) => sum + v * design.data[n * r + i], 3),
  );
  return { y, design };
}

describe('signedEffect', () => {
  it('is the coefficient of an affine output, without the rows of B', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (c) => {
          const { y, design } = affine(c);
          y.fill(Number.NaN, 8, 16);
          const effect = signedEffect(y, design, 8);
          for (const [i, v] of c.entries()) expect(effect[i]).toBeCloseTo(v, 11); // float64 rounding over the steps of m
        },
      ),
    );
  });

  it('is 0 where m does not change', () => {
    const design = { data: new Float64Array(6).fill(0.5), dims: [6, 1] };
    expect([...signedEffect(Float64Array.of(1, 2, 3, 4, 5, 6), design, 2)]).toEqual([0]);
  });

  it('refuses sizes that do not fit', () => {
    const { y, design } = affine([1, 2]);
    expect(() => signedEffect(y, design, 7)).toThrow(expect.objectContaining({ code: 'SHAPE' }));
    expect(() => signedEffect(y.subarray(1), design, 8)).toThrow(expect.objectContaining({ code: 'SHAPE' }));
  });
});
