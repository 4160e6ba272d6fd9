// One run of everything on the kernels, reduced to a hash: the same in Node and in a browser, for any number of threads.

import { replicatedDesign, sobolDesign } from '../../src/math/designs.ts';
import { sobolImportance } from '../../src/math/importance.ts';
import { nmf } from '../../src/math/nmf.ts';
import { nnls } from '../../src/math/nnls.ts';
import { semiNmf } from '../../src/math/semi-nmf.ts';
import { random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

/** U and W of nmf and semiNmf, nnls, and importance of its coefficients, on seeded matrices: several chunks, one, and odd shapes. */
export async function hashes(threads: number): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [n, p, rank] of [
    [1500, 460, 12],
    [333, 77, 6],
    [701, 515, 23],
  ]) {
    const A = matrix(n, p, n);
    const fit = await nmf(A, { rank, threads, maxIter: 2 });
    const signed = { data: A.data.map((v, k) => (k % 3 ? v : -v)), dims: A.dims };
    const semi = await semiNmf(signed, { rank, threads, maxIter: 2 });
    const coefficients = await nnls(A, fit.W, { threads });
    result[`${n} × ${p}, r = ${rank}, ${fit.solver}`] = await sha256([
      fit.U,
      fit.W,
      coefficients,
      semi.U,
      semi.W,
      ...importanceOf(coefficients),
    ]);
  }
  return result;
}

/** Designs, total indices and intervals of a score that is not linear in the first rows of U. */
function importanceOf(U: Tensor): Tensor[] {
  const [inputs, N] = [6, 32];
  const r = U.dims[1];
  const points = sobolDesign(2 * r, N, { seed: 1 });
  const masks = replicatedDesign(points);
  const rows = masks.dims[0];
  const y = Float64Array.from({ length: inputs * rows }, (_, k) => {
    const [n, m] = [Math.floor(k / rows), k % rows];
    let [sum, product] = [0, 1];
    for (let i = 0; i < r; i++) {
      const u = Number(U.data[n * r + i]) * masks.data[m * r + i];
      sum += u;
      product *= 1 + u / (1 + i);
    }
    return sum + product;
  });
  const outputs = { data: y, dims: [inputs, rows] };
  const { total, lower, upper } = sobolImportance({ outputs, nbDesign: N, estimator: 'jansen' });
  return [points, ...[total, lower, upper].map((data) => ({ data, dims: [r] }))];
}

function matrix(n: number, p: number, seed: number): Tensor<Float32Array> {
  const rng = random(seed);
  const concepts = 8;
  const [U, W] = [n, p].map((size) =>
    Float64Array.from({ length: size * concepts }, () => Math.max(0, rng.uniform() - 0.6)),
  );
  const data = Float32Array.from({ length: n * p }, (_, k) => {
    const [i, j] = [Math.floor(k / p), k % p];
    let sum = 0.1 * rng.uniform();
    for (let t = 0; t < concepts; t++) sum += U[i * concepts + t] * W[j * concepts + t];
    return Math.max(0, sum - 0.07);
  });
  return { data, dims: [n, p] };
}

async function sha256(tensors: Tensor[]): Promise<string> {
  const parts = tensors.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
