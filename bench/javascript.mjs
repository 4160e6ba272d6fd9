// NMF against what JavaScript's tensor libraries can do: neither tfjs nor jax-js has an NMF, so multiplicative updates
// (Lee and Seung, 2001) are written in their terms, from the same random start.
//
//   npm run build && node bench/javascript.mjs [STEPS]
//
// The libraries are no dependencies of this project: they are looked for in the project and in $CRAFT_BENCH_RIVALS, a
// folder with a node_modules (npm i @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm @jax-js/jax). One thread each.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nmf } from 'craft-xai';
import { nmfLike, reluFeatures } from './data.mjs';
import { machine } from './measure.mjs';

const steps = Number(process.argv[2] ?? 100);
const [n, p, r] = [4800, 2048, 10];
const from = createRequire(join(process.env.CRAFT_BENCH_RIVALS ?? process.cwd(), 'package.json'));
globalThis.navigator ??= {}; // Node before 21, jax-js asks it for WebGPU
const rivals = [
  ['tfjs (wasm)', '@tensorflow/tfjs-core', tfjs],
  ['jax-js (wasm)', '@jax-js/jax', jaxJs],
];

console.log(`${machine()}\n\n${n} × ${p}, r = ${r}; seconds of CPU after a first, unmeasured, run\n`);
console.log('| matrix | library | CPU | loss / ours − 1 |\n| --- | --- | --- | --- |');
for (const [name, data] of [
  ['NMF-like', nmfLike(n, p, 20, 1)],
  ['ReLU features', reluFeatures(n, p, 2)],
]) {
  const ours = async () => (await nmf({ data, dims: [n, p] }, { rank: r, threads: 1 })).loss;
  await ours();
  const [loss, seconds] = await cpu(ours);
  console.log(`| ${name} | craft-xai | ${seconds.toFixed(2)} | 0 |`);
  for (const [label, module, make] of rivals) {
    const run = await rival(module, make, data);
    if (!run) continue;
    await run(2);
    const [factors, time] = await cpu(() => run(steps));
    const theirs = lossOf(data, ...factors);
    console.log(
      `| ${name} | ${label}, ${steps} updates | ${time.toFixed(2)} | ${(theirs / loss - 1).toExponential(1)} |`,
    );
  }
}

async function rival(module, make, data) {
  try {
    from.resolve(module);
  } catch {
    console.error(`SKIPPED: ${module} is not installed`);
    return null;
  }
  const start = [random(n * r, 1), random(r * p, 2)];
  return make(data, start);
}

async function tfjs(data, [u, w]) {
  const tf = await load('@tensorflow/tfjs-core');
  const { setWasmPaths } = await load('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(from.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const A = tf.tensor2d(data, [n, p]);
  const updated = (X, up, down) => tf.mul(X, tf.div(up, tf.add(down, 1e-9)));
  return async (count) => {
    let [U, W] = [tf.tensor2d(u, [n, r]), tf.tensor2d(w, [r, p])];
    for (let k = 0; k < count; k++) {
      const [nextU, nextW] = tf.tidy(() => {
        const V = updated(U, tf.matMul(A, W, false, true), tf.matMul(U, tf.matMul(W, W, false, true)));
        return [V, updated(W, tf.matMul(V, A, true), tf.matMul(tf.matMul(V, V, true), W))];
      });
      tf.dispose([U, W]);
      [U, W] = [nextU, nextW];
    }
    return Promise.all([U.data(), W.data()]);
  };
}

async function jaxJs(data, [u, w]) {
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np } = jax;
  const A = np.array(data, { shape: [n, p] });
  const T = (x) => np.transpose(x);
  const updated = (X, up, down) => X.mul(up.div(down.add(1e-9)));
  // an array is used up by its first use unless .ref says that there is another
  const step = jax.jit((A, U, W) => {
    const V = updated(U.ref, np.matmul(A.ref, T(W.ref)), np.matmul(U, np.matmul(W.ref, T(W.ref))));
    const X = updated(W.ref, np.matmul(T(V.ref), A), np.matmul(np.matmul(T(V.ref), V.ref), W));
    return [V, X];
  });
  return async (count) => {
    let [U, W] = [np.array(u, { shape: [n, r] }), np.array(w, { shape: [r, p] })];
    for (let k = 0; k < count; k++) [U, W] = step(A.ref, U, W);
    return [await U.data(), await W.data()];
  };
}

/** The module as an import finds it (jax-js has no CommonJS). */
function load(module) {
  return import(pathToFileURL(from.resolve(module)).href);
}

async function cpu(work) {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1e6];
}

/** Uniform in (0, 1), xorshift32. */
function random(length, seed) {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / (2 ** 32 + 1);
  });
}

/** ½‖A − U W‖² in float64. */
function lossOf(A, U, W) {
  let total = 0;
  const row = new Float64Array(p);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < p; j++) row[j] = A[i * p + j];
    for (let t = 0; t < r; t++) for (let j = 0; j < p; j++) row[j] -= U[i * r + t] * W[t * p + j];
    for (let j = 0; j < p; j++) total += row[j] * row[j];
  }
  return total / 2;
}
