// Texts of a file on disk, or of the standard input.

import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CraftError } from '../../errors.ts';
import { CHUNK, decoded } from './decode.ts';
import {
  checkTextOptions,
  formatOf,
  type TextContent,
  type TextFile,
  type TextFileOptions,
  type TextFormat,
  textFileOf,
} from './text-file.ts';

/** Options of {@link openTextFile} on disk. */
export interface TextPathOptions extends TextFileOptions {
  /** What `-` reads; default: the standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
}

/**
 * Opens a file of texts: .csv, .tsv, .jsonl (an object or a text a line), .json (lines, or one array), .parquet, .txt, or `-`, the standard
 * input, which is copied to a temporary file. Every pass gives the same batches. Rows that cannot be used are
 * skipped with a reason; rows that repeat a text before them are counted and, by default, not used.
 *
 * A pass throws {@link CraftError} `NO_INPUTS` at its end if no row could be used, `FILE_FORMAT` where the file is
 * damaged, `OPTION` for a column that there is not, `ABORTED` if the signal fired.
 *
 * @throws {@link CraftError} `FILE` if it cannot be read, `OPTION` if the format is not known.
 */
export async function openTextFile(path: string, options: TextPathOptions = {}): Promise<TextFile> {
  checkTextOptions(options);
  if (path !== '-') {
    await (await opened(path)).close();
    const content = contentOf(path, basename(path));
    return textFileOf(content, options.format ?? formatOf(content.name), options);
  }
  const copy = await spooled(options.stdin ?? process.stdin, options.signal);
  const content = contentOf(copy.path, '-', copy.remove);
  return textFileOf(content, options.format ?? (await sniffed(content)), options);
}

function contentOf(
  path: string,
  name: string,
  remove: () => Promise<void> = async () => undefined,
): TextContent {
  return {
    name,
    bytes: () => bytesOf(path),
    async ranges() {
      const handle = await opened(path);
      return { file: rangesOf(handle, (await handle.stat()).size), close: () => handle.close() };
    },
    parseCsv: async () => (await import('csv-parse')).parse,
    remove,
  };
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await opened(path);
  try {
    const buffer = new Uint8Array(CHUNK); // one for all: gigabytes of them would wait to be collected
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

type Ranges = Awaited<ReturnType<TextContent['ranges']>>['file'];

function rangesOf(handle: FileHandle, size: number): Ranges {
  return {
    byteLength: size,
    slice(start, end = size) {
      const from = Math.max(0, start < 0 ? size + start : start);
      const bytes = readAt(handle, from, Math.max(0, Math.min(end, size) - from));
      bytes.catch(() => undefined); // the library reads ahead, and leaves what it does not need any more
      return bytes;
    },
  };
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<ArrayBuffer> {
  if (length === 0) return new ArrayBuffer(0);
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, from);
  return bytes.buffer.slice(0, bytesRead);
}

/** @throws {@link CraftError} `FILE` with the reason. */
async function opened(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new Error('a folder');
    }
    return file;
  } catch (cause) {
    throw new CraftError(
      'FILE',
      `texts: expected a file that can be read; got ${path}: ${(cause as Error).message}. Check the path`,
      { cause },
    );
  }
}

/** Standard input as a file: it can be read only once, and texts are read several times. */
async function spooled(
  stdin: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'craft-xai-'));
  const path = join(folder, 'stdin');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(stdin, createWriteStream(path), { signal });
  } catch (cause) {
    await remove();
    if (signal?.aborted) throw new CraftError('ABORTED', 'texts: stopped by the caller', { cause });
    throw new CraftError(
      'FILE',
      `texts: expected a standard input that can be read; got ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return { path, remove };
}

/** Parquet by its magic, JSON lines by a brace, else lines of text. */
async function sniffed(content: TextContent): Promise<TextFormat> {
  for await (const chunk of decoded(content.bytes())) {
    if (chunk.startsWith('PAR1')) return 'parquet';
    return /^\s*[{"]/.test(chunk) ? 'jsonl' : 'txt';
  }
  return 'txt';
}
