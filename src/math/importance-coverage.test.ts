// Whether the intervals of sampled importance hold the truth as often as they say, on heads whose indices are known.

import { describe, expect, it } from 'vitest';
import { type Random, random } from '../tensor/random.ts';
import { designsPerInput } from './bootstrap-means.ts';
import { replicatedDesign } from './designs.ts';
import { scrambledSobolDesigns } from './designs-own.ts';
import { sobolImportance } from './importance.ts';

const [N, r] = [32, 4];
const RUNS = 200;

/** One input: y of a mask, and the exact total indices. */
interface Known {
  f(m: Float64Array): number;
  truth: number[];
}

/** y = Π gᵢ(mᵢ) with means 1 and variances Dᵢ: S_Ti = Dᵢ Π_{j≠i}(1 + D_j) / (Π(1 + D_j) − 1). */
function product(D: number[], g: (i: number, m: number) => number): Known {
  const all = D.reduce((P, d) => P * (1 + d), 1);
  return {
    truth: D.map((d) => (d * (all / (1 + d))) / (all - 1)),
    f: (m) => m.reduce((y, v, i) => y * g(i, v), 1),
  };
}

const heads: Record<string, (rng: Random) => Known> = {
  'smooth, with interactions': (rng) => {
    const c = Array.from({ length: r }, (_, i) => (rng.uniform() + 0.2) * 2 ** (-i / 2));
    return product(
      c.map((v) => v ** 2 / 12 / (1 + v / 2) ** 2),
      (i, m) => (1 + c[i] * m) / (1 + c[i] / 2),
    );
  },
  // Sobol's g function, with a kink in every concept
  'not smooth': (rng) => {
    const a = Array.from({ length: r }, (_, i) => 0.7 * i + rng.uniform());
    return product(
      a.map((v) => 1 / (3 * (1 + v) ** 2)),
      (i, m) => (Math.abs(4 * m - 2) + a[i]) / (1 + a[i]),
    );
  },
};

/** Mean truth of so many inputs. */
function meanTruth(head: (rng: Random) => Known, rng: Random, inputs: number): number[] {
  const sum = new Array<number>(r).fill(0);
  for (let k = 0; k < inputs; k++) {
    for (const [i, v] of head(rng).truth.entries()) sum[i] += v / inputs;
  }
  return sum;
}

/** Share of intervals that hold the truth: of all inputs there are, or of these where they are too few to draw from. */
function coverage(head: (rng: Random) => Known, inputs: number): number {
  const designs = designsPerInput(inputs);
  const width = N * (r + 2);
  const population = meanTruth(head, random(1), 20_000);
  let held = 0;
  for (let run = 0; run < RUNS; run++) {
    const truth = designs > 1 ? meanTruth(head, random(run, 2), inputs) : population;
    const rng = random(run, 2);
    const points = scrambledSobolDesigns(2 * r, N, run);
    const data = new Float64Array(inputs * designs * width);
    for (let k = 0; k < inputs; k++) {
      const { f } = head(rng);
      for (let d = k * designs; d < (k + 1) * designs; d++) {
        const rows = replicatedDesign(points(d)).data;
        for (let n = 0; n < width; n++) data[d * width + n] = f(rows.subarray(n * r, (n + 1) * r));
      }
    }
    const outputs = { data, dims: [inputs * designs, width] };
    const request = {
      outputs,
      nbDesign: N,
      estimator: 'jansen',
      designs,
      resamples: 300,
      seed: run,
    } as const;
    const { lower, upper } = sobolImportance(request);
    for (let i = 0; i < r; i++) if (lower[i] <= truth[i] && truth[i] <= upper[i]) held++;
  }
  return held / (RUNS * r);
}

describe.each(Object.entries(heads))('intervals at level 0.95 on a head that is %s', (_, head) => {
  it.each([1, 3, 5, 12, 60])('hold the truth in 0.9 to 0.98 of runs: %i inputs', (inputs) => {
    const share = coverage(head, inputs);
    // 200 runs of 4 concepts: a standard error of 1.5 % if concepts move together
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.985);
  });
});
