// The README does what it says: its programs and commands run, on a small real model.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CraftErrorCode } from '../../src/errors.ts';
import { craft } from '../cli/run.ts';
import { type Toy, writeToy } from '../cli/toy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((m) => m[1]);
const run = promisify(execFile);

let toy: Toy;
beforeAll(async () => {
  toy = await writeToy();
  renameSync(toy.model, join(toy.folder, 'model.onnx'));
  renameSync(toy.images, join(toy.folder, 'photos'));
  writeFileSync(join(toy.folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(toy.folder, 'node_modules'));
  symlinkSync(root, join(toy.folder, 'node_modules', 'craft-xai'));
});
afterAll(() => rmSync(toy.folder, { recursive: true }));

describe('README', () => {
  it.each(blocks('js').map((code, k) => [k, code] as const))('program %i runs', async (k, code) => {
    const file = join(toy.folder, `program-${k}.mjs`);
    writeFileSync(file, code);
    const { stdout } = await run(process.execPath, [file], { cwd: toy.folder });
    expect(stdout).not.toBe('');
  });

  const commands = blocks('sh').flatMap((block) =>
    block.split('\n').filter((line) => line.startsWith('npx craft-xai ')),
  );
  it.each(commands)('%s', async (line) => {
    const { code, stderr } = await craft(line.split(' ').slice(2), toy.folder);
    expect(stderr).not.toMatch(/\[[A-Z_]+\]$/m);
    expect(code).toBe(0);
  });

  it('tells of the files that explain leaves', () => {
    for (const name of ['index.html', 'explanation.json', 'concepts.safetensors', 'assets']) {
      expect(readme).toContain(name);
      expect(existsSync(join(toy.folder, 'out', name))).toBe(true);
    }
  });
});

it('docs/errors.md lists every code and no other', () => {
  const declared = [
    ...readFileSync(join(root, 'src/errors.ts'), 'utf8').matchAll(/^ {2}\| '([A-Z_]+)'/gm),
  ].map((m) => m[1] as CraftErrorCode);
  const listed = [
    ...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` *\|/gm),
  ].map((m) => m[1]);
  expect(listed).toEqual(declared);
});
