// The built command on a small text classifier and files of texts, good and odd.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTextExplanation } from '../../src/store/text-explanation-fs.ts';
import { writeTextModel } from '../models/text-model-files.ts';
import { BIN, craft } from './run.ts';

const ATTACK = '<img src=x onerror=alert(1)>';
let folder: string;

const texts = [
  'the film was very good, the cafe was good',
  'the cafe was bad and the film was not good',
  'unbelievable film! the film was good, very good',
  'bad, bad, very bad film. the cafe was not bad',
  `the film was good ${ATTACK}`,
  'the cafe was not very good. the film was not good',
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'craft-text-'));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  writeTextModel(folder, 'mean', ['bad', 'good', ATTACK]);
  const rows = texts.map((text, n) => `"${text}",${n % 2 === 0 ? 'good' : 'bad'}`);
  write('reviews.csv', ['text,label', ...rows].join('\n'));
  write('nothing.csv', 'text,label\n,good\n  ,bad\n');
  write('white.txt', '\n \n\t\n');
  write('other.csv', 'a,b\n1,2\n');
  write('open.csv', 'text\n"never closed\n');
  write('broken.parquet', 'PAR1');
});
afterAll(() => rmSync(folder, { recursive: true }));

const explain = (file: string, ...more: string[]) =>
  craft(
    ['explain', 'model.onnx', file, '--class', 'good', '--concepts', '2', '--nb-design', '4', ...more],
    folder,
  );

describe('explain on texts', () => {
  it('writes files that load again and a page that no text can break; report writes the same page', async () => {
    const { code, stdout, stderr } = await explain('reviews.csv', '--compare', 'bad', '--out', 'out');
    expect([code, stdout]).toEqual([0, `${join('out', 'index.html')}\n`]);
    expect(stderr).toMatch(/What the model reads for “good”/);
    const { explanation, matrices } = await loadTextExplanation(join(folder, 'out'));
    expect(explanation.inputs.items).toHaveLength(texts.length);
    expect(explanation.compare?.groups.map(({ texts }) => texts)).toEqual([3, 3]);
    expect(matrices.U.dims).toEqual([matrices.units.dims[0], 2]);
    const page = readFileSync(join(folder, 'out/index.html'), 'utf8');
    expect(page.includes(ATTACK)).toBe(false);
    rmSync(join(folder, 'out/index.html'));
    expect((await craft(['report', 'out'], folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'out/index.html'), 'utf8') === page).toBe(true);
  });

  it('--json gives the explanation alone, and a class that is markup stays a string', async () => {
    const { code, stdout } = await explain('reviews.csv', '--class', ATTACK, '--out', 'json', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).class).toEqual({ id: 2, label: ATTACK });
    expect(readFileSync(join(folder, 'json/index.html'), 'utf8').includes(ATTACK)).toBe(false);
  });

  it('--dry-run counts and writes nothing', async () => {
    const { code, stdout } = await explain('reviews.csv', '--out', 'dry', '--dry-run', '--json');
    expect(code).toBe(0);
    const { texts: count, units, encoderRuns } = JSON.parse(stdout);
    expect(count).toBe(texts.length);
    expect(encoderRuns).toBeGreaterThanOrEqual(units + count);
    expect(readdirSync(folder)).not.toContain('dry');
  });
});

describe('Ctrl-C', () => {
  it('ends with 130 and leaves nothing half-written, and the same run then writes all', async () => {
    const args = [
      'explain',
      'model.onnx',
      'reviews.csv',
      '--class',
      'good',
      '--concepts',
      '2',
      '--out',
      'stopped',
    ];
    // enough masks that it is in the middle for long
    const child = spawn(process.execPath, [BIN, ...args, '--nb-design', '16384'], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
      if (/rank|concept/i.test(String(text))) child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr.includes('[ABORTED]')]).toEqual([130, true]);
    const left = readdirSync(folder).filter((name) => name.startsWith('.') || name.startsWith('stopped'));
    expect(left).toEqual([]);
    expect((await explain('reviews.csv', '--out', 'stopped')).code).toBe(0);
    const { explanation } = await loadTextExplanation(join(folder, 'stopped'));
    expect(explanation.inputs.items).toHaveLength(texts.length);
  });
});

describe('odd inputs', () => {
  it('warns of characters that the file was not read with, and reads them with --encoding', async () => {
    const old = [...texts, 'the caf\u00e9 was good', texts[0]].join('\n');
    writeFileSync(join(folder, 'old.txt'), Buffer.from(old, 'latin1'));
    const guessed = await explain('old.txt', '--out', 'guessed');
    expect(guessed.stderr).toMatch(/warning: 1 texts have characters .* pass --encoding/);
    expect(guessed.stderr).toMatch(/warning: 1 rows repeat a text/);
    const told = await explain('old.txt', '--encoding', 'windows-1252', '--out', 'told');
    expect([told.code, told.stderr.includes('pass --encoding')]).toEqual([0, false]);
    expect((await explain('old.txt', '--encoding', 'latin-9000', '--out', 'told')).code).toBe(2);
  });

  it.each([
    [['nothing.csv'], 1, 'NO_INPUTS'],
    [['white.txt'], 1, 'NO_INPUTS'],
    [['no-such.csv'], 1, 'FILE'],
    [['open.csv'], 1, 'FILE_FORMAT'],
    [['broken.parquet'], 1, 'FILE_FORMAT'],
    [['other.csv', '--text-column', 'text'], 2, 'OPTION'],
    [['reviews.csv', '--class', 'goood'], 2, 'CLASS_NOT_FOUND'],
    [['reviews.csv', '--units', 'word'], 2, 'OPTION'],
    [['reviews.csv', '--patch-size', '8'], 2, 'OPTION'],
  ])('%j ends with %i, a code, and no files', async ([file, ...more], expected, name) => {
    const { code, stdout, stderr } = await explain(file, ...more, '--out', 'odd');
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(`[${name}]`);
    expect(readdirSync(folder).filter((found) => found.includes('odd'))).toEqual([]);
  });
});
