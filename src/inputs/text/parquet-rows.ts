// Rows of a Parquet file, a part of a row group at a time.

import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { CraftError } from '../../errors.ts';
import { boundedCompressors as compressors } from './parquet-pages.ts';
import { type ColumnOptions, findColumns } from './text-columns.ts';
import type { TextRow } from './text-row.ts';

/** Rows that are decoded together. */
const ROWS = 16384;
/** Bytes of one column of one row group when unpacked, at most. */
const MOST_COLUMN_BYTES = 2 ** 31;
/** Rows of a file, at most: more than these cannot be counted in a list of names. */
const MOST_ROWS = 2 ** 31;

/**
 * Rows of the columns that are read; others are never decoded.
 *
 * @param name - of the file, for errors.
 * @throws {@link CraftError} `FILE_FORMAT` if it is no Parquet file or a damaged one, `OPTION` for a column that there
 *   is not.
 */
export async function* parquetRows(
  file: AsyncBuffer,
  name: string,
  options: ColumnOptions,
): AsyncGenerator<TextRow[]> {
  const metadata = await described(name, () => parquetMetadataAsync(file));
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const { text, label, id } = findColumns(names, options);
  checkSizes(name, metadata, file.byteLength);
  const total = Number(metadata.num_rows);
  const columns = [...new Set([text, label, id].filter((column) => column !== null))];
  for (let start = 0; start < total; start += ROWS) {
    const rowEnd = Math.min(start + ROWS, total);
    const rows = await described(name, () =>
      parquetReadObjects({ file, metadata, columns, rowStart: start, rowEnd, compressors }),
    );
    yield rows.map((fields, k) => ({ row: start + k + 1, fields }));
    if (rows.length === 0) return;
  }
}

/** Number of rows that the file says it has. @throws {@link CraftError} `FILE_FORMAT`. */
export async function parquetCount(file: AsyncBuffer, name: string): Promise<number> {
  return Number((await described(name, () => parquetMetadataAsync(file))).num_rows);
}

function checkSizes(name: string, { num_rows, row_groups }: FileMetaData, bytes: number): void {
  const counts = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (Number(num_rows) !== counts || counts > MOST_ROWS)
    throw damaged(name, `${num_rows} rows in groups of ${counts}`);
  for (const { columns } of row_groups) {
    for (const { meta_data: column } of columns) {
      if (!column) continue;
      const [packed, unpacked] = [column.total_compressed_size, column.total_uncompressed_size].map(Number);
      if (packed < 0 || packed > bytes || unpacked < 0 || unpacked > MOST_COLUMN_BYTES)
        throw damaged(name, `a column of ${unpacked} bytes, ${packed} packed, in a file of ${bytes}`);
    }
  }
}

async function described<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw damaged(name, (cause as Error).message?.slice(0, 200) ?? String(cause), cause);
  }
}

function damaged(name: string, got: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `texts: expected ${name} to be a Parquet file; got ${got}`, { cause });
}
