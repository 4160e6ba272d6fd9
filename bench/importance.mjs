// Importance of concepts: folded heads against the loop of the Python reference (rivals/importance_loop.py).
//
//   npm run build && node bench/importance.mjs [PAIRS] [IMAGES] [TEXTS]
//
// Timed is what follows the coefficients u, with h open: latents of every mask, h, the indices; ours with the opening
// of the folded head and with intervals, which the reference has not. Both get the same u, W and head and may use all
// cores. Ours is timed on its default, a scrambled Sobol design an input, as many scores as the reference takes on
// its one Halton design; a run more on that design tells whether both compute the same. Turns are taken in pairs.

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Head } from '../dist/craft/head.js';
import { estimateImportance } from '../dist/craft/importance.js';
import { latentShape } from '../dist/craft/layout.js';
import { haltonDesign, replicatedDesign } from '../dist/index.js';
import { headFolder } from '../dist/runtimes/fold-head.js';
import { nodeRuntime } from '../dist/runtimes/node.js';
import { sparseNoise, withFolder, write } from './data.mjs';
import { machine, median, table } from './measure.mjs';
import { mlp } from './mlp.mjs';

const pairs = Number(process.argv[2] ?? 3);
const images = Number(process.argv[3] ?? 300);
const texts = Number(process.argv[4] ?? 1024);
const python = process.env.CRAFT_BENCH_PYTHON ?? '/usr/bin/python3';
const rival = fileURLToPath(new URL('./rivals/importance_loop.py', import.meta.url));
const N = 32;
const classId = 3;

const map = { inputs: images, r: 10, grid: 8, activation: 'Relu' };
const cases = [
  { name: 'maps 8×8×2048, linear head', ...map, widths: [2048, 1000], method: 'auto' },
  { name: 'the same, sampled', ...map, widths: [2048, 1000], method: 'sobol' },
  { name: 'maps 8×8×2048, 512 hidden', ...map, widths: [2048, 512, 1000], method: 'auto' },
  {
    name: 'texts of 1024, tanh head',
    inputs: texts,
    r: 20,
    grid: null,
    activation: 'Tanh',
    widths: [1024, 1024, 22],
    method: 'auto',
  },
];

const runtime = await nodeRuntime();
const torch = torchVersion();
console.log(
  `${machine()}; ${torch === null ? 'no torch' : `torch ${torch}`}; N = ${N}, medians of ${pairs} pairs\n`,
);
const head = ['case', 'inputs', 'path', 'reference loop, s', 'craft-xai, s', 'ratio', 'largest difference'];
console.log(table([head]));
for (const each of cases) {
  const cells = await withFolder((folder) => measure(folder, each));
  console.log(`| ${cells.join(' | ')} |`);
}

async function measure(folder, { name, inputs, r, grid, activation, widths, method }) {
  const [p] = widths;
  const T = grid === null ? 1 : grid * grid;
  const u = sparseNoise(inputs * T, r, 0.6, 1);
  const W = { data: sparseNoise(r, p, 0.5, 2), dims: [r, p] };
  const { model, weights } = mlp(folder, { widths, activation, grid });
  const masks = Float32Array.from(replicatedDesign(haltonDesign(2 * r, N)).data);
  const job = { inputs, r, p, N, grid: grid ?? 0, activation, widths, class_id: classId };
  const files = {
    u: write(folder, 'u.f32', u),
    W: write(folder, 'W.f32', W.data),
    masks: write(folder, 'masks.f32', masks),
    layers: weights,
  };
  const shape = latentShape([1, p, ...(grid === null ? [] : [grid, grid])], {
    layout: 'auto',
    prefixTokens: 0,
  });
  const coefficients = [{ data: u, count: inputs, rank: r, shape }];
  const ours = [];
  const theirs = [];
  let reference = null;
  for (let k = 0; k < pairs; k++) {
    ours.push((await importanceOf(model, W, coefficients, { method })).seconds);
    if (torch === null) continue;
    reference = loop({ ...job, ...files, threads: availableParallelism() });
    theirs.push(reference.seconds);
  }
  const { importance } = await importanceOf(model, W, coefficients, { method, sampler: 'halton' });
  const isSame = importance.method === 'sobol' && reference !== null;
  return [
    name,
    inputs,
    importance.path,
    reference ? median(theirs).toFixed(2) : '–',
    median(ours).toFixed(3),
    reference ? `${(median(theirs) / median(ours)).toFixed(0)}×` : '–',
    isSame
      ? largestDifference(importance.total, reference.importance).toExponential(0)
      : '– (exact, not sampled)',
  ];
}

async function importanceOf(model, W, coefficients, options) {
  const whole = await runtime.open(model);
  const h = async (latents) => (await whole.run({ latent: latents }))[whole.outputNames[0]];
  const start = performance.now();
  const folder = headFolder(runtime, { head: model, files: new Map() });
  const given = { head: new Head(h), foldHead: folder.fold, W, coefficients };
  const context = { ...given, affineHead: false, batchSize: 64, seed: 0 };
  const importance = await estimateImportance(context, { classId, nbDesign: N, ...options });
  const seconds = (performance.now() - start) / 1000;
  await folder.release();
  await whole.release();
  return { importance, seconds };
}

function largestDifference(a, b) {
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

function loop(job) {
  return JSON.parse(execFileSync(python, [rival, JSON.stringify(job)], { encoding: 'utf8' }));
}

function torchVersion() {
  try {
    const code = 'import torch; print(torch.__version__)';
    return execFileSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    console.error(
      `SKIPPED: the reference loop, as ${python} has no torch (Debian: python3-torch python3-numpy)`,
    );
    return null;
  }
}
