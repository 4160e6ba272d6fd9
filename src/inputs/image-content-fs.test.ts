import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageFolder } from './image-folder-fs.ts';
import type { KeyedBatch } from './keyed-batch.ts';
import type { Preprocess } from './preprocess.ts';
import { resolvePreprocess } from './resolve-preprocess.ts';

const preprocess = resolvePreprocess({ inputDims: [1, 3, 8, 8], overrides: { mean: [0], std: [1] } });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'craft-xai-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = async (name: string, background: string): Promise<void> => {
  const image = sharp({ create: { width: 20, height: 12, channels: 3, background } });
  writeFileSync(join(folder, name), await image.png().toBuffer());
};
const never = async () => false;
const always = async () => true;
const batches = async (isKept: (key: string) => Promise<boolean>, settings: Preprocess = preprocess) => {
  const images = await openImageFolder(folder, { preprocess: settings, batchSize: 2 });
  const found: KeyedBatch[] = [];
  for await (const batch of images.keyedBatches(isKept)) found.push(batch);
  return { found, images };
};
const keysOf = async (settings?: Preprocess) =>
  (await batches(never, settings)).found.flatMap(({ keys }) => keys);

describe('the key of an image', () => {
  it('is of its bytes, not of its name', async () => {
    await put('a.png', '#804020');
    await put('b.png', '#204080');
    copyFileSync(join(folder, 'a.png'), join(folder, 'c.png'));
    const [a, b, c] = await keysOf();
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    expect(c).toBe(a);
    expect(b).not.toBe(a);
    await put('a.png', '#804021');
    expect((await keysOf())[0]).not.toBe(a);
  });

  it.each([
    ['another size', { width: 10 }],
    ['another mean', { mean: [0.5, 0, 0] }],
    ['another way to resize', { resizeMode: 'stretch' as const }],
  ])('is of its preprocessing: %s', async (_, change) => {
    await put('a.png', '#804020');
    expect(await keysOf({ ...preprocess, ...change })).not.toEqual(await keysOf());
  });

  it('is not of where the settings come from', async () => {
    await put('a.png', '#804020');
    expect(await keysOf({ ...preprocess, origin: 'caller', notes: ['a note'] })).toEqual(await keysOf());
  });
});

describe('batches by key', () => {
  it('hold the images of a pass, at the places that are asked for', async () => {
    for (const [k, name] of ['a.png', 'b.png', 'c.png'].entries()) await put(name, `#${k}04020`);
    const { found, images } = await batches(never);
    const plain = [];
    for await (const batch of images) plain.push(batch);
    expect(found.map(({ keys }) => keys.length)).toEqual([2, 1]);
    expect(found[0].dims).toEqual([3, 8, 8]);
    const both = await found[0].read([0, 1]);
    expect(both).toEqual({ data: plain[0].data, dims: plain[0].dims });
    const swapped = await found[0].read([1, 0]);
    expect(swapped.data.subarray(0, 192)).toEqual(both.data.subarray(192));
  });

  it('decode only what is not kept, and what is asked for all the same', async () => {
    await put('a.png', '#804020');
    await put('b.png', '#204080');
    truncateSync(join(folder, 'a.png'), 70); // a head that cannot be decoded
    const [, b] = (await batches(always)).found[0].keys;
    const kept = await batches(always);
    expect(kept.images.names).toEqual(['a.png', 'b.png']); // taken at its word
    await expect(kept.found[0].read([0])).rejects.toMatchObject({ code: 'INPUT' });
    expect((await kept.found[0].read([1])).dims).toEqual([1, 3, 8, 8]);
    const some = await batches(async (key) => key === b);
    expect(some.images.names).toEqual(['b.png']);
    expect(some.images.skipped).toEqual([{ name: 'a.png', reason: expect.stringContaining('damaged') }]);
  });

  it('say when a file has become another image during a run', async () => {
    await put('a.png', '#804020');
    const { found, images } = await batches(always);
    await put('a.png', '#204080');
    const changed = { code: 'INPUT', message: expect.stringMatching(/a\.png.*another image/) };
    await expect(found[0].read([0])).rejects.toMatchObject(changed);
    const again = async () => {
      for await (const _ of images);
    };
    await expect(again()).rejects.toMatchObject(changed);
  });
});
