import { describe, expect, it } from 'vitest';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { groupsBeyondOne } from './single-cluster.ts';

const bell = (rng: ReturnType<typeof random>): number => {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += rng.uniform();
  return sum;
};

/** Rows around (10, 10, …), `apart` to both sides of it along the last axis, with noise of σ = 1 along the others. */
function rows(n: number, p: number, apart: number, seed: number): Tensor<Float32Array> {
  const rng = random(seed);
  const data = new Float32Array(n * p);
  for (let row = 0; row < n; row++) {
    for (let c = 0; c < p; c++) data[row * p + c] = 10 + (c === p - 1 ? 0.1 : 1) * bell(rng);
    data[row * p + p - 1] += row % 2 === 0 ? apart : -apart;
  }
  return { data, dims: [n, p] };
}

describe('groups of rows against one cluster', () => {
  it('finds no groups in one cluster, whatever its shape', async () => {
    for (const seed of [1, 2, 3]) {
      const found = await groupsBeyondOne(rows(48, 12, 0, seed), 2, { seed: 0 });
      // a standard normal by construction: 3.5 is one in 4,000
      expect(Math.abs(found!.beyond), `seed ${seed}`).toBeLessThan(3.5);
      expect(found!.explained).toBeCloseTo(found!.single, 1);
    }
  });

  it('finds two, and their share of the spread', async () => {
    const apart = 4;
    const found = await groupsBeyondOne(rows(64, 8, apart, 1), 2, { seed: 0 });
    expect(found!.beyond).toBeGreaterThan(2.33);
    // between the groups apart², within them 6 axes of variance 1, as one is the common length that is scaled away
    expect(found!.explained).toBeCloseTo(apart ** 2 / (apart ** 2 + 6), 1); // directions, 64 of them
    // the best cut of a normal along one axis explains 2/π of its variance
    expect(found!.single).toBeLessThan((apart ** 2 / (apart ** 2 + 6)) * (2 / Math.PI) + 0.1);
  });

  it('tells directions, not lengths', async () => {
    const A = rows(40, 6, 2, 3);
    const scaled = A.data.map((a, k) => a * (1 + (Math.floor(k / 6) % 7)));
    const [one, other] = [
      await groupsBeyondOne(A, 3, { seed: 5 }),
      await groupsBeyondOne({ data: scaled, dims: A.dims }, 3, { seed: 5 }),
    ];
    expect(other!.explained).toBeCloseTo(one!.explained, 4); // float32 rows
  });

  it('gives the same bits for the same seed, and looks at 128 rows of many', async () => {
    const A = rows(300, 5, 3, 4);
    const found = await groupsBeyondOne(A, 2, { seed: 9 });
    expect(await groupsBeyondOne(A, 2, { seed: 9 })).toEqual(found);
  });

  it('is null for rows that are too few, all alike or 0', async () => {
    expect(await groupsBeyondOne(rows(3, 4, 1, 1), 2, { seed: 0 })).toBeNull();
    const same = { data: new Float32Array(40).fill(2), dims: [10, 4] };
    expect(await groupsBeyondOne(same, 2, { seed: 0 })).toBeNull();
    expect(await groupsBeyondOne({ data: new Float32Array(40), dims: [10, 4] }, 2, { seed: 0 })).toBeNull();
  });

  it('stops when it is told', async () => {
    const stopped = groupsBeyondOne(rows(64, 24, 0, 1), 2, { seed: 0, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
