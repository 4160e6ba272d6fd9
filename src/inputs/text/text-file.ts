// Texts of a file, in batches, again and again, without holding them in memory.

import type { AsyncBuffer } from 'hyparquet';
import { CraftError } from '../../errors.ts';
import { csvRows, type ParseCsv } from './csv-rows.ts';
import { decoded } from './decode.ts';
import { arrayRows, jsonRows, lineRows, wholeRows } from './json-rows.ts';
import { linesOf } from './lines.ts';
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
  /** Texts a batch, fewer where they are long; default 256. */
  readonly batchSize?: number;
  /** Only the first so many that can be used; default: all. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Texts of a file. */
export interface TextFile extends TextSource {
  /** What a user should know of the file; complete after one pass. */
  readonly warnings: readonly string[];
  /** Deletes the copy of the standard input, if there is one. */
  close(): Promise<void>;
}

/** A file as a platform reaches it. */
export interface TextContent {
  /** Of the file, without its path; `-` for the standard input. */
  readonly name: string;
  /** All bytes in chunks as {@link decoded} takes them, anew with every call; a chunk is only good until the next. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Any range of them, until it is closed. */
  ranges(): Promise<{ readonly file: AsyncBuffer; close(): Promise<void> }>;
  parseCsv(): Promise<ParseCsv>;
  /** Deletes what was made for it. */
  remove(): Promise<void>;
}

/** Of a batch of long texts, which is then of fewer. */
const MOST_CHARACTERS = 4_000_000;

const EXTENSIONS: Readonly<Record<string, TextFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  parquet: 'parquet',
  txt: 'txt',
};

/** @throws {@link CraftError} `OPTION` if the extension tells none. */
export function formatOf(name: string): TextFormat {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1].toLowerCase() ?? '';
  if (Object.hasOwn(EXTENSIONS, extension)) return EXTENSIONS[extension];
  throw new CraftError(
    'OPTION',
    `texts: expected a .csv, .tsv, .json, .jsonl, .parquet or .txt file; got ${name} – say what it is with --format`,
  );
}

/** @throws {@link CraftError} `OPTION` if a number is out of range. */
export function checkTextOptions({ batchSize = 256, limit }: TextFileOptions): void {
  for (const [name, value] of Object.entries({ batchSize, limit: limit ?? 1 })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new CraftError('OPTION', `${name}: expected a whole number ≥ 1; got ${value}`);
  }
}

/**
 * Texts of a content; see {@link openTextFile}.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if a Parquet file is none.
 */
export async function textFileOf(
  content: TextContent,
  format: TextFormat,
  options: TextFileOptions,
): Promise<TextFile> {
  return new FileOfTexts(content, format, options, format === 'parquet' ? await countOf(content) : null);
}

class FileOfTexts implements TextFile {
  readonly source: string;
  readonly total: number | null;
  readonly #content: TextContent;
  readonly #format: TextFormat;
  readonly #options: TextFileOptions;
  /** Of the first pass that came to its end, until then of the last one. */
  #sieve: TextSieve;
  #isComplete = false;

  constructor(content: TextContent, format: TextFormat, options: TextFileOptions, total: number | null) {
    this.source = content.name;
    this.total = total;
    this.#content = content;
    this.#format = format;
    this.#options = options;
    this.#sieve = new TextSieve(options, options.keepDuplicates === true);
  }

  close(): Promise<void> {
    return this.#content.remove();
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
    if (!this.#isComplete) this.#sieve = sieve; // a later pass may end early
    let batch: TextItem[] = [];
    let characters = 0;
    reading: for await (const rows of rowsOf(this.#content, this.#format, this.#options)) {
      if (signal?.aborted)
        throw new CraftError('ABORTED', 'texts: stopped by the caller', { cause: signal.reason });
      for (const row of rows) {
        const item = sieve.item(row);
        if (item) {
          batch.push(item);
          characters += item.text.length;
        }
        if (batch.length >= batchSize || characters >= MOST_CHARACTERS) {
          yield batch;
          [batch, characters] = [[], 0];
        }
        if (sieve.names.length >= limit) break reading;
      }
    }
    if (batch.length > 0) yield batch;
    this.#isComplete = true;
    if (sieve.names.length === 0) throw noTexts(this.source, sieve);
  }
}

async function* rowsOf(
  content: TextContent,
  format: TextFormat,
  { encoding, delimiter, whole, ...columns }: TextFileOptions,
): AsyncGenerator<TextRow[]> {
  const chunks = (): AsyncGenerator<string> => decoded(content.bytes(), encoding);
  switch (format) {
    case 'csv':
    case 'tsv':
      yield* csvRows(await content.parseCsv(), chunks(), delimiter ?? (format === 'csv' ? ',' : '\t'));
      return;
    case 'jsonl':
      yield* jsonRows(linesOf(chunks()));
      return;
    case 'json':
      yield* arrayOrLines(chunks);
      return;
    case 'parquet':
      yield* rowsOfParquet(content, columns);
      return;
    case 'txt':
      yield* whole ? wholeRows(chunks()) : lineRows(linesOf(chunks()));
  }
}

/** Loaded when it is needed: what unpacks Parquet is large. */
async function* rowsOfParquet(content: TextContent, columns: ColumnOptions): AsyncGenerator<TextRow[]> {
  const { parquetRows } = await import('./parquet-rows.ts');
  const { file, close } = await content.ranges();
  try {
    yield* parquetRows(file, content.name, columns);
  } finally {
    await close();
  }
}

async function countOf(content: TextContent): Promise<number> {
  const { parquetCount } = await import('./parquet-rows.ts');
  const { file, close } = await content.ranges();
  try {
    return await parquetCount(file, content.name);
  } finally {
    await close();
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

function noTexts(source: string, { skipped, skippedCount }: TextSieve): CraftError {
  const reasons = skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
  return new CraftError(
    'NO_INPUTS',
    `texts: expected at least one text in ${source}; got none, ${skippedCount} rows skipped${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`,
  );
}
