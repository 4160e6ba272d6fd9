// Seeded matrices that stand for activations; raw float32 in a temporary folder, which the rivals read.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whole-number generator (xorshift32) and sums of twelve uniforms for a bell: the same on every machine. */
function source(seed) {
  let state = (Math.imul(seed + 1, 0x9e3779b9) ^ 0x85ebca6b) | 0 || 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const bell = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  };
  return { uniform, bell };
}

/**
 * `concepts` sparse factors, times noise, less a threshold: what NMF is made for.
 *
 * @returns {Float32Array} [n, p], about 45 % zeros.
 */
export function nmfLike(n, p, concepts, seed) {
  const { uniform, bell } = source(seed);
  const U = Float64Array.from({ length: n * concepts }, () => (uniform() < 0.3 ? Math.abs(bell()) : 0));
  const W = Float64Array.from({ length: concepts * p }, () => (uniform() < 0.2 ? Math.abs(bell()) : 0));
  return product(U, W, n, p, concepts, (value) => value * (1 + 0.2 * bell()) + 0.4 * bell() - 0.4);
}

/**
 * ReLU of a random projection of a mixture, as a layer of a network gives: no low rank underneath.
 *
 * @returns {Float32Array} [n, p], about 73 % zeros.
 */
export function reluFeatures(n, p, seed) {
  const { uniform, bell } = source(seed);
  const hidden = 64;
  const classes = 12;
  const centres = Float64Array.from({ length: classes * hidden }, bell);
  const U = new Float64Array(n * hidden);
  for (let i = 0; i < n; i++) {
    const c = Math.floor(uniform() * classes) * hidden;
    for (let t = 0; t < hidden; t++) U[i * hidden + t] = centres[c + t] + bell();
  }
  const W = Float64Array.from({ length: hidden * p }, () => bell() / Math.sqrt(hidden));
  return product(U, W, n, p, hidden, (value) => value - 0.9);
}

/** [n, p] ≥ 0 with `share` of its entries drawn, uniform: no structure at all. */
export function sparseNoise(n, p, share, seed) {
  const { uniform } = source(seed);
  return Float32Array.from({ length: n * p }, () => (uniform() < share ? uniform() : 0));
}

function product(U, W, n, p, k, finish) {
  const out = new Float32Array(n * p);
  const row = new Float64Array(p);
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let t = 0; t < k; t++) {
      const u = U[i * k + t];
      if (u !== 0) for (let j = 0; j < p; j++) row[j] += u * W[t * p + j];
    }
    for (let j = 0; j < p; j++) out[i * p + j] = Math.max(0, finish(row[j]));
  }
  return out;
}

export function shareOfZeros(data) {
  let zeros = 0;
  for (const v of data) if (v === 0) zeros++;
  return zeros / data.length;
}

/** Runs `work` with a new folder, which is removed afterwards. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'craft-xai-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns {string} path of a file with the array's bytes. */
export function write(folder, name, data) {
  const path = join(folder, name);
  writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return path;
}
