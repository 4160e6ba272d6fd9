import { readdirSync } from 'node:fs';
import { describe, it } from 'vitest';
import { haltonDesign, replicatedDesign, sobolDesign } from '../../../src/math/designs.ts';
import { maxAbs, recordDeviation } from '../deviations.ts';
import { goldenPath, readNpy } from '../npy.ts';

// craft/sobol/sampler.py of deel-ai/Craft@890c8d2, which casts to float32
describe('replicated designs', () => {
  const files = readdirSync(goldenPath('designs/')).filter((name) => name.endsWith('.npy'));

  it.each(files)('%s', (file) => {
    const [, sampler, r, n] = /^(halton|sobol)_d(\d+)_n(\d+)/.exec(file) ?? [];
    const points =
      sampler === 'halton'
        ? haltonDesign(2 * Number(r), Number(n))
        : sobolDesign(2 * Number(r), Number(n), { scramble: false });
    const design = Float32Array.from(replicatedDesign(points).data);
    const golden = readNpy(goldenPath(`designs/${file}`));
    recordDeviation(`replicated ${sampler} design`, maxAbs(design, golden.data), 0); // copies
  });
});
