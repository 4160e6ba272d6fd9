// The files of an activation cache: which there are, how large, and which go first when room is needed.

import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder a space, a file an entry. */
const SPACE = /^[0-9a-f]{16}$/;
const ENTRY = /^[0-9a-f]{64}\.safetensors$/;
/** A file that is being written, or was when its process ended. */
const UNFINISHED = /^[0-9a-f]{64}\.safetensors\.\d+-\d+$/;
/** Nothing takes this long to write. */
const ABANDONED_MS = 3600 * 1000;

interface EntryFile {
  readonly key: string;
  readonly bytes: number;
}

/** Room in the folder of a cache. Files that are not its own are left alone. */
export class ActivationFolder {
  readonly folder: string;
  readonly limit: number;
  /** Least recently used first. */
  #files: readonly EntryFile[] = [];
  /** The first of them that may still go. */
  #next = 0;
  #bytes = 0;

  /** @param limit - bytes of all entries together. */
  constructor(folder: string, limit: number) {
    this.folder = folder;
    this.limit = limit;
  }

  pathOf(key: string): string {
    return join(this.folder, `${key}.safetensors`);
  }

  /** Looks at what is there, and deletes what a killed process left unfinished. */
  async scan(): Promise<void> {
    const found: (EntryFile & { used: number })[] = [];
    for (const space of await namesIn(this.folder)) {
      if (!SPACE.test(space)) continue;
      const names = await namesIn(join(this.folder, space));
      await Promise.all(
        names.map(async (name) => {
          const path = join(this.folder, space, name);
          const info = await stat(path).catch(() => null); // another process may have deleted it
          if (!info?.isFile()) return;
          if (ENTRY.test(name)) {
            const key = `${space}/${name.slice(0, 64)}`;
            found.push({ key, bytes: info.size, used: info.mtimeMs });
          } else if (UNFINISHED.test(name) && Date.now() - info.mtimeMs > ABANDONED_MS) {
            await rm(path, { force: true });
          }
        }),
      );
    }
    this.#files = found.sort((a, b) => a.used - b.used || (a.key < b.key ? -1 : 1));
    this.#next = 0;
    this.#bytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Takes room for `bytes` more inside the limit. Entries are deleted for it, least recently used first and
   * none of `used`.
   *
   * @returns false if there is not that much room, nor would be.
   */
  async makeRoom(bytes: number, used: ReadonlySet<string>): Promise<boolean> {
    if (bytes > this.limit) return false;
    const doomed: EntryFile[] = [];
    // without a pause up to the end, as several entries may be on their way
    for (; this.#bytes + bytes > this.limit && this.#next < this.#files.length; this.#next++) {
      const file = this.#files[this.#next];
      if (used.has(file.key)) continue;
      this.#bytes -= file.bytes;
      doomed.push(file);
    }
    const fits = this.#bytes + bytes <= this.limit;
    if (fits) this.#bytes += bytes;
    await Promise.all(doomed.map((file) => this.#delete(file)));
    return fits;
  }

  async #delete({ key }: EntryFile): Promise<void> {
    await rm(this.pathOf(key), { force: true }).catch(() => undefined);
    const space = key.slice(0, key.indexOf('/'));
    await rmdir(join(this.folder, space)).catch(() => undefined); // not empty, as a rule
  }
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
