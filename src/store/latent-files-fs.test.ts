import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowSource } from '../craft/text/latent-storage.ts';
import { latentFiles } from './latent-files-fs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(source: RowSource): Promise<{ dims: readonly number[]; data: number[] }[]> {
  const chunks = [];
  for await (const { dims, data } of source.chunks()) chunks.push({ dims, data: [...data] });
  return chunks;
}

describe('latents in files', () => {
  it('are read in chunks as they were written, as often as one likes', async () => {
    const files = latentFiles(join(folder, 'new', 'place'));
    const writer = await files.open({ rows: 5, columns: 2, chunkRows: 2 });
    await writer.append(Float32Array.of(1, 2, 3, 4, 5, 6));
    await writer.append(Float32Array.of(9, 9, 7, 8, 9, 10, 9).subarray(2, 6));
    const source = writer.finish();
    expect([source.rows, source.columns]).toEqual([5, 2]);
    const chunks = [
      { dims: [2, 2], data: [1, 2, 3, 4] },
      { dims: [2, 2], data: [5, 6, 7, 8] },
      { dims: [1, 2], data: [9, 10] },
    ];
    expect(await read(source)).toEqual(chunks);
    expect(await read(source)).toEqual(chunks);
    await files.close();
  });

  it('leave nothing, closed or not', async () => {
    const own = join(folder, 'own');
    const files = latentFiles(own);
    await (await files.open({ rows: 1, columns: 1, chunkRows: 1 })).append(Float32Array.of(1));
    // a process that is killed here leaves no name, and no name is no file
    if (process.platform !== 'win32') expect(await readdir(own)).toEqual([]);
    await files.close();
    expect(await readdir(own)).toEqual([]);
  });

  it('are refused before anything runs if the disk is too small for them', async () => {
    const files = latentFiles(folder);
    const shape = { rows: 2 ** 40, columns: 4096, chunkRows: 64 };
    await expect(files.open(shape)).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringMatching(/expected room for 1099511627776 latents of 4096 numbers.*bytes free/),
    });
  });

  it('say which file is too short', async () => {
    const files = latentFiles(folder);
    const writer = await files.open({ rows: 2, columns: 2, chunkRows: 2 });
    await writer.append(Float32Array.of(1, 2, 3));
    await expect(read(writer.finish())).rejects.toThrow(/latents.*ends at byte 12/);
    await files.close();
  });
});
