// Rows of a table of separated values (RFC 4180), streamed.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CsvError, parse } from 'csv-parse';
import { CraftError } from '../../errors.ts';
import { MOST_ROW_LENGTH, type TextRow } from './text-row.ts';

/**
 * Rows by the names in the first row; a row with fewer fields lacks the last ones, further ones are not read.
 *
 * @throws {@link CraftError} `FILE_FORMAT` at a quote that is not closed or a row above 4,000,000 characters.
 */
export async function* csvRows(chunks: AsyncIterable<string>, delimiter: string): AsyncGenerator<TextRow[]> {
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_ROW_LENGTH,
  });
  // its error is thrown where the rows are read
  const fed = pipeline(Readable.from(chunks), parser).catch(() => undefined);
  let columns: string[] | null = null;
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      row++;
      if (columns === null) columns = distinct(record);
      else yield [{ row, fields: Object.fromEntries(columns.map((name, k) => [name, record[k]])) }];
    }
  } catch (cause) {
    if (cause instanceof CraftError || !isCsvError(cause)) throw cause;
    throw new CraftError(
      'FILE_FORMAT',
      `table: expected separated values with quotes that close; got ${cause.message.slice(0, 200)} after ${row} rows – mend the row, or pass the right --delimiter`,
      { cause },
    );
  } finally {
    parser.destroy();
    await fed;
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
