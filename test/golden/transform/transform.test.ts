import { describe, expect, it } from 'vitest';
import { nnls, transformCd } from '../../../src/math/nnls.ts';
import { maxOfMax, recordDeviation } from '../deviations.ts';
import { float64, goldenPath, readNpy, readNpz, scalar } from '../npy.ts';

describe.each(['cnn', 'sparse', 'wide'])('coefficients of new rows on %s', (set) => {
  const golden = readNpz(goldenPath(`transform/${set}.npz`));
  const Y = float64(golden.Y);

  it('nnls is scipy.optimize.nnls', async () => {
    const { data } = await nnls(Y, golden.W);
    // both solve the active set exactly: float64 rounding times the condition of W
    recordDeviation('nnls against scipy', maxOfMax(data, golden.U_nnls.data), 1e-8);
    recordDeviation('nnls against descent with tol 1e-14', maxOfMax(data, golden.U_cd_tight.data), 1e-8);
  });

  it('transformCd is NMF.transform', () => {
    const { U, iterations } = transformCd(Y, golden.W);
    expect(iterations).toBe(scalar(golden.n_iter_f64));
    recordDeviation('transformCd, float64', maxOfMax(U.data, golden.U_cd_f64.data), 1e-9); // same sweeps
    recordDeviation('transformCd, float32 reference', maxOfMax(U.data, golden.U_cd_f32.data), 2e-4);
  });

  it('transformCd of single rows', () => {
    const [n, p] = Y.dims;
    const rows = Array.from({ length: n }, (_, i) => [
      ...transformCd({ data: Y.data.subarray(i * p, (i + 1) * p), dims: [1, p] }, golden.W).U.data,
    ]).flat();
    recordDeviation('transformCd, row by row', maxOfMax(rows, golden.U_cd_rowwise_f64.data), 1e-9); // same sweeps
  });
});

describe.each(['craft4d', 'craft2d', 'craft_tv'])('coefficients of whole inputs of %s', (folder) => {
  const { fit_W: W, transform_U } = readNpz(goldenPath(`${folder}/deel.npz`));
  const rows = channelsLast(readNpy(goldenPath(`${folder}/features.npy`)));

  it('nnls is scipy.optimize.nnls', async () => {
    const { U } = readNpz(goldenPath(`${folder}/exact_nnls.npz`));
    const { data } = await nnls(rows, W);
    recordDeviation('nnls of feature maps', maxOfMax(data, U.data), 1e-5); // stored in float32
  });

  it('transformCd is Craft.transform', () => {
    // the reference ran in float32 over the whole batch
    recordDeviation('Craft.transform', maxOfMax(transformCd(rows, W).U.data, transform_U.data), 2e-4);
  });
});

describe('coefficients of texts', () => {
  it('nnls is scipy.optimize.nnls', async () => {
    const { activations, fit_W, exact_nnls_U } = readNpz(goldenPath('text/craft.npz'));
    const { data } = await nnls(float64(activations), fit_W);
    recordDeviation('nnls of texts', maxOfMax(data, exact_nnls_U.data), 1e-8);
  });
});

/** [N, C, H, W] → [N·H·W, C] in float64; [N, C] as it is. */
function channelsLast({ data, dims }: ReturnType<typeof readNpy>): { data: Float64Array; dims: number[] } {
  const [N, C, ...space] = dims;
  const places = space.reduce((a, b) => a * b, 1);
  const out = new Float64Array(data.length);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let s = 0; s < places; s++) out[(n * places + s) * C + c] = data[(n * C + c) * places + s];
    }
  }
  return { data: out, dims: [N * places, C] };
}
