import { describe, expect, it } from 'vitest';
import { haltonDesign, sobolDesign } from '../../../src/math/designs.ts';
import { SOBOL_DIRECTION_NUMBERS } from '../../../src/math/sobol-direction-numbers.ts';
import { maxAbs, recordDeviation } from '../deviations.ts';
import { goldenPath, readJson, readNpy } from '../npy.ts';

// scipy 1.10.1, stats.qmc

describe('halton', () => {
  const golden = readNpy(goldenPath('qmc/halton_unscrambled.npy'));

  it('is scipy.stats.qmc.Halton without scrambling', () => {
    const [n, d] = golden.dims;
    // the sum of the radical inverse may be rounded in another order
    recordDeviation(
      'Halton, 128 points in 80 dimensions',
      maxAbs(haltonDesign(d, n).data, golden.data),
      1e-15,
    );
  });
});

describe('sobol', () => {
  const golden = readNpy(goldenPath('qmc/sobol_unscrambled.npy'));

  it('is scipy.stats.qmc.Sobol without scrambling', () => {
    const [n, d] = golden.dims;
    recordDeviation(
      'Sobol, 128 points in 80 dimensions',
      maxAbs(sobolDesign(d, n, { scramble: false }).data, golden.data),
      0, // multiples of a power of 2
    );
  });

  it('has the direction numbers of Joe and Kuo in its first 128 dimensions', () => {
    const { poly, vinit } = readJson(goldenPath('qmc/sobol_joe_kuo_128.json')) as {
      poly: number[];
      vinit: number[][];
    };
    const ours = SOBOL_DIRECTION_NUMBERS.trim().split(/\s+/);
    for (let k = 1; k < poly.length; k++) {
      const m = vinit[k].filter((v) => v > 0).map((v) => v.toString(36));
      expect(ours[k - 1]).toBe(`${poly[k].toString(36)}:${m.join('.')}`);
    }
  });
});
