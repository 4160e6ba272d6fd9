// The Python reference's way of working (rivals/reference.py), as a program that is measured.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { write } from './data.mjs';
import { settings, timed } from './measure.mjs';

/** Python with torch and scikit-learn: Debian's, unless the environment names another. */
const python = process.env.CRAFT_BENCH_PYTHON ?? '/usr/bin/python3';
const rivals = fileURLToPath(new URL('./rivals/', import.meta.url));

/**
 * glibc gives large blocks back to the system at once, and torch then pays for new pages at every operator: several
 * times the arithmetic on a virtual machine. With these settings it keeps them, as ONNX Runtime does by itself: less time,
 * more memory.
 */
const keptMemory = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: `${2 ** 40}` };

/** What the reference needs and this machine has not, in words; null if all is there. */
export function missingInPython() {
  const modules = 'import numpy, onnx, PIL, scipy, sklearn, torch';
  const found = spawnSync(python, ['-c', modules], { encoding: 'utf8' });
  if (found.status === 0) return null;
  return `${python}: ${found.stderr?.trim().split('\n').at(-1) ?? 'not found'}`;
}

/** Writes the model as ONNX, with what the reference must know of it, and checks that torch computes the same. */
export async function prepareReference(folder, run) {
  const { loadClassifier, openImageFolder } = await import('../dist/node.js');
  const { importModel } = await import('../dist/runtimes/load-classifier.js');
  const classifier = await loadClassifier(run.model, { threads: run.threads });
  const { preprocess } = classifier;
  if (
    preprocess.resizeMode !== 'stretch' ||
    preprocess.layout !== 'NCHW' ||
    preprocess.channelOrder !== 'RGB'
  ) {
    throw new Error(
      'reference.mjs: the reference here stretches images to NCHW in RGB; this model wants another',
    );
  }
  const path = write(folder, 'model.onnx', importModel(readFileSync(run.model)).model);
  const args = ['--layer', classifier.layer.tensor, '--logits', classifier.model.output.name];
  args.push('--mean', preprocess.mean.map((v) => v / preprocess.rescale).join(','));
  args.push('--std', preprocess.std.map((v) => v / preprocess.rescale).join(','));
  const images = await openImageFolder(run.images, { preprocess, limit: 4, batchSize: 4 });
  const note = await checkTorch(folder, run, path, classifier, images);
  await classifier.release();
  return { path, args, note };
}

async function checkTorch(folder, run, model, classifier, images) {
  let largest = 0;
  for await (const batch of images) {
    const latent = await classifier.inputToLatent(batch);
    const expected = { latent, logits: await classifier.latentToLogit(latent) };
    const input = write(folder, 'input.f32', batch.data);
    const args = ['--model', model, '--input', input, '--count', `${batch.dims[0]}`, '--out', folder];
    args.push('--latent', classifier.layer.tensor, '--logits', classifier.model.output.name);
    await timed(python, ['-B', join(rivals, 'onnx_torch.py'), ...args], { threads: run.threads });
    for (const [name, { data }] of Object.entries(expected)) {
      largest = Math.max(largest, relativeDifference(readFloats(join(folder, `${name}.f32`)), data));
    }
  }
  // float32 convolutions in another order of summation differ by about 1e-6 of the largest value
  if (!(largest <= 1e-4))
    throw new Error(`reference.mjs: torch and ONNX Runtime differ by ${largest} of the largest value`);
  return `torch and ONNX Runtime agree to ${largest.toExponential(1)} of the largest value`;
}

function readFloats(path) {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

function relativeDifference(a, b) {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [difference, scale] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return difference / scale;
}

/**
 * @param {{ path: string, args: string[] }} onnx - as prepareReference gives it.
 * @param {{ rows: string, keepMemory: boolean }} how
 * @returns wall and cpu seconds, peak bytes, and what rivals/reference.py says of its run.
 */
export async function runReference(folder, run, { path, args }, { rows, keepMemory }) {
  const out = join(folder, 'reference.json');
  const given = [
    join(rivals, 'reference.py'),
    '--model',
    path,
    '--images',
    run.images,
    '--out',
    out,
    ...args,
  ];
  given.push('--class-id', run.classId, '--count', `${run.count}`, '--rows', rows);
  given.push('--concepts', `${settings.concepts}`, '--nb-design', `${settings.nbDesign}`);
  given.push('--patch-size', `${settings.patchSize}`, '--seed', `${settings.seed}`);
  given.push('--threads', `${run.threads}`);
  const threads = { OMP_NUM_THREADS: `${run.threads}`, OPENBLAS_NUM_THREADS: `${run.threads}` };
  const env = { ...threads, ...(keepMemory ? keptMemory : {}) };
  const wall = await timed(python, given, { threads: run.threads, env });
  const result = JSON.parse(readFileSync(out, 'utf8'));
  rmSync(out);
  return { ...result, wall, ...result.usage };
}
