// Outputs of functions on designs, and what every importance has to satisfy, for tests of importance.

import { expect } from 'vitest';
import { replicatedDesign, sobolDesign } from '../../src/math/designs.ts';
import type { ImportanceResult } from '../../src/math/importance.ts';
import { random } from '../../src/tensor/random.ts';

/** Outputs of `inputs` affine functions with the given contributions, on a design of size N. */
export function affineOutputs(contributions: number[][], N: number, seed = 0) {
  const r = contributions[0].length;
  const design = replicatedDesign(sobolDesign(2 * r, N, { seed }));
  const rows = contributions.flatMap((c, k) =>
    Array.from({ length: N * (r + 2) }, (_, n) =>
      c.reduce((y, v, i) => y + v * design.data[n * r + i], 3 + k),
    ),
  );
  return { outputs: { data: Float64Array.from(rows), dims: [contributions.length, N * (r + 2)] }, design };
}

export function noise(inputs: number, width: number, seed: number): { data: Float64Array; dims: number[] } {
  const rng = random(seed);
  return { data: Float64Array.from({ length: inputs * width }, () => rng.uniform()), dims: [inputs, width] };
}

/** lower ≤ total ≤ upper, and probabilities. */
export function expectProper({ total, lower, upper, aboveNext }: ImportanceResult): void {
  for (let i = 0; i < total.length; i++) {
    expect(lower[i]).toBeLessThanOrEqual(total[i]);
    expect(upper[i]).toBeGreaterThanOrEqual(total[i]);
  }
  const order = [...total.keys()].sort((i, j) => total[j] - total[i] || i - j);
  for (const [rank, i] of order.entries()) {
    if (rank === order.length - 1) expect(aboveNext[i]).toBeNaN();
    else expect(aboveNext[i] >= 0 && aboveNext[i] <= 1).toBe(true);
  }
}
