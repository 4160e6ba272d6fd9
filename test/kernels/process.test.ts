// Worker threads do not keep a process alive: a script that used them ends by itself.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('ends with its threads idle, and gives results before it does', { timeout: 120_000 }, async () => {
  const contents = `
    import { nmf } from './src/math/nmf.ts';
    const data = Float32Array.from({ length: 900 * 700 }, (_, k) => (k * 7919) % 101);
    const rows = { rows: 900, columns: 700, chunks: () => [{ data, dims: [900, 700] }] };
    const fits = await Promise.all([1, 2].map((seed) => nmf(rows, { rank: 5, seed, threads: 3, maxIter: 3 })));
    const again = await nmf(rows, { rank: 5, seed: 1, threads: 1, maxIter: 3 });
    console.log(fits.length, fits[0].loss === again.loss);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(import.meta.dirname, '../..') },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const folder = await mkdtemp(join(tmpdir(), 'craft-kernels-'));
  try {
    const script = join(folder, 'run.mjs');
    await writeFile(script, outputFiles[0].text);
    // killed, and so a failure, if it did not end long before the threads' own end after 10 s would matter
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
    expect(stdout.trim()).toBe('2 true');
  } finally {
    await rm(folder, { recursive: true });
  }
});
