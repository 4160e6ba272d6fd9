// Rows of a table of separated values (RFC 4180), streamed.

import type { CsvError } from 'csv-parse';
import { CraftError } from '../../errors.ts';
import { MOST_ROW_LENGTH, type TextRow } from './text-row.ts';

/**
 * csv-parse as the platform has it: on streams of Node, or on those that it brings for browsers. What is used of it:
 * its own types need those of Node.
 */
export type ParseCsv = (options: CsvOptions) => CsvParser;

interface CsvOptions {
  delimiter: string;
  relax_column_count: boolean;
  relax_quotes: boolean;
  skip_empty_lines: boolean;
  max_record_size: number;
}

interface CsvParser {
  on(event: 'data', listener: (record: string[]) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  write(chunk: string, done: () => void): unknown;
  end(): unknown;
}

/**
 * Rows by the names in the first row; a row with fewer fields lacks the last ones, further ones are not read.
 *
 * @throws {@link CraftError} `FILE_FORMAT` at a quote that is not closed or a row above 4,000,000 characters.
 */
export async function* csvRows(
  parse: ParseCsv,
  chunks: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<TextRow[]> {
  let columns: string[] | null = null;
  let row = 0;
  for await (const records of csvRecords(parse, chunks, delimiter)) {
    const rows: TextRow[] = [];
    for (const record of records) {
      row++;
      if (columns === null) columns = distinct(record);
      else rows.push({ row, fields: Object.fromEntries(columns.map((name, k) => [name, record[k]])) });
    }
    yield rows;
  }
}

/** The records that end in a chunk, chunk by chunk. */
async function* csvRecords(
  parse: ParseCsv,
  chunks: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<string[][]> {
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_ROW_LENGTH,
  });
  let records: string[][] = [];
  let count = 0;
  parser.on('data', (record: string[]) => records.push(record));
  const failed = new Promise<never>((_, reject) => parser.on('error', reject));
  failed.catch(() => undefined); // thrown where it is waited for
  const taken = (): string[][] => {
    const found = records;
    records = [];
    count += found.length;
    return found;
  };
  try {
    for await (const chunk of chunks) {
      const written = new Promise<void>((resolve) => parser.write(chunk, () => resolve()));
      await Promise.race([written, failed]);
      yield taken();
    }
    const ended = new Promise<void>((resolve) => parser.on('end', resolve));
    parser.end();
    await Promise.race([ended, failed]);
    yield taken();
  } catch (cause) {
    if (cause instanceof CraftError || !isCsvError(cause)) throw cause;
    throw new CraftError(
      'FILE_FORMAT',
      `table: expected separated values with quotes that close; got ${cause.message.slice(0, 200)} after ${count + records.length} rows – mend the row, or pass the right --delimiter`,
      { cause },
    );
  }
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
}

/** Names of the columns, those that repeat or are empty with their number. */
function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name, k) => {
    const trimmed = name.trim();
    const own = trimmed === '' || seen.has(trimmed) ? `${trimmed || 'column'} ${k + 1}` : trimmed;
    seen.add(own);
    return own;
  });
}
