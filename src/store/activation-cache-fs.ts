// Activations on disk, between runs: <folder>/<space>/<entry>.safetensors.
//
// A file is written beside its place and then renamed, so that it is there whole or not at all, whoever else
// writes it or is killed meanwhile. It is not flushed to the disk: what a power cut leaves of it fails its
// checksum, and is computed again.

import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ActivationStore, Activations } from '../craft/activation-store.ts';
import { CraftError } from '../errors.ts';
import { entryFromBytes, entryToBytes } from './activation-entry.ts';
import { ActivationFolder } from './activation-folder-fs.ts';

/** Options of {@link openActivationCache}. */
export interface ActivationCacheOptions {
  /** Made when the first entry is written. */
  readonly folder: string;
  /** Bytes of all entries together, > 0; default 8 GiB. */
  readonly limit?: number;
  /** Told once, in a sentence, why nothing more is kept, if so. */
  readonly onTrouble?: (reason: string) => void;
}

/** A store of activations on disk. */
export interface ActivationCache extends ActivationStore {
  /** Deletes the least recently used entries above the limit, none that was used since it was opened. */
  close(): Promise<void>;
}

const DEFAULT_LIMIT = 8 * 2 ** 30;
/** The latent of one image needs far less. */
const MOST_ENTRY_BYTES = 2 ** 30;
/** How well the time of the last use is known; finer costs a write at every read. */
const TOUCH_EVERY_MS = 3600 * 1000;
const KEY = /^[0-9a-f]{16}\/[0-9a-f]{64}$/;

/**
 * Opens the cache in a folder, brought inside its limit. Several processes may have the same one open. A folder
 * that cannot be read or written, a full disk and damaged files are no errors: less is kept.
 *
 * @throws {@link CraftError} `OPTION` if the limit is no number of bytes above 0.
 */
export async function openActivationCache(options: ActivationCacheOptions): Promise<ActivationCache> {
  const { folder, limit = DEFAULT_LIMIT, onTrouble = () => undefined } = options;
  if (!(limit > 0)) {
    throw new CraftError('OPTION', `activation cache: expected a limit above 0 bytes; got ${limit}`);
  }
  const files = new ActivationFolder(folder, limit);
  await files.scan();
  await files.makeRoom(0, new Set());
  return new CacheInFolder(files, onTrouble);
}

class CacheInFolder implements ActivationCache {
  readonly #files: ActivationFolder;
  readonly #onTrouble: (reason: string) => void;
  /** Keys that this run has read or written. */
  readonly #used = new Set<string>();
  #keeps = true;
  #written = 0;

  constructor(files: ActivationFolder, onTrouble: (reason: string) => void) {
    this.#files = files;
    this.#onTrouble = onTrouble;
  }

  async has(key: string): Promise<boolean> {
    const info = await stat(this.#pathOf(key)).catch(() => null);
    return info?.isFile() === true;
  }

  async get(key: string): Promise<Activations | null> {
    const path = this.#pathOf(key);
    const bytes = await readEntry(path).catch(() => null);
    if (bytes === null) return null;
    const entry = await entryFromBytes(key, bytes);
    if (entry) this.#used.add(key);
    else await rm(path, { force: true }).catch(() => undefined);
    return entry;
  }

  async put(key: string, entry: Activations): Promise<void> {
    const path = this.#pathOf(key);
    if (!this.#keeps) return;
    const bytes = await entryToBytes(key, entry);
    this.#used.add(key);
    if (!(await this.#files.makeRoom(bytes.length, this.#used))) {
      this.#stop(`those of this run need more than the limit of ${this.#files.limit} bytes`);
      return;
    }
    try {
      await this.#write(path, bytes);
    } catch (error) {
      // where a file that is open cannot be replaced, it is there already: another process has written it
      if (await this.has(key)) return;
      this.#stop(`${this.#files.folder} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  async close(): Promise<void> {
    await this.#files.scan();
    await this.#files.makeRoom(0, this.#used);
  }

  #pathOf(key: string): string {
    if (KEY.test(key)) return this.#files.pathOf(key);
    throw new CraftError(
      'VALUE',
      `activation cache: expected a key of 16 and 64 hexadecimal digits; got ${key}`,
    );
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const beside = `${path}.${process.pid}-${this.#written++}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(beside, bytes);
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #stop(reason: string): void {
    if (this.#keeps) this.#onTrouble(reason);
    this.#keeps = false;
  }
}

/** The bytes of a file, its time of use brought up to date. */
async function readEntry(path: string): Promise<Uint8Array | null> {
  // not to wait for a writer, if it is a pipe
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > MOST_ENTRY_BYTES) return null;
    const now = Date.now();
    // a file system that is read-only has no times of use
    if (now - info.mtimeMs > TOUCH_EVERY_MS) await file.utimes(now / 1000, now / 1000).catch(() => undefined);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
