// Texts of a file, in batches, again and again, without holding them in memory.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CraftError } from '../../errors.ts';
import { csvRows } from './csv-rows-fs.ts';
import { decoded, opened } from './decode-fs.ts';
import { arrayRows, jsonRows, lineRows, wholeRows } from './json-rows.ts';
import { linesOf } from './lines.ts';
import { parquetCount, parquetRows } from './parquet-rows-fs.ts';
import type { ColumnOptions } from './text-columns.ts';
import type { TextRow } from './text-row.ts';
import { TextSieve } from './text-sieve.ts';
import type { SkippedText, TextItem, TextSource } from './text-source.ts';

const FORMATS = ['csv', 'tsv', 'json', 'jsonl', 'parquet', 'txt'] as const;
export type TextFormat = (typeof FORMATS)[number];

/** Options of {@link openTextFile}: those of the command line have the same names with dashes. */
export interface TextFileOptions extends ColumnOptions {
  /** Default: by the extension; for the standard input by its first characters. */
  readonly format?: TextFormat;
  /** As TextDecoder names it; default: by the byte order mark, else UTF-8. Not for parquet. */
  readonly encoding?: string;
  /** Between the fields of a csv file; default `,`. */
  readonly delimiter?: string;
  /** A .txt file is one text; default: a text a line. */
  readonly whole?: boolean;
  /** Use a text as often as it is there; default: once. */
  readonly keepDuplicates?: boolean;
  /** Texts a batch; default 256. */
  readonly batchSize?: number;
  /** Only the first so many that can be used; default: all. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** What `-` reads; default: the standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
}

/** Texts of a file. */
export interface TextFile extends TextSource {
  /** What a user should know of the file; complete after one pass. */
  readonly warnings: readonly string[];
  /** Deletes the copy of the standard input, if there is one. */
  close(): Promise<void>;
}

const EXTENSIONS: Readonly<Record<string, TextFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.parquet': 'parquet',
  '.txt': 'txt',
};

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
export async function openTextFile(path: string, options: TextFileOptions = {}): Promise<TextFile> {
  checkCount('batchSize', options.batchSize ?? 256);
  checkCount('limit', options.limit ?? Number.POSITIVE_INFINITY);
  if (path !== '-') {
    await (await opened(path)).close();
    const format = options.format ?? formatOf(path);
    return new FileOfTexts(path, basename(path), format, options, await countOf(path, format));
  }
  const copy = await spooled(options.stdin ?? process.stdin);
  const format = options.format ?? (await sniffed(copy.path));
  return new FileOfTexts(copy.path, '-', format, options, await countOf(copy.path, format), copy.remove);
}

class FileOfTexts implements TextFile {
  readonly source: string;
  readonly total: number | null;
  readonly close: () => Promise<void>;
  readonly #path: string;
  readonly #format: TextFormat;
  readonly #options: TextFileOptions;
  #sieve: TextSieve;

  constructor(
    path: string,
    source: string,
    format: TextFormat,
    options: TextFileOptions,
    total: number | null,
    close: () => Promise<void> = async () => undefined,
  ) {
    this.#path = path;
    this.source = source;
    this.#format = format;
    this.#options = options;
    this.total = total;
    this.close = close;
    this.#sieve = new TextSieve(options, options.keepDuplicates === true);
  }

  get names(): readonly string[] {
    return this.#sieve.names;
  }

  get skipped(): readonly SkippedText[] {
    return this.#sieve.skipped;
  }

  get skippedCount(): number {
    return this.#sieve.skippedCount;
  }

  get duplicates(): number {
    return this.#sieve.duplicates;
  }

  get warnings(): readonly string[] {
    const { undecoded, duplicates } = this.#sieve;
    return [
      ...(undecoded > 0
        ? [
            `${undecoded} texts have characters that are not of the file's encoding: pass --encoding, such as windows-1252.`,
          ]
        : []),
      ...(duplicates > 0 ? [`${duplicates} rows repeat a text before them and are not used.`] : []),
    ];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly TextItem[]> {
    const { batchSize = 256, limit = Number.POSITIVE_INFINITY, keepDuplicates, signal } = this.#options;
    const sieve = new TextSieve(this.#options, keepDuplicates === true);
    this.#sieve = sieve;
    let batch: TextItem[] = [];
    reading: for await (const rows of this.#rows()) {
      if (signal?.aborted)
        throw new CraftError('ABORTED', 'texts: stopped by the caller', { cause: signal.reason });
      for (const row of rows) {
        const item = sieve.item(row);
        if (item) batch.push(item);
        if (batch.length >= batchSize) {
          yield batch;
          batch = [];
        }
        if (sieve.names.length >= limit) break reading;
      }
    }
    if (batch.length > 0) yield batch;
    if (sieve.names.length === 0) throw noTexts(this.source, sieve);
  }

  #rows(): AsyncIterable<TextRow[]> {
    const { encoding, delimiter, whole } = this.#options;
    const chunks = (): AsyncGenerator<string> => decoded(this.#path, encoding);
    switch (this.#format) {
      case 'csv':
        return csvRows(chunks(), delimiter ?? ',');
      case 'tsv':
        return csvRows(chunks(), delimiter ?? '\t');
      case 'jsonl':
        return jsonRows(linesOf(chunks()));
      case 'json':
        return arrayOrLines(chunks);
      case 'parquet':
        return parquetRows(this.#path, this.#options);
      case 'txt':
        return whole ? wholeRows(chunks()) : lineRows(linesOf(chunks()));
    }
  }
}

/** A .json file is an array if its first character says so, else lines. */
async function* arrayOrLines(chunks: () => AsyncIterable<string>): AsyncGenerator<TextRow[]> {
  let isArray = false;
  for await (const chunk of chunks()) {
    const first = /\S/.exec(chunk.replace(/^\ufeff/, ''));
    isArray = first?.[0] === '[';
    if (first) break;
  }
  yield* isArray ? arrayRows(chunks()) : jsonRows(linesOf(chunks()));
}

function checkCount(name: string, value: number): void {
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new CraftError('OPTION', `${name}: expected a whole number ≥ 1; got ${value}`);
}

function formatOf(path: string): TextFormat {
  const format = EXTENSIONS[extname(path).toLowerCase()];
  if (format) return format;
  throw new CraftError(
    'OPTION',
    `texts: expected a .csv, .tsv, .json, .jsonl, .parquet or .txt file; got ${basename(path)} – say what it is with --format`,
  );
}

async function countOf(path: string, format: TextFormat): Promise<number | null> {
  return format === 'parquet' ? parquetCount(path) : null;
}

/** Standard input as a file: it can be read only once, and texts are read several times. */
async function spooled(
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'craft-xai-'));
  const path = join(folder, 'stdin');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(stdin, createWriteStream(path));
  } catch (cause) {
    await remove();
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
async function sniffed(path: string): Promise<TextFormat> {
  for await (const chunk of decoded(path)) {
    if (chunk.startsWith('PAR1')) return 'parquet';
    return /^\s*[{"]/.test(chunk) ? 'jsonl' : 'txt';
  }
  return 'txt';
}

function noTexts(source: string, { skipped, skippedCount }: TextSieve): CraftError {
  const reasons = skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
  return new CraftError(
    'NO_INPUTS',
    `texts: expected at least one text in ${source}; got none, ${skippedCount} rows skipped${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`,
  );
}
