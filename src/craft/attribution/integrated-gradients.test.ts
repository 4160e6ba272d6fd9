import { describe, expect, it } from 'vitest';
import { craftOf, images, openShapes, total } from '../../../test/attribution/shapes.ts';
import { recordDeviation } from '../../../test/golden/deviations.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { imagesOf } from './images.ts';
import { integratedGradients } from './integrated-gradients.ts';
import type { MapTarget } from './target.ts';

const shapes = openShapes();

describe('integrated gradients of a classifier', () => {
  it('are complete to the tolerance, and say what they miss', async () => {
    const craft = craftOf(shapes.cnn);
    const x = images(2, 1);
    const gaps: number[] = [];
    for (const tolerance of [Number.POSITIVE_INFINITY, 0.02]) {
      const options = { method: 'integrated-gradients', steps: 4, tolerance } as const;
      const maps = await craft.attributionMaps(x, options);
      const target = craft.mapTarget({});
      const full = await target.scores(x);
      const none = await target.scores({ data: new Float32Array(x.data.length), dims: x.dims });
      full.forEach((score, k) => {
        // what is reported is what the map says, in float32 sums of 4096 pixels
        expect(maps.gap!.data[k]).toBeCloseTo(total(maps, k) - (score - none[k]), 3);
      });
      gaps.push(Math.max(...maps.gap!.data.map(Math.abs)) / Math.max(...full));
    }
    expect(gaps[1]).toBeLessThan(gaps[0] / 4);
    // parts miss 2 % of the range of s together, if all miss what they may with the same sign 8 %
    recordDeviation('integrated gradients: gap at tolerance 0.02, of max u', gaps[1], 2e-2);
  });
});

/** s_0 = max(0, Σx − 3), of four values, and s_1 = Σ x; counts the points where gradients are taken. */
function kinked(): { target: MapTarget; points: number[] } {
  const points: number[] = [];
  const sums = ({ data, dims: [count] }: Tensor): number[] =>
    Array.from(
      { length: count },
      (_, n) => data[4 * n] + data[4 * n + 1] + data[4 * n + 2] + data[4 * n + 3],
    );
  const scores = (x: Tensor): Float64Array =>
    Float64Array.from(sums(x).flatMap((s) => [Math.max(0, s - 3), s]));
  const target = {
    count: 2,
    scores: async (x: Tensor) => scores(x),
    async gradients(x: Tensor) {
      points.push(...sums(x).map((s) => s / 4));
      const data = Float32Array.from(
        sums(x).flatMap((s) => [...Array<number>(4).fill(s > 3 ? 1 : 0), 1, 1, 1, 1]),
      );
      return { scores: scores(x), gradients: { data, dims: [2 * x.dims[0], 1, 2, 2] } };
    },
  } as unknown as MapTarget;
  return { target, points };
}

describe('the points on the way', () => {
  const image = imagesOf({ data: new Float32Array(4).fill(1), dims: [1, 1, 2, 2] }, 'NCHW');
  const run = (target: MapTarget, settings: object) =>
    integratedGradients(
      image,
      target,
      { steps: 4, mostSteps: 64, tolerance: 1e-3, baseline: 0, ...settings },
      { batchSize: 8, check: () => {} },
    );

  it('are more where the slope changes, at t = 3/4 + a third of a part, and nowhere else', async () => {
    const { target, points } = kinked();
    const { maps, gap } = await run(target, { steps: 5 });
    // the kink at 3/4 is in the part from 3/5 to 4/5 and in one third of every third of it
    const added = points.slice(5);
    expect(added.length).toBeGreaterThan(0);
    for (const t of added) expect(t > 0.6 && t < 0.8).toBe(true);
    expect(Math.abs(gap[0])).toBeLessThan(1e-3);
    expect(Array.from(maps.data.subarray(4))).toEqual([1, 1, 1, 1].map((v) => expect.closeTo(v, 6))); // float32
  });

  it('are equally spread where no part is refined, and never more than the most', async () => {
    const plain = kinked();
    await run(plain.target, { tolerance: Number.POSITIVE_INFINITY });
    expect(plain.points).toEqual([0.125, 0.375, 0.625, 0.875]);
    const bounded = kinked();
    await run(bounded.target, { tolerance: 1e-12, mostSteps: 13, steps: 5 });
    expect(bounded.points.length).toBeLessThanOrEqual(13);
  });

  it('are checked for an end between runs', async () => {
    const { target } = kinked();
    const stopped = integratedGradients(
      image,
      target,
      { steps: 4, mostSteps: 8, tolerance: 0.02, baseline: 0 },
      {
        batchSize: 8,
        check: () => {
          throw new Error('stopped');
        },
      },
    );
    await expect(stopped).rejects.toThrow('stopped');
  });
});
