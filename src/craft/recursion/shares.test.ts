import { describe, expect, it } from 'vitest';
import { cosine, DIRECTIONS, SIDE, twoInOne } from '../../../test/recursion/two-in-one.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { conceptOrder, conceptsOf } from '../concept-list.ts';
import { Craft } from '../craft.ts';
import { growTree } from './tree.ts';

/** Images of pixels w·a + (1 − w)·b, some pure and most mixed, or of c alone; w of every pixel, NaN for c. */
function mixtures(count: number): { images: Tensor<Float32Array>; w: Float64Array } {
  const rng = random(11);
  const area = SIDE * SIDE;
  const data = new Float32Array(count * 6 * area);
  const w = new Float64Array(count * area).fill(Number.NaN);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < area; k++) {
      const strength = 1 + rng.uniform();
      const isOther = rng.below(3) === 0;
      const share = Math.min(1, Math.max(0, 1.6 * rng.uniform() - 0.3));
      if (!isOther) w[n * area + k] = share;
      const parts = isOther ? [0, 0, 1] : [share, 1 - share, 0];
      for (let c = 0; c < 6; c++) data[(n * 6 + c) * area + k] = strength * parts[c >> 1];
    }
  }
  return { images: { data, dims: [count, 6, SIDE, SIDE] }, w };
}

describe('a concept that is the sum of two', () => {
  it('has shares a²/(a² + b²), and parts that are together as important as it is', async () => {
    const { images, w } = mixtures(10);
    const craft = new Craft(twoInOne());
    const fit = await craft.fit(images);
    const options = { classId: 0, nbDesign: 128 };
    const importance = await craft.estimateImportance(images, options);
    const order = conceptOrder(importance.total);
    const view = { width: SIDE, height: SIDE, patchSize: 1 };
    const concepts = conceptsOf(fit, importance, order, view);
    const tree = await growTree(craft, order, concepts, {
      depth: 1,
      percentile: 50,
      importance: options,
      view,
    });

    const parent = concepts.findIndex((_, id) => {
      const row = fit.W.data.subarray(2 * order[id], 2 * order[id] + 2);
      return row[0] > row[1];
    });
    const { children, fit: facts, verdict } = tree.splits[parent];
    expect(verdict).toBe('mixed');
    const child = await craft.decompose(order[parent], { percentile: 50 });
    const { crops, W } = child.decomposition!;
    const spread = Array.from({ length: facts!.parts }, (_, k) =>
      Math.round((k * (crops.length - 1)) / (facts!.parts - 1)),
    );
    // the score is 2·(sum of the four channels): a = 4ws, b = 4(1 − w)s, and T_a = a²/(a² + b²)
    const shares = spread.map((k) => {
      const { input, box } = crops[k];
      const own = w[input * SIDE * SIDE + box!.y * SIDE + box!.x];
      return own ** 2 / (own ** 2 + (1 - own) ** 2);
    });
    const expected = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const { total } = await child.estimateShares(options);
    const isA = Array.from(
      { length: 2 },
      (_, j) => cosine(W.data.subarray(6 * j, 6 * j + 6), DIRECTIONS[0]) > 0.9,
    );
    total.forEach((share, j) => {
      // Jansen at N = 128: 0.03; pure pixels, of which the factorisation finds W, are few: 0.02
      expect(Math.abs(share - (isA[j] ? expected : 1 - expected))).toBeLessThan(0.05);
    });
    // on the parent's scale: where the parts add, their importance is the parent's, to the same errors
    const together = children.reduce((sum, { importance: { value } }) => sum + value, 0);
    expect(Math.abs(together / concepts[parent].importance.value - 1)).toBeLessThan(0.05);
    // the parent's coefficient is √2 (w + 1 − w) s: linear in those of its parts
    expect(facts!.explained).toBeGreaterThan(0.98);
  });
});
