import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.ts';
import { conceptCurves, conceptMasks, orderBy, randomOrders } from './concept-curves.ts';
import { gradientActivation, tcavScores } from './directional.ts';

/** y of an affine head: bias + Σ_i m_i c_ni. */
function scoresOf(order: readonly number[], contributions: readonly (readonly number[])[], bias = 0): Tensor {
  const { data, dims } = conceptMasks(order);
  const [columns, r] = dims;
  const y = contributions.flatMap((c) =>
    Array.from({ length: columns }, (_, k) => bias + c.reduce((sum, v, i) => sum + v * data[k * r + i], 0)),
  );
  return { data: Float64Array.from(y), dims: [contributions.length, columns] };
}

describe('conceptCurves', () => {
  it('has the closed form of an affine head', () => {
    const curves = conceptCurves(scoresOf([2, 0, 1], [[1, 0, 3]], -5))!;
    // removed: 4, 1, 0, 0 of 4; alone: 0, 3, 4, 4 of 4
    expect(Array.from(curves.deletion.values)).toEqual([1, 0.25, 0, 0]);
    expect(Array.from(curves.insertion.values)).toEqual([0, 0.75, 1, 1]);
    expect(curves.deletion.auc).toBeCloseTo(0.25, 15);
    expect(curves.insertion.auc).toBeCloseTo(0.75, 15);
  });

  it('falls fastest in the order of the contributions, of all orders', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat(),
        (contributions, seed) => {
          const means = [0, 1, 2, 3].map((i) => contributions.reduce((sum, c) => sum + c[i], 0));
          fc.pre(means.some((m) => m > 0));
          const best = conceptCurves(scoresOf(orderBy(means), contributions))!;
          for (const order of randomOrders(4, 3, seed)) {
            const other = conceptCurves(scoresOf(order, contributions))!;
            expect(best.deletion.auc).toBeLessThanOrEqual(other.deletion.auc + 1e-12); // float64
            expect(best.insertion.auc).toBeGreaterThanOrEqual(other.insertion.auc - 1e-12);
          }
        },
      ),
    );
  });

  it('is null where the concepts do not raise the score', () => {
    expect(conceptCurves(scoresOf([0, 1], [[-1, 0.5]]))).toBeNull();
  });

  it('takes orders of all concepts only; random ones are seeded', () => {
    expect(() => conceptMasks([0, 0])).toThrow(/order of all concepts/);
    expect(() => conceptMasks([0, 2])).toThrow(/order of all concepts/);
    expect(() => conceptMasks([])).toThrow(/order of all concepts/);
    expect(randomOrders(6, 2, 5)).toEqual(randomOrders(6, 2, 5));
    expect(randomOrders(6, 1, 5)).not.toEqual(randomOrders(6, 1, 6));
    expect(randomOrders(6, 3, 1).every((order) => [...order].sort().join() === '0,1,2,3,4,5')).toBe(true);
  });
});

describe('orders by the gradient', () => {
  it('TCAV is the share of rising inputs; equal shares go by the mean slope', () => {
    const slopes = { data: Float64Array.from([1, 2, -1, 1, 5, 1, 1, 1, -9]), dims: [3, 3] };
    const scores = tcavScores(slopes);
    expect(orderBy(scores)).toEqual([1, 0, 2]);
    expect(Math.round(scores[2] * 3)).toBe(1);
    expect(tcavScores({ data: new Float64Array(4), dims: [2, 2] })).toEqual(new Float64Array(2));
  });

  it('gradient × activation is a mean', () => {
    expect(Array.from(gradientActivation({ data: Float64Array.of(1, 2, 3, 6), dims: [2, 2] }))).toEqual([
      2, 4,
    ]);
  });
});
