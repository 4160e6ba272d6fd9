// A matrix that comes in chunks of rows, so that it need not fit in memory.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';

/**
 * A matrix [rows, columns] that is read in order, chunk by chunk; a chunk is a Tensor [k, columns] of any
 * k ≥ 1. It is read several times: each call of `chunks` starts again and gives the same rows.
 */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  chunks(): AsyncIterable<Tensor> | Iterable<Tensor>;
}

/** Whether `A` is a RowSource rather than a Tensor. */
export function isRowSource(A: Tensor | RowSource): A is RowSource {
  return typeof (A as RowSource)?.chunks === 'function';
}

/** Throws `SHAPE` unless rows and columns are whole numbers ≥ 1; `where` opens the message. */
export function checkRowSource(source: RowSource, where: string): void {
  for (const name of ['rows', 'columns'] as const) {
    if (!(Number.isSafeInteger(source[name]) && source[name] >= 1)) {
      throw new CraftError(
        'SHAPE',
        `${where}: expected ${name} to be a whole number ≥ 1; got ${source[name]}`,
      );
    }
  }
}

/**
 * The source's rows, checked, in blocks of `size` rows (the last may have less) in the array that
 * `block` gives for each; `put` may be asked for the same array again after a block was yielded.
 *
 * @throws {@link CraftError} `SHAPE` if a chunk has another width or the number of rows is not `rows`.
 */
export async function* readRows(source: RowSource, where: string): AsyncGenerator<Tensor> {
  let seen = 0;
  for await (const chunk of source.chunks()) {
    checkMatrix(chunk, `${where}: chunk at row ${seen}`);
    if (chunk.dims[1] !== source.columns) {
      throw new CraftError(
        'SHAPE',
        `${where}: expected chunks of ${source.columns} columns; got ${chunk.dims[1]} at row ${seen}`,
      );
    }
    seen += chunk.dims[0];
    if (seen > source.rows) break;
    yield chunk;
  }
  if (seen !== source.rows) {
    throw new CraftError(
      'SHAPE',
      `${where}: expected ${source.rows} rows in every pass; got ${seen > source.rows ? 'more' : seen}`,
    );
  }
}
