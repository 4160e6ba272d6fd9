// Runs the built command as a user would.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the commands keep: not in the cache of who runs the tests. */
export const CACHE = join(tmpdir(), `craft-xai-test-${process.pid}`);
process.env.CRAFT_XAI_CACHE = CACHE;
process.on('exit', () => rmSync(CACHE, { recursive: true, force: true }));

export const BIN = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs craft-xai with `words` in `cwd`, with more variables in its environment; never throws. */
export function craft(
  words: readonly string[],
  cwd?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const options = { cwd, env: { ...process.env, ...more }, maxBuffer: 2 ** 28 };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...words], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
