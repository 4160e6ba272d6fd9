// Whole programs, timed from outside: the command line of the package, and whatever it is compared with.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const probe = new URL('./probe.mjs', import.meta.url).href;
export const cli = fileURLToPath(new URL('../dist/bundle/cli.js', import.meta.url));

/** r, N, patch size and seed of every run here. */
export const settings = { concepts: 10, nbDesign: 32, patchSize: 64, seed: 0 };

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ threads: number, env?: Record<string, string> }} options - threads: the program is kept on
 *   that many cores where the system has taskset.
 * @returns {Promise<number>} wall seconds, start and end of the process included.
 */
export function timed(command, args, { threads, env = {} }) {
  const [program, ...rest] = [...pinned(threads), command, ...args];
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, rest, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors = (errors + chunk).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve(seconds);
      else reject(new Error(`${command} ${args.slice(0, 3).join(' ')}: exit ${code}\n${errors}`));
    });
  });
}

const taskset = '/usr/bin/taskset'; // util-linux

function pinned(threads) {
  return existsSync(taskset) && threads < availableParallelism() ? [taskset, '-c', `0-${threads - 1}`] : [];
}

/**
 * One `craft-xai explain`, from nothing: its cache folder is new and empty.
 *
 * @param {string} folder - temporary; what the run writes there is removed again.
 * @param {{ model: string, images: string, count: number, classId: string, rows: string, threads: number }} run
 * @returns wall and cpu seconds, peak bytes, and the explanation.
 */
export async function runExplain(folder, { model, images, count, classId, rows, threads }) {
  const [out, usage, cache] = ['explanation', 'usage.json', 'cache'].map((name) => join(folder, name));
  const args = ['--import', probe, cli, 'explain', model, images, '--class', classId, '--out', out];
  args.push('--rows', rows, '--limit', `${count}`, '--threads', `${threads}`);
  args.push('--concepts', `${settings.concepts}`, '--nb-design', `${settings.nbDesign}`);
  args.push('--patch-size', `${settings.patchSize}`, '--seed', `${settings.seed}`);
  if (hasCacheSwitch()) args.push('--no-cache');
  const env = { CRAFT_BENCH_USAGE: usage, XDG_CACHE_HOME: cache };
  const wall = await timed(process.execPath, args, { threads, env });
  const explanation = JSON.parse(readFileSync(join(out, 'explanation.json'), 'utf8'));
  const used = JSON.parse(readFileSync(usage, 'utf8'));
  for (const path of [out, usage, cache]) rmSync(path, { recursive: true, force: true });
  return { wall, ...used, explanation };
}

let cacheSwitch;

function hasCacheSwitch() {
  cacheSwitch ??= spawnSync(process.execPath, [cli, 'explain', '--help'], { encoding: 'utf8' }).stdout;
  return cacheSwitch.includes('--no-cache');
}

/** The machine in a line; figures without it mean nothing. */
export function machine() {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {readonly (readonly unknown[])[]} rows - the first is the head. */
export function table([head, ...rows]) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
