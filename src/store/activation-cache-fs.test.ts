import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ActivationCache, openActivationCache } from './activation-cache-fs.ts';

const windows = process.platform === 'win32';
const root = process.getuid?.() === 0; // may write everything

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'craft-xai-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (n: number, space = 0): string =>
  `${space.toString(16).padStart(16, '0')}/${n.toString(16).padStart(64, '0')}`;
const pathOf = (name: string): string => join(folder, `${name}.safetensors`);
const entry = (size = 64, value = 1) => ({
  latent: { data: new Float32Array(size).fill(value), dims: [size] },
});
const open = (options: { limit?: number; onTrouble?: (reason: string) => void } = {}) =>
  openActivationCache({ folder, ...options });
const bytesOfOne = async (size = 64): Promise<number> => {
  const cache = await open();
  await cache.put(key(0xffff), entry(size));
  const { size: bytes } = statSync(pathOf(key(0xffff)));
  rmSync(pathOf(key(0xffff)));
  return bytes;
};
/** Lets the last use of an entry be some hours ago. */
const age = (name: string, hours: number): void => {
  const then = Date.now() / 1000 - 3600 * hours;
  utimesSync(pathOf(name), then, then);
};
const kept = async (cache: ActivationCache, names: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(names.map((name) => cache.has(name)));
  return names.filter((_, k) => found[k]);
};

describe('an activation cache', () => {
  it('gives back the same bits, also to another one on the same folder', async () => {
    const cache = await open();
    const other = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.float32Array({ minLength: 1, maxLength: 40 }),
        fc.nat({ max: 1e6 }),
        async (data, n) => {
          const value = {
            rows: { data, dims: [1, data.length] },
            dims: { data: Int32Array.of(n), dims: [1] },
          };
          await cache.put(key(n), value);
          for (const reader of [cache, other]) {
            const found = await reader.get(key(n));
            expect(new Uint8Array(found?.rows.data.buffer as ArrayBuffer)).toEqual(
              new Uint8Array(data.slice().buffer),
            );
            expect(found?.rows.dims).toEqual([1, data.length]);
            expect(found?.dims.data).toEqual(Int32Array.of(n));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has nothing that was not put', async () => {
    const cache = await open();
    expect(await cache.has(key(1))).toBe(false);
    expect(await cache.get(key(1))).toBeNull();
    await cache.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['../../../etc/passwd', `${'0'.repeat(16)}/../${'0'.repeat(64)}`, ''])(
    'has no key %j',
    async (name) => {
      const cache = await open();
      for (const use of [cache.has(name), cache.get(name), cache.put(name, entry())])
        await expect(use).rejects.toMatchObject({ code: 'VALUE' });
    },
  );

  it('leaves nothing but whole entries when many are written at once', async () => {
    const caches = await Promise.all([open(), open()]);
    const names = Array.from({ length: 60 }, (_, n) => key(n % 20));
    await Promise.all(names.map((name, k) => caches[k % 2].put(name, entry(500, k % 20))));
    expect(readdirSync(dirname(pathOf(key(0))))).toHaveLength(20);
    for (let n = 0; n < 20; n++) expect((await caches[0].get(key(n)))?.latent.data[7]).toBe(n);
  });
});

describe('a damaged entry', () => {
  it('is not there, is deleted, and can be put again: any bit of the file counts', async () => {
    const cache = await open();
    await cache.put(key(1), entry());
    const good = readFileSync(pathOf(key(1)));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length * 8 - 1 }), async (bit) => {
        const bad = Buffer.from(good);
        bad[bit >> 3] ^= 1 << (bit & 7);
        writeFileSync(pathOf(key(1)), bad);
        const found = await cache.get(key(1));
        // a bit that changes nothing that is read (white space of the header) may pass
        if (found) expect(found).toEqual(await sound(good));
        else expect(existsSync(pathOf(key(1)))).toBe(false);
      }),
    );
    await cache.put(key(1), entry());
    expect(readFileSync(pathOf(key(1)))).toEqual(good);
  });

  const sound = async (bytes: Buffer) => {
    writeFileSync(pathOf(key(1)), bytes);
    return (await open()).get(key(1));
  };

  it.each([0, 1, 8, 100, 250])('cut to %d bytes is not there', async (length) => {
    const cache = await open();
    await cache.put(key(1), entry());
    const good = readFileSync(pathOf(key(1)));
    expect(length).toBeLessThan(good.length);
    writeFileSync(pathOf(key(1)), good.subarray(0, length));
    expect(await cache.get(key(1))).toBeNull();
  });

  it('that was written for another key is not there', async () => {
    const cache = await open();
    await cache.put(key(1), entry());
    writeFileSync(pathOf(key(2)), readFileSync(pathOf(key(1))));
    expect(await cache.get(key(2))).toBeNull();
    expect(await cache.get(key(1))).not.toBeNull();
  });

  it.skipIf(windows)('that is a folder or a pipe is not there, and does not block', async () => {
    const cache = await open();
    mkdirSync(pathOf(key(1)), { recursive: true });
    execFileSync('sh', ['-c', 'mkfifo "$0"', pathOf(key(2))]);
    expect(await kept(cache, [key(1), key(2)])).toEqual([]);
    expect(await cache.get(key(1))).toBeNull();
    expect(await cache.get(key(2))).toBeNull();
  });
});

describe('the limit', () => {
  it('is kept by deleting what was used longest ago, at the start', async () => {
    const one = await bytesOfOne();
    const cache = await open();
    for (let n = 0; n < 6; n++) await cache.put(key(n, n % 2), entry());
    for (let n = 0; n < 6; n++) age(key(n, n % 2), 10 - n);
    const names = Array.from({ length: 6 }, (_, n) => key(n, n % 2));
    const smaller = await open({ limit: 3 * one });
    expect(await kept(smaller, names)).toEqual(names.slice(3));
  });

  it('deletes folders that are empty, and no file of others', async () => {
    const cache = await open();
    await cache.put(key(1, 1), entry());
    await cache.put(key(1, 2), entry());
    writeFileSync(join(folder, 'notes.txt'), 'x');
    writeFileSync(join(dirname(pathOf(key(1, 1))), 'mine.safetensors'), 'x');
    await open({ limit: 1 });
    expect(readdirSync(folder).sort()).toEqual([key(1, 1).slice(0, 16), 'notes.txt']);
  });

  it('makes room while writing, and spares what this run has read or written', async () => {
    const one = await bytesOfOne();
    const before = await open();
    for (let n = 0; n < 4; n++) {
      await before.put(key(n), entry());
      age(key(n), 10 - n);
    }
    const trouble: string[] = [];
    const cache = await open({ limit: 4 * one, onTrouble: (reason) => trouble.push(reason) });
    await cache.get(key(0)); // the oldest
    await Promise.all([cache.put(key(10), entry()), cache.put(key(11), entry())]);
    const all = [0, 1, 2, 3, 10, 11].map((n) => key(n));
    expect(await kept(cache, all)).toEqual([0, 3, 10, 11].map((n) => key(n)));
    await cache.put(key(12), entry());
    expect(trouble).toEqual([]);
    for (const n of [13, 14]) await cache.put(key(n), entry());
    expect(trouble).toEqual([expect.stringMatching(/more than the limit of \d+ bytes/)]);
    await cache.close();
    expect(await kept(cache, [...all, key(12), key(13)])).toEqual([0, 10, 11, 12].map((n) => key(n)));
  });

  it('is looked at again at the end, for what others wrote meanwhile', async () => {
    const one = await bytesOfOne();
    const cache = await open({ limit: 2 * one });
    const other = await open();
    for (let n = 0; n < 4; n++) {
      await other.put(key(n), entry());
      age(key(n), 10 - n);
    }
    await cache.close();
    expect(
      await kept(
        cache,
        [0, 1, 2, 3].map((n) => key(n)),
      ),
    ).toEqual([key(2), key(3)]);
  });

  it('does not empty the cache for one entry that is larger', async () => {
    const cache = await open({ limit: 5000 });
    await cache.put(key(1), entry());
    await cache.put(key(2), entry(5000));
    expect(await kept(cache, [key(1), key(2)])).toEqual([key(1)]);
  });

  it.each([0, -1, Number.NaN])('is not %d', async (limit) => {
    await expect(open({ limit })).rejects.toMatchObject({ code: 'OPTION' });
  });
});

describe('the time of use', () => {
  it('is written at most once an hour', async () => {
    const cache = await open();
    await cache.put(key(1), entry());
    age(key(1), 0.5);
    const before = statSync(pathOf(key(1))).mtimeMs;
    await cache.get(key(1));
    expect(statSync(pathOf(key(1))).mtimeMs).toBe(before);
    age(key(1), 2);
    await cache.get(key(1));
    // this file system's times may be coarse; two hours are not
    expect(Date.now() - statSync(pathOf(key(1))).mtimeMs).toBeLessThan(3600 * 1000);
  });
});

describe('a run that was killed while it wrote', () => {
  it('leaves a file that is deleted an hour later', async () => {
    await (await open()).put(key(1), entry());
    const fresh = `${pathOf(key(2))}.123-0`;
    const old = `${pathOf(key(3))}.123-1`;
    for (const path of [fresh, old]) writeFileSync(path, 'half');
    utimesSync(old, 1, 1);
    const cache = await open();
    expect([existsSync(fresh), existsSync(old)]).toEqual([true, false]);
    expect(await kept(cache, [key(1), key(2)])).toEqual([key(1)]);
  });
});

describe('a folder that cannot be written', () => {
  const troubled = async (): Promise<[ActivationCache, string[]]> => {
    const trouble: string[] = [];
    return [await open({ onTrouble: (reason) => trouble.push(reason) }), trouble];
  };

  it('is said once, and nothing fails', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file'); // where the folder should be
    const [cache, trouble] = await troubled();
    for (const n of [1, 2]) await cache.put(key(n), entry());
    expect(await cache.get(key(1))).toBeNull();
    await cache.close();
    expect(trouble).toEqual([expect.stringMatching(/cannot be written \((ENOTDIR|EEXIST|ENOENT)\)/)]);
  });

  it.skipIf(windows || root)('can still be read', async () => {
    await (await open()).put(key(1), entry());
    age(key(1), 5);
    chmodSync(dirname(pathOf(key(1))), 0o500);
    const [cache, trouble] = await troubled();
    expect(await cache.get(key(1))).not.toBeNull();
    await cache.put(key(2), entry());
    chmodSync(dirname(pathOf(key(1))), 0o700);
    expect(trouble).toEqual([expect.stringMatching(/cannot be written \(EACCES\)/)]);
  });
});
