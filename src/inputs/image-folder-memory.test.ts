import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openImageFolder } from './image-folder-fs.ts';
import { resolvePreprocess } from './resolve-preprocess.ts';

const IMAGES = 1000;
const MEGABYTE = 2 ** 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'craft-xai-memory-'));
  const jpeg = await sharp({ create: { width: 120, height: 90, channels: 3, background: '#804020' } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < IMAGES; i++) await writeFile(join(folder, `${i}.jpg`), jpeg);
  const large = await sharp({ create: { width: 5472, height: 3648, channels: 3, background: '#804020' } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < 4; i++) await writeFile(join(folder, `large ${i}.jpg`), large);
});
afterAll(() => rm(folder, { recursive: true }));

it('reads 1,000 small and four 20-megapixel images in bounded memory', async () => {
  const preprocess = resolvePreprocess({ inputDims: [1, 3, 224, 224] });
  const images = await openImageFolder(folder, { preprocess });
  const before = process.memoryUsage.rss();
  let most = before;
  let count = 0;
  for await (const { dims } of images) {
    count += dims[0];
    most = Math.max(most, process.memoryUsage.rss());
  }
  expect(count).toBe(IMAGES + 4);
  // All tensors together are 577 MB, the four large images 228 MB decoded. A batch is 18 MB; how many
  // dead ones wait for the collector is its choice, hence 250.
  expect((most - before) / MEGABYTE).toBeLessThan(250);
});
