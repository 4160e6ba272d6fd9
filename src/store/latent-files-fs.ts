// Latents of a run that are too many for memory, in files that nothing is left of after it.

import { type FileHandle, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { LatentStorage, LatentWriter, MatrixSize, RowSource } from '../craft/text/latent-storage.ts';
import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Latents on disk. */
export interface LatentFiles extends LatentStorage {
  /** Frees the disk; matrices cannot be read any more. */
  close(): Promise<void>;
}

const FLOAT32 = 4;

/**
 * Latents in files of a new folder within `folder`, which is made with the first of them.
 *
 * A file has no name any more as soon as it is open, where the system allows that: a run that is killed leaves nothing
 * either.
 */
export function latentFiles(folder: string): LatentFiles {
  const files: LatentFile[] = [];
  return {
    async open(shape) {
      const file = await LatentFile.make(folder, shape);
      files.push(file);
      return file;
    },
    async close() {
      for (const file of files.splice(0)) await file.close();
    },
  };
}

class LatentFile implements LatentWriter {
  readonly #shape: MatrixSize;
  readonly #handle: FileHandle;
  readonly #folder: string;
  #bytes = 0;

  private constructor(shape: MatrixSize, handle: FileHandle, folder: string) {
    this.#shape = shape;
    this.#handle = handle;
    this.#folder = folder;
  }

  static async make(parent: string, shape: MatrixSize): Promise<LatentFile> {
    return onDisk(parent, shape, async () => {
      await mkdir(parent, { recursive: true });
      await checkRoom(parent, shape);
      const folder = await mkdtemp(join(parent, 'craft-xai-latents-'));
      try {
        const handle = await open(join(folder, 'latents'), 'w+');
        const file = new LatentFile(shape, handle, folder);
        await file.#unlink();
        return file;
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    });
  }

  async append(rows: Float32Array): Promise<void> {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    await onDisk(this.#folder, this.#shape, async () => {
      for (let from = 0; from < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(
          bytes,
          from,
          bytes.length - from,
          this.#bytes + from,
        );
        from += bytesWritten;
      }
    });
    this.#bytes += bytes.length;
  }

  finish(): RowSource {
    const { rows, columns } = this.#shape;
    return { rows, columns, chunks: () => this.#chunks() };
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#unlink();
  }

  /** Where a file that is open cannot be deleted, it goes when it is closed. */
  async #unlink(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  async *#chunks(): AsyncGenerator<Tensor> {
    const { rows, columns, chunkRows } = this.#shape;
    const buffer = new Float32Array(chunkRows * columns); // one for all: gigabytes of them would wait to be collected
    for (let first = 0; first < rows; first += chunkRows) {
      const count = Math.min(chunkRows, rows - first);
      const data = buffer.subarray(0, count * columns);
      await onDisk(this.#folder, this.#shape, () => this.#read(data, FLOAT32 * first * columns));
      yield { data, dims: [count, columns] };
    }
  }

  async #read(data: Float32Array, position: number): Promise<void> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let from = 0; from < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, from, bytes.length - from, position + from);
      if (bytesRead === 0) throw new Error(`the file ends at byte ${position + from}`);
      from += bytesRead;
    }
  }
}

/** So that a run fails before g has run for hours. */
async function checkRoom(folder: string, { rows, columns }: MatrixSize): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (FLOAT32 * rows * columns > bavail * bsize) throw new Error(`${bavail * bsize} bytes free`);
}

/** @throws {@link CraftError} `FILE` with the size that is needed and the reason. */
async function onDisk<T>(folder: string, { rows, columns }: MatrixSize, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new CraftError(
      'FILE',
      `${folder}: expected room for ${rows} latents of ${columns} numbers, ${FLOAT32 * rows * columns} bytes; got ${(cause as Error).message} – free the disk, set CRAFT_XAI_CACHE (TMPDIR with --no-cache) to another one, or use fewer texts (--limit)`,
      { cause },
    );
  }
}
