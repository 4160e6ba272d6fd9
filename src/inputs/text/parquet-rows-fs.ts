// Rows of a Parquet file, a part of a row group at a time.

import type { FileHandle } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CraftError } from '../../errors.ts';
import { opened } from './decode-fs.ts';
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
 * @throws {@link CraftError} `FILE`, `FILE_FORMAT` if it is no Parquet file or a damaged one, `OPTION` for a column
 *   that there is not.
 */
export async function* parquetRows(path: string, options: ColumnOptions): AsyncGenerator<TextRow[]> {
  const handle = await opened(path);
  try {
    const file = await bufferOf(handle);
    const metadata = await described(path, () => parquetMetadataAsync(file));
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const { text, label, id } = findColumns(names, options);
    checkSizes(path, metadata, file.byteLength);
    const total = Number(metadata.num_rows);
    const columns = [...new Set([text, label, id].filter((name) => name !== null))];
    for (let start = 0; start < total; start += ROWS) {
      const rowEnd = Math.min(start + ROWS, total);
      const rows = await described(path, () =>
        parquetReadObjects({ file, metadata, columns, rowStart: start, rowEnd, compressors }),
      );
      yield rows.map((fields, k) => ({ row: start + k + 1, fields }));
      if (rows.length === 0) return;
    }
  } finally {
    await handle.close();
  }
}

/** Number of rows that the file says it has. @throws {@link CraftError} `FILE`, `FILE_FORMAT`. */
export async function parquetCount(path: string): Promise<number> {
  const handle = await opened(path);
  try {
    const file = await bufferOf(handle);
    return Number((await described(path, () => parquetMetadataAsync(file))).num_rows);
  } finally {
    await handle.close();
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
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

function checkSizes(path: string, { num_rows, row_groups }: FileMetaData, bytes: number): void {
  const counts = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (Number(num_rows) !== counts || counts > MOST_ROWS)
    throw damaged(path, `${num_rows} rows in groups of ${counts}`);
  for (const { columns } of row_groups) {
    for (const { meta_data: column } of columns) {
      if (!column) continue;
      const [packed, unpacked] = [column.total_compressed_size, column.total_uncompressed_size].map(Number);
      if (packed < 0 || packed > bytes || unpacked < 0 || unpacked > MOST_COLUMN_BYTES)
        throw damaged(path, `a column of ${unpacked} bytes, ${packed} packed, in a file of ${bytes}`);
    }
  }
}

async function described<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw damaged(path, (cause as Error).message?.slice(0, 200) ?? String(cause), cause);
  }
}

function damaged(path: string, got: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `texts: expected ${path} to be a Parquet file; got ${got}`, { cause });
}
