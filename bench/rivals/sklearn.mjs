// Runs scikit-learn in a process of its own.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const python = process.env.PYTHON ?? '/usr/bin/python3';
const script = fileURLToPath(new URL('./sklearn_nmf.py', import.meta.url));

/** Its version, or null after saying that the comparison is skipped. */
export function sklearnVersion() {
  try {
    const code = 'import sklearn; print(sklearn.__version__)';
    return execFileSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    console.error(`SKIPPED: no scikit-learn for ${python} (Debian: python3-sklearn; another: $PYTHON)`);
    return null;
  }
}

/** @returns {{ cpu: number, wall: number, loss: number, iterations: number }} */
export function sklearn(mode, file, n, p, r, bank, oneThread = true) {
  const env = { ...process.env, ...(oneThread ? { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' } : {}) };
  const out = execFileSync(python, [script, mode, file, n, p, r, bank].map(String), {
    encoding: 'utf8',
    env,
  });
  return JSON.parse(out);
}

/** @returns {object[]} one line a repetition, the first with the library's start. */
export function craftXai(mode, file, n, p, r, bank, threads, repetitions) {
  const worker = fileURLToPath(new URL('./craft_xai.mjs', import.meta.url));
  const args = [worker, mode, file, n, p, r, bank, threads, repetitions].map(String);
  const out = execFileSync(process.execPath, args, { encoding: 'utf8' });
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
