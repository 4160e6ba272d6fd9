// What a user gives a page, as a list of named files: a file picker, a folder that is dropped, or URLs.

import { CraftError } from '../errors.ts';

/** A file with its path below the folder that was given, with forward slashes. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
}

/** More files than this are taken for a mistake, such as a home folder. */
const MOST_FILES = 200_000;
const MOST_DEPTH = 32;

/** Files of an `<input type="file">`, of a folder too, by name in the order of code units. */
export function namedFiles(files: Iterable<File> | ArrayLike<File>): NamedBlob[] {
  return sorted(Array.from(files, (file) => ({ name: file.webkitRelativePath || file.name, blob: file })));
}

/**
 * The files of a drop, those of folders in it too. Call it in the event's own turn: a browser empties the
 * transfer after it. Hidden files and folders are passed over.
 *
 * @throws {@link CraftError} `FILE` if a folder cannot be read, or there are more than 200,000 files.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedBlob[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry());
  if (entries.some((entry) => entry === null)) return namedFiles(transfer.files);
  const found: NamedBlob[] = [];
  for (const entry of entries) await collect(entry as FileSystemEntry, '', 0, found);
  return sorted(found);
}

/**
 * Files of URLs that this page may read, named by their last part.
 *
 * @throws {@link CraftError} `DOWNLOAD` with the URL and the status, `ABORTED`.
 */
export async function fetchedFiles(
  urls: readonly (string | URL)[],
  options: { signal?: AbortSignal } = {},
): Promise<NamedBlob[]> {
  const files: NamedBlob[] = [];
  for (const url of urls) files.push({ name: nameOf(url), blob: await fetchBlob(url, options) });
  return files;
}

/** @throws {@link CraftError} `DOWNLOAD`, `ABORTED`. */
export async function fetchBlob(url: string | URL, { signal }: { signal?: AbortSignal } = {}): Promise<Blob> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (response.ok) return await response.blob();
    throw failed(url, `status ${response.status}`);
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    if (signal?.aborted) throw new CraftError('ABORTED', 'download: stopped by the caller', { cause });
    throw failed(url, (cause as Error).message, cause);
  }
}

/** The last part of a URL's path. */
export function nameOf(url: string | URL): string {
  const path = String(url).split(/[?#]/)[0];
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function failed(url: string | URL, got: string, cause?: unknown): CraftError {
  return new CraftError(
    'DOWNLOAD',
    `download: expected a file at ${url}; got ${got} – check the address, and that its server lets this page read it`,
    { cause },
  );
}

async function collect(
  entry: FileSystemEntry,
  below: string,
  depth: number,
  found: NamedBlob[],
): Promise<void> {
  if (entry.name.startsWith('.')) return;
  if (found.length >= MOST_FILES || depth > MOST_DEPTH) {
    throw new CraftError(
      'FILE',
      `files: expected at most ${MOST_FILES} files in folders at most ${MOST_DEPTH} deep; got more – drop the folder of images only`,
    );
  }
  const name = below + entry.name;
  if (entry.isFile) found.push({ name, blob: await fileOf(entry as FileSystemFileEntry, name) });
  else {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry, name)) {
      await collect(child, `${name}/`, depth + 1, found);
    }
  }
}

function fileOf(entry: FileSystemFileEntry, name: string): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, (cause) => reject(unreadable(name, cause)));
  });
}

/** A reader gives a folder in parts, and none at its end. */
async function childrenOf(entry: FileSystemDirectoryEntry, name: string): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, (cause) => reject(unreadable(name, cause)));
    });
    if (part.length === 0) return all;
    all.push(...part);
  }
}

function unreadable(name: string, cause: DOMException): CraftError {
  return new CraftError('FILE', `${name}: expected a file or folder that can be read; got ${cause.message}`, {
    cause,
  });
}

function sorted(files: NamedBlob[]): NamedBlob[] {
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
