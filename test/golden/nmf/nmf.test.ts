import { describe, expect, it } from 'vitest';
import { nmf } from '../../../src/math/nmf.ts';
import { multiplicativeUpdates } from '../../../src/math/nmf-mu.ts';
import { pace } from '../../../src/math/pace.ts';
import { maxOfMax, recordDeviation } from '../deviations.ts';
import { float64, goldenPath, readNpy, readNpz, scalar } from '../npy.ts';

// scikit-learn 1.2.1. Float64 from the same start: another order of summation moves U and W by less
// than 1e-12 of their maximum in the reference itself; the tolerances leave room for 200 sweeps.
const SETS = ['cnn', 'sparse', 'wide'];

describe.each(SETS)('nmf, coordinate descent, on %s', (set) => {
  const golden = readNpz(goldenPath(`nmf/${set}_cd.npz`));
  const A = float64(golden.X);
  const rank = scalar(golden.r);
  const init = { U: golden.U0, W: golden.W0 };

  it.each([1, 2, 5, 20])('takes the same %i sweeps', async (maxIter) => {
    const { U, W, iterations } = await nmf(A, { solver: 'cd', rank, init, maxIter, tol: 0 });
    expect(iterations).toBe(maxIter);
    recordDeviation('nmf cd: k sweeps, U', maxOfMax(U.data, golden[`step${maxIter}_U`].data), 1e-9);
    recordDeviation('nmf cd: k sweeps, W', maxOfMax(W.data, golden[`step${maxIter}_W`].data), 1e-9);
  });

  const runs = Object.keys(golden).filter((k) => k.startsWith('cd_') && k.endsWith('_U'));
  it.each(runs.map((k) => k.slice(0, -2)))('converges as %s', async (run) => {
    const [, iter, alpha] = run.split('_');
    const options = {
      maxIter: Number(iter.slice(1)),
      alphaW: Number(alpha.slice(1)),
      l1Ratio: run.includes('_l1_') ? 1 : 0,
    };
    const { U, W, iterations, loss } = await nmf(A, { solver: 'cd', rank, init, ...options });
    const inFloat64 = run.endsWith('f64');
    const kind = inFloat64 ? 'float64' : 'float32 reference';
    const error = Math.sqrt(2 * loss);
    recordDeviation(
      `nmf cd: ${kind}, n_iter`,
      Math.abs(iterations - scalar(golden[`${run}_niter`])),
      inFloat64 ? 0 : 1,
    );
    recordDeviation(`nmf cd: ${kind}, U`, maxOfMax(U.data, golden[`${run}_U`].data), inFloat64 ? 1e-6 : 1e-3);
    recordDeviation(`nmf cd: ${kind}, W`, maxOfMax(W.data, golden[`${run}_W`].data), inFloat64 ? 1e-6 : 1e-3);
    recordDeviation(
      `nmf cd: ${kind}, error`,
      Math.abs(error / scalar(golden[`${run}_err`]) - 1),
      inFloat64 ? 1e-9 : 1e-5,
    );
  });
});

describe.each(SETS)('nmf, multiplicative updates, on %s', (set) => {
  const golden = readNpz(goldenPath(`nmf/${set}_mu.npz`));
  const A = float64(golden.X);
  const rank = scalar(golden.r);
  const init = { U: golden.U0, W: golden.W0 };

  describe.each([
    ['fro', 'frobenius'],
    ['kl', 'kullback-leibler'],
  ] as const)('%s', (key, betaLoss) => {
    it.each([1, 10])('takes the same %i steps', async (maxIter) => {
      const { U, W } = await nmf(A, { rank, init, solver: 'mu', betaLoss, maxIter, tol: 0 });
      recordDeviation(
        `nmf mu ${key}: k steps, U`,
        maxOfMax(U.data, golden[`mu_${key}_step${maxIter}_U`].data),
        1e-9,
      );
      recordDeviation(
        `nmf mu ${key}: k steps, W`,
        maxOfMax(W.data, golden[`mu_${key}_step${maxIter}_W`].data),
        1e-9,
      );
    });

    it('converges at the same iteration to the same factors', async () => {
      const start = { U: float64(golden.U0).data, W: float64(golden.W0).data };
      const penalty = { l1U: 0, l2U: 0, l1W: 0, l2W: 0 };
      const settings = { maxIter: 200, tol: 1e-4, penalty, pace: pace('test') };
      const { U, W, iterations, error } = await multiplicativeUpdates(A, start, betaLoss, settings);
      expect(iterations).toBe(scalar(golden[`mu_${key}_niter`]));
      recordDeviation(`nmf mu ${key}: U`, maxOfMax(U, golden[`mu_${key}_U`].data), 1e-5);
      recordDeviation(`nmf mu ${key}: W`, maxOfMax(W, golden[`mu_${key}_W`].data), 1e-5);
      recordDeviation(`nmf mu ${key}: error`, Math.abs(error / scalar(golden[`mu_${key}_err`]) - 1), 1e-8);
    });
  });
});

// Craft.fit of the reference ran in float32; a float64 solver differs by its rounding (measured in the
// reference: up to 4e-4 of the maximum, n_iter by 1).
describe.each([
  ['craft4d/deel', 200],
  ['craft4d/fork', 1000],
  ['craft2d/deel', 200],
  ['craft2d/fork', 1000],
  ['craft_tv/deel', 200],
  ['craft_tv/fork', 1000],
  ['text/craft', 1000],
])('nmf from the start of %s', (name, maxIter) => {
  const golden = readNpz(goldenPath(`${name}.npz`));
  const folder = name.split('/')[0];
  const start = golden.init_U0 ? golden : readNpz(goldenPath(`${folder}/deel.npz`));
  const A = float64(golden.activations ?? readNpy(goldenPath(`${folder}/patch_activations.npy`)));

  it('ends where Craft.fit ended', async () => {
    const rank = golden.fit_W.dims[0];
    const init = { U: start.init_U0, W: start.init_W0 };
    const { U, W, iterations, loss } = await nmf(A, { solver: 'cd', rank, init, maxIter });
    recordDeviation('Craft.fit from its start, n_iter', Math.abs(iterations - scalar(golden.n_iter)), 1);
    recordDeviation('Craft.fit from its start, U', maxOfMax(U.data, golden.fit_U.data), 1e-3);
    recordDeviation('Craft.fit from its start, W', maxOfMax(W.data, golden.fit_W.data), 1e-3);
    const error = Math.sqrt(2 * loss);
    recordDeviation(
      'Craft.fit from its start, error',
      Math.abs(error / scalar(golden.reconstruction_err) - 1),
      1e-5,
    );
  });
});
