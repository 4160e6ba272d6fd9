import ort from 'onnxruntime-node';
import { describe, it } from 'vitest';
import { nnlsJvp, nnlsVjp } from '../../../src/math/implicit.ts';
import { nnls } from '../../../src/math/nnls.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { maxOfMax, recordDeviation } from '../deviations.ts';
import { goldenPath, readNpz } from '../npy.ts';

// Closed form and central differences of scipy.optimize.nnls, float64
describe.each(['random', 'cnn', 'text'])('derivative of nnls on %s', (set) => {
  const { A, W, U, v, vjp, J_closed, J_fd } = readNpz(goldenPath(`implicit/${set}.npz`));
  const [n, r] = U.dims;

  it('has the coefficients', async () => {
    recordDeviation('implicit: U', maxOfMax((await nnls(A, W)).data, U.data), 1e-8);
  });

  it('pulls a cotangent back', async () => {
    const own = await nnls(A, W);
    recordDeviation('implicit: vjp', maxOfMax(nnlsVjp(own, W, v).data, vjp.data), 1e-8);
  });

  it('pushes a tangent forward', () => {
    // J · ȧ with the rows of A as tangents, against the Jacobian that is given
    const p = W.dims[1];
    const pushed = Float64Array.from({ length: n * r }, (_, at) => {
      const i = Math.floor(at / r);
      let sum = 0;
      for (let c = 0; c < p; c++) sum += J_closed.data[at * p + c] * A.data[i * p + c];
      return sum;
    });
    recordDeviation('implicit: jvp', maxOfMax(nnlsJvp(U, W, A).data, pushed), 1e-8);
  });

  it('is the Jacobian, one coefficient at a time', () => {
    const p = W.dims[1];
    const J = new Float64Array(n * r * p);
    for (let k = 0; k < r; k++) {
      const data = Float64Array.from({ length: n * r }, (_, at) => (at % r === k ? 1 : 0));
      const rows = nnlsVjp(U, W, { data, dims: [n, r] }).data;
      for (let i = 0; i < n; i++) J.set(rows.subarray(i * p, (i + 1) * p), (i * r + k) * p);
    }
    recordDeviation('implicit: J, closed form', maxOfMax(J, J_closed.data), 1e-8);
    recordDeviation('implicit: J, finite differences', maxOfMax(J, J_fd.data), 1e-5); // their truncation
  });
});

// The reference's concept Grad-CAM, in float32: ReLU(Σ_c J_ic A_c(x, y)) / (HW) at the last feature map A,
// J_i the gradient of concept i with respect to the mean of A.
describe('concept Grad-CAM at the concept layer', () => {
  it('follows in closed form from nnlsVjp', async () => {
    const { W, U, pooled, inputs_u8, maps_last } = readNpz(goldenPath('implicit/gradcam_cnn.npz'));
    const coefficients = await nnls(pooled, W);
    recordDeviation('Grad-CAM: U', maxOfMax(coefficients.data, U.data), 1e-5); // pooled is float32

    const [n, r, h, w] = maps_last.dims;
    const features = await featuresOf(inputs_u8);
    const c = W.dims[1];
    const maps = new Float64Array(maps_last.data.length);
    for (let i = 0; i < r; i++) {
      const cotangent = {
        data: Float64Array.from({ length: n * r }, (_, k) => (k % r === i ? 1 : 0)),
        dims: [n, r],
      };
      const J = nnlsVjp(coefficients, W, cotangent).data;
      for (let k = 0; k < n; k++) {
        for (let xy = 0; xy < h * w; xy++) {
          let sum = 0;
          for (let q = 0; q < c; q++) sum += J[k * c + q] * features[(k * c + q) * h * w + xy];
          maps[(k * r + i) * h * w + xy] = Math.max(0, sum) / (h * w);
        }
      }
    }
    recordDeviation('Grad-CAM: maps at the last layer', maxOfMax(maps, maps_last.data), 1e-4); // g in float32
  });
});

async function featuresOf(images: Tensor): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(goldenPath('models/cnn.g.onnx'));
  const pixels = Float32Array.from(images.data, (v) => (v / 255 - 0.5) / 0.25);
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor(pixels, [...images.dims]) });
  return outputs[session.outputNames[0]].data as Float32Array;
}
