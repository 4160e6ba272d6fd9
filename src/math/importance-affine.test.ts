import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineOutputs, expectProper, noise } from '../../test/math/outputs.ts';
import { affineImportance, sobolImportance } from './importance.ts';

describe('affineImportance', () => {
  it('is c² over Σ c², exactly, and counts inputs without contribution', () => {
    const contributions = { data: Float64Array.of(3, -4, 0, 0, 1, 0, 0, 0, 2), dims: [3, 3] };
    const { total, perInput, degenerate } = affineImportance({ contributions });
    expect(degenerate).toBe(0);
    const expected = [0.36, 0.64, 0, 0, 1, 0, 0, 0, 1];
    for (const [k, v] of expected.entries()) expect(perInput.data[k]).toBeCloseTo(v, 15); // float64 rounding
    expect(total[1]).toBeCloseTo((0.64 + 1) / 3, 15);
    const zero = affineImportance({ contributions: { data: new Float32Array(4), dims: [2, 2] } });
    expect([zero.degenerate, ...zero.total, ...zero.upper]).toEqual([2, 0, 0, 0, 0]);
  });

  it('is what sampling converges to', () => {
    const contributions = [
      [1, -2, 0.5],
      [3, 1, 1],
    ];
    const { outputs } = affineOutputs(contributions, 2048);
    const sampled = sobolImportance({ outputs, nbDesign: 2048, estimator: 'jansen', resamples: 10 });
    const exact = affineImportance({
      contributions: { data: Float64Array.from(contributions.flat()), dims: [2, 3] },
    });
    for (let k = 0; k < 6; k++) {
      expect(Math.abs(sampled.perInput.data[k] - exact.perInput.data[k])).toBeLessThan(0.01); // N = 2048
    }
  });

  it('adds up to 1 at any scale, in proper intervals', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(1e-200, 1, 1e200), (seed, size) => {
        const { data, dims } = noise(6, 4, seed);
        const result = affineImportance({
          contributions: { data: data.map((v) => (v - 0.5) * size), dims },
          resamples: 50,
        });
        expect(result.total.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12); // float64 rounding
        expectProper(result);
      }),
    );
  });

  it('has no interval around a single input: there is nothing to vary', () => {
    const { total, lower, upper } = affineImportance({
      contributions: { data: Float64Array.of(1, 2), dims: [1, 2] },
    });
    expect([lower, upper]).toEqual([total, total]);
  });

  it('names what it cannot use', () => {
    const contributions = { data: Float64Array.of(1, Number.NaN), dims: [1, 2] };
    expect(() => affineImportance({ contributions })).toThrow(expect.objectContaining({ code: 'VALUE' }));
    expect(() => affineImportance({ contributions: { data: Float64Array.of(1), dims: [1] } })).toThrow(
      expect.objectContaining({ code: 'SHAPE' }),
    );
  });
});
