import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import { normalisedCurve } from './curve.ts';
import { muFidelity } from './mu-fidelity.ts';
import { type MaskScore, pixelCurves, pixelOrder } from './pixel-curves.ts';

/** s = Σ weight_k m_k: what a map of the weights explains without rest. */
const additive =
  (weights: readonly number[]): MaskScore =>
  async (masks) =>
    masks.map((mask) => mask.reduce((sum, m, k) => sum + m * weights[k], 0));

describe('normalisedCurve', () => {
  it('is a half for a straight line, whatever its ends', () => {
    const curve = normalisedCurve([7, 5.5, 4], 7, 4);
    expect(curve).toBeNull(); // all is below none
    expect(normalisedCurve([7, 5.5, 4], 4, 7)!.auc).toBe(0.5);
    expect(Array.from(normalisedCurve([4, 7, 7], 4, 7)!.values)).toEqual([0, 1, 1]);
    expect(normalisedCurve([4, 7, 7], 4, 7)!.auc).toBe(0.75);
    expect(normalisedCurve([1, 1], 1, 1 + 1e-9)).toBeNull();
  });
});

describe('pixelCurves', () => {
  it('has the closed form of one pixel that is all', async () => {
    const weights = [0, 0, 2, 0];
    const curves = (await pixelCurves(weights, additive(weights), 4))!;
    // gone after the first of four steps: ½ · (1 + 0) / 4
    expect(Array.from(curves.deletion.values)).toEqual([1, 0, 0, 0, 0]);
    expect(curves.deletion.auc).toBe(0.125);
    expect(Array.from(curves.insertion.values)).toEqual([0, 1, 1, 1, 1]);
    expect(curves.insertion.auc).toBe(0.875);
  });

  it('mirrors deletion in insertion for an additive score, and no map does better than the weights', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 24 }),
        fc.nat(),
        async (weights, seed) => {
          fc.pre(weights.some((w) => w > 0));
          const rng = random(seed);
          const other = weights.map(() => rng.uniform());
          const best = (await pixelCurves(weights, additive(weights), weights.length))!;
          const worse = (await pixelCurves(other, additive(weights), weights.length))!;
          // float64 sums of whole numbers: exact but for the division
          expect(best.deletion.auc + best.insertion.auc).toBeCloseTo(1, 12);
          expect(best.deletion.auc).toBeLessThanOrEqual(worse.deletion.auc + 1e-12);
          expect(best.insertion.auc).toBeGreaterThanOrEqual(worse.insertion.auc - 1e-12);
        },
      ),
    );
  });

  it('asks for 2 · steps scores, and says nothing of an image that scores no more than its baseline', async () => {
    let asked = 0;
    const flat: MaskScore = async (masks) => {
      asked += masks.length;
      return masks.map(() => 3);
    };
    expect(await pixelCurves([1, 2, 3, 4, 5, 6], flat, 3)).toBeNull();
    expect(asked).toBe(6);
    asked = 0;
    const weights = [1, 2, 3, 4, 5, 6];
    const ends = { full: 21, none: 0 };
    const known = await pixelCurves(weights, additive(weights), 3, ends);
    expect(known).toEqual(await pixelCurves(weights, additive(weights), 3));
    await pixelCurves(weights, flat, 3, ends);
    expect(asked).toBe(4);
  });

  it('orders equal pixels by their place and refuses NaN', async () => {
    expect(Array.from(pixelOrder([1, 3, 3, -2]))).toEqual([1, 2, 0, 3]);
    expect(() => pixelOrder([1, Number.NaN])).toThrow(/finite.*NaN at pixel 1/);
    await expect(pixelCurves([1], async () => [], 0)).rejects.toMatchObject({ code: 'OPTION' });
  });
});

describe('muFidelity', () => {
  const [height, width] = [12, 10];
  const weights = Array.from({ length: height * width }, (_, k) => ((k * 7) % 11) + (k % 10 > 4 ? 20 : 0));
  const options = { height, width, cells: 4, subsets: 40, seed: 3 };

  it('is 1 for the weights of an additive score, −1 for their negative', async () => {
    expect(await muFidelity(weights, additive(weights), options)).toBeCloseTo(1, 10); // float64
    const opposite = weights.map((w) => -w);
    expect(await muFidelity(opposite, additive(weights), options)).toBeCloseTo(-1, 10);
  });

  it('is null where nothing varies, and the same for the same seed', async () => {
    expect(await muFidelity(weights, async (masks) => masks.map(() => 1), options)).toBeNull();
    const rough = weights.map((w, k) => w + ((k * 13) % 29));
    const a = await muFidelity(rough, additive(weights), options);
    expect(await muFidelity(rough, additive(weights), options)).toBe(a);
    expect(a).toBeGreaterThan(0);
    expect(a).toBeLessThan(1);
  });
});
