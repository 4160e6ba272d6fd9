// `explain --maps`, `explain --evaluate` and `evaluate` as a user runs them.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadExplanation } from '../../src/store/explanation-fs.ts';
import { craft } from './run.ts';
import { type Toy, writeToy } from './toy.ts';

let toy: Toy;
let out: string;
beforeAll(async () => {
  toy = await writeToy(8);
  out = join(toy.folder, 'out');
});
afterAll(() => rmSync(toy.folder, { recursive: true }));

const explain = (...more: string[]) => {
  const words = ['explain', toy.model, toy.images, '--class', 'triangle', '--out', out];
  return craft([...words, '--concepts', '3', '--patch-size', '32', ...more]);
};
const evaluate = (...more: string[]) =>
  craft(['evaluate', out, '--model', toy.model, '--images', toy.images, ...more]);

it('keeps maps of the methods that are asked for, tests them, and shows both', async () => {
  const explained = await explain('--maps', 'grad-cam,occlusion');
  expect(explained.stderr).not.toContain('fault');
  expect(explained.code).toBe(0);
  const { matrices } = await loadExplanation(out);
  expect(Object.keys(matrices.mapsBy!).sort()).toEqual(['grad-cam', 'occlusion']);

  const tested = await evaluate('--methods', 'grad-cam,occlusion', '--limit', '2', '--steps', '8');
  expect(tested.code).toBe(0);
  expect(tested.stdout).toBe(`${join(out, 'index.html')}\n`);
  expect(tested.stderr).toMatch(/grad-cam +0\.\d\d \[/);
  expect(tested.stderr).toMatch(/importance +deletion/);
  const evaluation = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8'));
  expect(evaluation).toMatchObject({ format: 'craft-xai/evaluation', version: 1 });
  const page = readFileSync(join(out, 'index.html'), 'utf8');
  expect(page.includes('"conceptOrders"') && page.includes('"occlusion"')).toBe(true);

  const report = await craft(['report', out]);
  expect(report.code).toBe(0);
  expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe(page);
});

it('gives JSON alone on stdout, and says what is wrong', async () => {
  const json = await evaluate('--methods', 'latent', '--limit', '1', '--steps', '4', '--json');
  expect(JSON.parse(json.stdout).images).toHaveLength(1);
  const unknown = await evaluate('--methods', 'magic');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toMatch(/grad-cam.*"magic"/);
  const nowhere = await craft(['evaluate', join(toy.folder, 'none'), '-m', toy.model, '-i', toy.images]);
  expect(nowhere).toMatchObject({ code: 1, stdout: '' });
  expect(nowhere.stderr).toContain('[FILE]');
});

it('evaluates along the way', async () => {
  const explained = await explain('--evaluate', '--maps', 'grad-cam', '--limit', '6');
  expect(explained.code).toBe(0);
  expect(existsSync(join(out, 'evaluation.json'))).toBe(true);
  expect(explained.stderr).toMatch(/latent +0/);
  expect(explained.stderr).not.toContain('occlusion'); // only what the page shows
});
