import { describe, expect, it } from 'vitest';
import { nmf } from '../../../src/math/nmf.ts';
import { initialFactors } from '../../../src/math/nmf-init.ts';
import { pace } from '../../../src/math/pace.ts';
import { leadingSvd } from '../../../src/math/svd.ts';
import { maxOfMax, recordDeviation } from '../deviations.ts';
import { float64, goldenPath, readNpz, scalar } from '../npy.ts';

// The *_exact arrays are NNDSVD's formulas on LAPACK's SVD: float64 rounding times the gaps between
// singular values, hence 1e-8. The randomised ones (*_sk) are another SVD and no reference for us.
describe.each(['cnn', 'sparse', 'wide'])('start of nmf on %s', (set) => {
  const golden = readNpz(goldenPath(`init/${set}.npz`));
  const A = float64(golden.X);
  const rank = scalar(golden.r);

  it.each(['nndsvd', 'nndsvda'] as const)('%s from the exact SVD', async (init) => {
    const { U, W } = await initialFactors(A, rank, init, 0, pace('test'));
    recordDeviation(`${init}, U`, maxOfMax(U, golden[`${init}_exact_U`].data), 1e-8);
    recordDeviation(`${init}, W`, maxOfMax(W, golden[`${init}_exact_W`].data), 1e-8);
  });

  it('has the singular values of LAPACK', async () => {
    const expected = golden.singular_values.data;
    const { s } = await leadingSvd(A, expected.length, 0, pace('test'));
    recordDeviation('singular values', maxOfMax(s, expected), 1e-12); // float64 rounding
  });

  it('leads nmf to the same fit', async () => {
    const { U, W, iterations, loss } = await nmf(A, { solver: 'cd', rank });
    expect(iterations).toBe(scalar(golden.fit_exact_niter));
    recordDeviation('fit from own nndsvda, U', maxOfMax(U.data, golden.fit_exact_U.data), 1e-6);
    recordDeviation('fit from own nndsvda, W', maxOfMax(W.data, golden.fit_exact_W.data), 1e-6);
    const error = Math.sqrt(2 * loss);
    recordDeviation('fit from own nndsvda, error', Math.abs(error / scalar(golden.fit_exact_err) - 1), 1e-9);
  });
});
