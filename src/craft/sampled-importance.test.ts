import { describe, expect, it } from 'vitest';
import { sobolImportance } from '../math/importance.ts';
import { designsOf, masksOf } from './design-masks.ts';
import { sampledImportance } from './sampled-importance.ts';
import type { Scores } from './score-request.ts';

const [N, r] = [8, 3];
/** y of input n: not additive, and constant for input 2. */
const y = (n: number, m: ArrayLike<number>): number =>
  n === 2 ? 1 : Math.tanh((n + 1) * m[0] * m[1] - m[2] / (n + 1));

/** Scores that are written over as soon as they were taken. */
const scoresOf =
  (inputs: number): Scores =>
  async (masks, take) => {
    const own = new Float64Array(masks.count);
    for (let n = 0; n < inputs; n++) {
      const m = masks.of(n);
      for (let k = 0; k < masks.count; k++) own[k] = y(n, m.subarray(k * r, (k + 1) * r));
      take(n, own);
      own.fill(Number.NaN);
    }
    return { headEvaluations: inputs * masks.count, prefixEvaluations: 0 };
  };

/** The outputs of all designs as one matrix, [inputs · designs, N(r + 2)], with 𝐁 left out. */
function outputsOf(inputs: number, perInput: number, sampler: 'sobol' | 'halton') {
  const masks = masksOf(designsOf(sampler, r, N, 5), N, r, perInput);
  const width = N * (r + 2);
  const data = new Float64Array(inputs * perInput * width).fill(Number.NaN);
  for (let k = 0; k < inputs * masks.count; k++) {
    const n = Math.floor(k / masks.count);
    const row = k - n * masks.count;
    const design = Math.floor(row / (N * (r + 1)));
    const at = row - design * N * (r + 1);
    const m = masks.of(n).subarray(row * r, (row + 1) * r);
    data[(n * perInput + design) * width + (at < N ? at : at + N)] = y(n, m);
  }
  return { data, dims: [inputs * perInput, width] };
}

describe('importance of inputs that are scored one after the other', () => {
  it.each([
    { inputs: 6, perInput: 1, sampler: 'sobol' },
    { inputs: 3, perInput: 3, sampler: 'sobol' },
    { inputs: 6, perInput: 1, sampler: 'halton' },
  ] as const)('has the bits of all outputs together: $inputs inputs, $sampler', async (given) => {
    const { inputs, perInput, sampler } = given;
    const options = { nbDesign: N, sampler, estimator: 'jansen', confidence: 0.9 } as const;
    const sizes = { inputs, rank: r, path: 'batched' } as const;
    const {
      total,
      lower,
      upper,
      aboveNext,
      perInput: each,
      degenerate,
      resampled,
    } = await sampledImportance(scoresOf(inputs), sizes, options, 5);
    expect({ total, lower, upper, aboveNext, perInput: each, degenerate, resampled }).toEqual(
      sobolImportance({
        outputs: outputsOf(inputs, perInput, sampler),
        nbDesign: N,
        estimator: 'jansen',
        designs: sampler === 'halton' ? 'shared' : perInput,
        confidence: 0.9,
        seed: 5,
      }),
    );
    expect(degenerate).toBe(1);
    expect([...total].some((index) => index > 0.1)).toBe(true);
  });
});
