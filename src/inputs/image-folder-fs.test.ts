import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageBatch, type ImageFolder, openImageFolder } from './image-folder-fs.ts';
import { listImages } from './image-list-fs.ts';
import { resolvePreprocess } from './resolve-preprocess.ts';

const preprocess = resolvePreprocess({ inputDims: [1, 3, 8, 8], overrides: { mean: [0], std: [1] } });
const windows = process.platform === 'win32';
const root = process.getuid?.() === 0; // may read everything

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'craft-xai-images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
}

/** Noise, so that a file has a body that can be cut. */
function picture(seed = 1, width = 40, height = 30) {
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 7919 * seed) % 251));
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
const png = (seed?: number) => picture(seed).png().toBuffer();

async function take(images: ImageFolder): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  for await (const batch of images) batches.push(batch);
  return batches;
}

/** A PNG whose header promises width × height pixels and that has none. */
function headerBomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync('')),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a folder with odd files', () => {
  it('uses what can be used and says why the rest cannot', async () => {
    const jpeg = await picture(3).jpeg().toBuffer();
    const good: Record<string, Uint8Array> = {
      'a/deep/er/1.PNG': await png(),
      'name with ünïcode ☃ and  spaces.jpeg': jpeg,
      'png named.jpg': await png(2),
      'progressive.jpg': await picture().jpeg({ progressive: true }).toBuffer(),
      'trailing bytes.jpg': Buffer.concat([jpeg, Buffer.from('more')]),
      'dot.tif': await picture(1, 1, 1).tiff().toBuffer(),
      'x.avif': await picture().avif().toBuffer(),
      'x.gif': await picture().gif().toBuffer(),
      'x.tiff': await picture().tiff().toBuffer(),
      'x.webp': await picture().webp().toBuffer(),
      'folder.jpg/inside.png': await png(),
    };
    const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));
    const bad: Record<string, [Uint8Array | string, RegExp]> = {
      'cut.jpg': [cut(jpeg, 0.6), /^truncated or damaged/],
      'cut progressive.jpg': [cut(await picture().jpeg({ progressive: true }).toBuffer(), 0.6), /^truncated/],
      'cut at the end.jpg': [jpeg.subarray(0, -60), /^truncated/],
      'cut.png': [cut(await png(), 0.6), /^truncated/],
      'cut.webp': [cut(await picture().webp().toBuffer(), 0.6), /^damaged, cut short/],
      'cut.gif': [cut(await picture().gif().toBuffer(), 0.6), /^damaged, cut short/],
      'cut.avif': [cut(await picture().avif().toBuffer(), 0.6), /^truncated/],
      'cut.tif': [cut(await picture().tiff().toBuffer(), 0.6), /damaged/],
      'head only.jpg': [Buffer.from('ffd8ffe000104a464946', 'hex'), /damaged/],
      'empty.png': ['', /^the file is empty \(0 bytes\)$/],
      'text.jpg': ['these are not the pixels you are looking for', /^not an image: a text file$/],
      'drawing.png': ['<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', /SVG/],
      'page.gif': ['<!doctype html><title>404</title>', /HTML/],
      'pointer.jpg': ['version https://git-lfs.github.com/spec/v1\noid sha256:0\n', /Git LFS/],
      'bomb.png': [headerBomb(60_000, 60_000), /^too large: 60000 × 60000 pixels/],
      'promises.png': [headerBomb(4000, 4000), /^truncated/],
      'zeros.tif': [Buffer.alloc(500), /zeros/],
      'phone.heic': [await png(), /HEIC/],
    };
    for (const [name, bytes] of Object.entries(good)) await put(name, bytes);
    for (const [name, [bytes]] of Object.entries(bad)) await put(name, bytes);
    await put('notes.txt', 'x');
    await put('labels.csv', 'x');
    await put('.hidden.png', await png());
    await put('.git/x.png', await png());

    const images = await openImageFolder(folder, { preprocess, batchSize: 4 });
    expect(images.total).toBe(Object.keys(good).length + Object.keys(bad).length - 1);
    expect(images.ignored).toBe(2);
    const batches = await take(images);
    expect(batches.map(({ dims }) => dims[0])).toEqual([4, 4, 3]);
    expect(batches.flatMap(({ names }) => names)).toEqual(Object.keys(good).sort());
    expect(images.names).toEqual(Object.keys(good).sort());
    expect(images.skipped.map(({ name }) => name)).toEqual(Object.keys(bad).sort());
    for (const { name, reason } of images.skipped) expect(reason, name).toMatch(bad[name][1]);
  });

  it.skipIf(windows)('follows no link out of the folder and no loop', async () => {
    await put('real/a.png', await png());
    await put('../craft-xai-outside.png', await png());
    const links: Record<string, string> = {
      'inside.png': 'real/a.png',
      'dangling.jpg': 'nowhere.jpg',
      'self.png': 'self.png',
      'outside.png': '../craft-xai-outside.png',
      parent: '..',
      loop: '.',
      'folder.jpg': 'real',
      'device.png': '/dev/zero',
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe.jpg')]);

    const images = await openImageFolder(folder, { preprocess });
    await take(images);
    await unlink(join(folder, '../craft-xai-outside.png'));
    expect(images.names).toEqual(['inside.png', 'real/a.png']);
    expect(images.ignored).toBe(1);
    const reasons = Object.fromEntries(images.skipped.map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      'dangling.jpg': expect.stringContaining('does not exist'),
      'self.png': expect.stringContaining('itself'),
      'outside.png': expect.stringContaining('outside'),
      'device.png': expect.stringContaining('not a file'),
      parent: expect.stringContaining('link to a folder'),
      loop: expect.stringContaining('link to a folder'),
      'folder.jpg': expect.stringContaining('link to a folder'),
    });
  });

  it.skipIf(windows)('takes any name, and a folder that is reached by a link', async () => {
    await put('new\nline.png', await png());
    await symlink(folder, `${folder}-link`);
    const images = await openImageFolder(`${folder}-link`, { preprocess });
    await take(images);
    await unlink(`${folder}-link`);
    expect(images.names).toEqual(['new\nline.png']);
  });

  it.skipIf(windows || root)('says where it has no permission', async () => {
    await put('good.png', await png());
    await put('locked.png', await png());
    await put('locked/a.png', await png());
    await chmod(join(folder, 'locked.png'), 0);
    await chmod(join(folder, 'locked'), 0);
    const images = await openImageFolder(folder, { preprocess });
    await take(images);
    await chmod(join(folder, 'locked'), 0o700);
    expect(images.names).toEqual(['good.png']);
    expect(images.skipped).toEqual([
      { name: 'locked.png', reason: expect.stringContaining('permission') },
      { name: 'locked/', reason: expect.stringContaining('permission') },
    ]);
  });
});

describe('openImageFolder', () => {
  it('gives the same batches in every pass, also after one that stopped early', async () => {
    for (let i = 0; i < 7; i++) await put(`${i}.png`, await png(i + 1));
    await put('3x.png', 'broken');
    const images = await openImageFolder(folder, { preprocess, batchSize: 3, concurrency: 3 });
    for await (const batch of images) {
      expect(batch.names).toEqual(['0.png', '1.png', '2.png']);
      break;
    }
    expect(images.names).toEqual([]);
    const first = await take(images);
    expect(first.map(({ names }) => names.length)).toEqual([3, 3, 1]);
    expect(first[0].dims).toEqual([3, 3, 8, 8]);
    expect(new Set(first.map(({ data }) => data.buffer)).size).toBe(3);
    expect(await take(images)).toEqual(first);
    const slow = await openImageFolder(folder, { preprocess, batchSize: 3, concurrency: 1 });
    expect(await take(slow)).toEqual(first);
  });

  it('reports a broken file once and does not try it again', async () => {
    await put('a.png', await png());
    await put('b.png', 'broken');
    const images = await openImageFolder(folder, { preprocess });
    await take(images);
    await put('b.png', await png());
    await take(images);
    expect(images.names).toEqual(['a.png']);
    expect(images.skipped).toHaveLength(1);
  });

  it('takes the first `limit` that decode, and reports only what it met', async () => {
    await put('a.png', 'broken');
    for (const name of ['b', 'c', 'd']) await put(`${name}.png`, await png());
    await put('e.png', 'broken');
    const images = await openImageFolder(folder, { preprocess, limit: 2 });
    expect((await take(images)).map(({ dims }) => dims)).toEqual([[2, 3, 8, 8]]);
    expect(images.names).toEqual(['b.png', 'c.png']);
    expect(images.skipped.map(({ name }) => name)).toEqual(['a.png']);
    await take(images);
    expect(images.names).toEqual(['b.png', 'c.png']);
  });

  it('writes channels last, and shows what the model sees', async () => {
    await put(
      'a.png',
      await sharp({ create: { width: 20, height: 9, channels: 3, background: '#804020' } })
        .png()
        .toBuffer(),
    );
    const settings = { ...preprocess, layout: 'NHWC', rescale: 1, height: 6, resizeMode: 'stretch' } as const;
    const images = await openImageFolder(folder, { preprocess: settings });
    const [batch] = await take(images);
    expect(batch.dims).toEqual([1, 6, 8, 3]);
    expect([...batch.data.subarray(0, 6)]).toEqual([0x80, 0x40, 0x20, 0x80, 0x40, 0x20]);
    const jpeg = await sharp(await images.picture('a.png')).metadata();
    expect(jpeg).toMatchObject({ format: 'jpeg', width: 8, height: 6 });
    await expect(images.picture('../a.png')).rejects.toMatchObject({ code: 'INPUT' });
  });

  it('takes one file as a folder of one, whatever its name', async () => {
    await put('photo.upload', await png());
    const images = await openImageFolder(join(folder, 'photo.upload'), { preprocess });
    await take(images);
    expect(images.names).toEqual(['photo.upload']);
    expect(images.total).toBe(1);
  });

  it('says when a file that was good is not there any more', async () => {
    await put('a.png', await png());
    const images = await openImageFolder(folder, { preprocess });
    await take(images);
    await rename(join(folder, 'a.png'), join(folder, 'b.png'));
    await expect(take(images)).rejects.toMatchObject({
      code: 'INPUT',
      message: expect.stringMatching(/a\.png.*vanished/),
    });
  });

  it('says what to do when there is nothing to read', async () => {
    const open = (path: string) => openImageFolder(path, { preprocess });
    await expect(open(join(folder, 'none'))).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringContaining('none'),
    });
    await expect(open(folder)).rejects.toMatchObject({ code: 'NO_INPUTS' });
    await put('notes.txt', 'x');
    await put('phone.heic', 'x');
    await expect(open(folder)).rejects.toMatchObject({
      message: expect.stringMatching(/2 other files.*phone\.heic.*HEIC/),
    });
    await put('a.png', 'broken');
    await expect(take(await open(folder))).rejects.toMatchObject({
      code: 'NO_INPUTS',
      message: expect.stringContaining('a.png: not an image'),
    });
  });

  it('stops when the signal fires', async () => {
    for (let i = 0; i < 5; i++) await put(`${i}.png`, await png());
    const abort = new AbortController();
    const images = await openImageFolder(folder, { preprocess, batchSize: 1, signal: abort.signal });
    const reading = (async () => {
      for await (const batch of images) if (batch.names[0] === '1.png') abort.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(listImages(folder, { signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each([
    ['batchSize', 0],
    ['batchSize', 1.5],
    ['limit', 0],
    ['concurrency', 2 ** 21],
  ])('refuses %s %d', async (name, value) => {
    await expect(openImageFolder(folder, { preprocess, [name]: value })).rejects.toMatchObject({
      code: 'OPTION',
      message: expect.stringContaining(name),
    });
  });
});
