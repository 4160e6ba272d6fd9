import { describe, expect, it } from 'vitest';
import { sobolImportance } from '../../../src/math/importance.ts';
import { glen, homma, janon, jansen, saltelli } from '../../../src/math/sobol.ts';
import { maxAbs, recordDeviation } from '../deviations.ts';
import { float64, goldenPath, readNpz, scalar } from '../npy.ts';

// craft/sobol/estimators.py of deel-ai/Craft@890c8d2
const estimators = { jansen, homma, janon, glen, saltelli };
const names = Object.keys(estimators) as (keyof typeof estimators)[];

describe.each(['ishigami', 'ishigami_large', 'sobolg6', 'sobolg8', 'sobolg6_small'])('on %s', (set) => {
  const golden = readNpz(goldenPath(`estimators/${set}.npz`));
  const N = scalar(golden.nb_design);

  it.each(names)('%s', (name) => {
    const outputs = float64(golden.outputs).data;
    outputs.fill(Number.NaN, N, 2 * N); // B is never read
    const st = estimators[name](outputs, N);
    recordDeviation(`${name}, float64`, maxAbs(st, golden[`${name}_nocast`].data), 1e-10); // order of sums
    recordDeviation(`${name}, float32 result`, maxAbs(st, golden[name].data), 2e-6); // its cast
    const rounded = estimators[name](Float32Array.from(outputs), N);
    // numpy sums float32 in float32
    recordDeviation(`${name}, float32 outputs`, maxAbs(rounded, golden[`${name}_y32`].data), 1e-4);
  });
});

describe.each(['model_cnn', 'model_text'])('on outputs of %s', (set) => {
  const golden = readNpz(goldenPath(`estimators/${set}.npz`));

  it.each(names)('%s, per input and as importance', (estimator) => {
    const nbDesign = scalar(golden.nb_design);
    const outputs = golden.outputs as { data: Float32Array; dims: number[] };
    const { perInput } = sobolImportance({ outputs, nbDesign, estimator, resamples: 1 });
    expect(perInput.dims).toEqual(golden[estimator].dims);
    recordDeviation(`${estimator}, model outputs`, maxAbs(perInput.data, golden[estimator].data), 1e-4); // float32 sums
  });
});

describe('on a constant output', () => {
  const golden = readNpz(goldenPath('estimators/constant_output.npz'));

  // the reference divides 0 by 0 (NaN; janon 1): on purpose not ours
  it.each(names)('%s is 0', (name) => {
    const st = estimators[name](golden.outputs.data as Float32Array, scalar(golden.nb_design));
    expect(st).toEqual(new Float64Array(golden[name].dims[0]));
  });
});
