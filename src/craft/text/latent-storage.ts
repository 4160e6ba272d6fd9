// Where the latents of a run are kept: whole in memory while they are few, else in chunks, on disk where there is one.

import { CraftError } from '../../errors.ts';
import type { RowSource } from '../../math/row-source.ts';
import type { Tensor } from '../../tensor/tensor.ts';

export type { RowSource };

/**
 * Latents [n, p]. How they are factorised follows from their size alone, as `Tensor` or as `RowSource`, and not from
 * where they are kept: with a disk and without one the numbers are the same.
 */
export type LatentMatrix = Tensor<Float32Array> | RowSource;

/** A matrix that is written from its first row to its last. */
export interface LatentWriter {
  /** The next rows, [k, p]. The array is not kept. */
  append(rows: Float32Array): Promise<void>;
  /** The matrix, once all rows are there. A chunk of it holds until the next one is asked for. */
  finish(): RowSource;
}

/** Size of a matrix, and how it is read. */
export interface MatrixSize {
  readonly rows: number;
  /** p */
  readonly columns: number;
  /** Rows of a chunk. */
  readonly chunkRows: number;
}

/** What keeps large matrices during a run. */
export interface LatentStorage {
  /**
   * Makes room for a matrix.
   *
   * @throws {@link CraftError} `FILE` or `OPTION` if there is none.
   */
  open(shape: MatrixSize): Promise<LatentWriter>;
}

/** Bytes of a matrix up to which it is held whole. */
export const WHOLE_BYTES = 256 * 2 ** 20;
/** Of a chunk, about. */
const CHUNK_BYTES = 4 * 2 ** 20;
const FLOAT32 = 4;

/** Keeps matrices in memory, where there is no disk. */
export const memoryStorage: LatentStorage = { open: async (shape) => new MemoryRows(shape) };

/** Whether latents [rows, p] are held whole. @param wholeBytes - default {@link WHOLE_BYTES}. */
export function isWhole(rows: number, p: number, wholeBytes = WHOLE_BYTES): boolean {
  return FLOAT32 * rows * p <= wholeBytes;
}

/** A matrix whose width the first rows tell. */
export class LatentSink {
  readonly #rows: number;
  readonly #settings: LatentSettings;
  #p = 0;
  #writer: LatentWriter | null = null;

  constructor(rows: number, settings: LatentSettings) {
    this.#rows = rows;
    this.#settings = settings;
  }

  /** @throws {@link CraftError} `SHAPE` if the width is another than that of the rows before; those of the storage. */
  async append({ data, dims: [, p] }: Tensor<Float32Array>): Promise<void> {
    this.#writer ??= await this.#open(p);
    if (p !== this.#p) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected latents of one width ${this.#p}; got one of ${p}`,
      );
    }
    await this.#writer.append(data);
  }

  finish(): LatentMatrix {
    if (this.#writer === null) return { data: new Float32Array(0), dims: [0, 0] };
    return this.#writer instanceof MemoryRows && this.#isWhole()
      ? this.#writer.tensor()
      : this.#writer.finish();
  }

  #isWhole(): boolean {
    return isWhole(this.#rows, this.#p, this.#settings.wholeBytes);
  }

  async #open(p: number): Promise<LatentWriter> {
    this.#p = p;
    const { batchSize, storage } = this.#settings;
    // a multiple of the batch: h then runs on the same batches as if the rows were whole
    const batches = Math.max(1, Math.floor(CHUNK_BYTES / (FLOAT32 * p * batchSize)));
    const shape = { rows: this.#rows, columns: p, chunkRows: batches * batchSize };
    return (this.#isWhole() ? memoryStorage : storage).open(shape);
  }
}

/** How latents are kept. */
interface LatentSettings {
  readonly storage: LatentStorage;
  readonly batchSize: number;
  readonly wholeBytes?: number;
}

class MemoryRows implements LatentWriter {
  readonly #shape: MatrixSize;
  readonly #data: Float32Array<ArrayBuffer>;
  #at = 0;

  constructor(shape: MatrixSize) {
    this.#shape = shape;
    this.#data = allocated(shape);
  }

  async append(rows: Float32Array): Promise<void> {
    this.#data.set(rows, this.#at);
    this.#at += rows.length;
  }

  tensor(): Tensor<Float32Array> {
    const { rows, columns } = this.#shape;
    return { data: this.#data, dims: [rows, columns] };
  }

  finish(): RowSource {
    const { rows, columns, chunkRows } = this.#shape;
    const data = this.#data;
    return {
      rows,
      columns,
      *chunks() {
        for (let first = 0; first < rows; first += chunkRows) {
          const count = Math.min(chunkRows, rows - first);
          yield {
            data: data.subarray(first * columns, (first + count) * columns),
            dims: [count, columns],
          };
        }
      },
    };
  }
}

function allocated({ rows, columns }: MatrixSize): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(rows * columns);
  } catch (cause) {
    throw new CraftError(
      'OPTION',
      `texts: expected ${rows} latents of ${columns} numbers to fit in memory; got ${(cause as Error).message} – use fewer texts (--limit) or larger units`,
      { cause },
    );
  }
}
