// A long matrix A [n, p] before the kernels, in chunks of rows whose size depends on its shape only, so that
// the sums over chunks are the same bits however many stand in memory at a time.

import type { Tensor } from '../../tensor/tensor.ts';
import type { Engine } from './engine.ts';

/** Rows that a kernel works on at a time (BLOCK in products.ts); chunks are whole blocks. */
const BLOCK = 48;
/** Floats in a chunk, about: 2 MB, a few milliseconds of work. */
const CHUNK_FLOATS = 2 ** 19;
/** Columns are padded to the kernels' step, */
const STEP = 16;

/** How A is cut. */
export interface Cut {
  readonly n: number;
  readonly p: number;
  /** p rounded up to a multiple of 16; the columns beyond p are 0. */
  readonly width: number;
  /** Floats between rows: width, + 16 where columns are walked: a power of two would put all rows in the same cache sets. */
  readonly stride: number;
  /** Rows of a chunk, a multiple of 48; the last has less. */
  readonly chunkRows: number;
  readonly chunks: number;
}

/**
 * @param floats - in a chunk, about; a sum over chunks has the same bits only with the same cut.
 * @param padding - floats after each row.
 */
export function cutRows(n: number, p: number, floats = CHUNK_FLOATS, padding = STEP): Cut {
  const width = roundUp(p, STEP);
  const blocks = Math.max(1, Math.floor(floats / (BLOCK * width)));
  const chunkRows = BLOCK * Math.min(blocks, Math.ceil(n / BLOCK));
  return { n, p, width, stride: width + padding, chunkRows, chunks: Math.ceil(n / chunkRows) };
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Rows in chunk `c`. */
export function rowsOf({ n, chunkRows }: Cut, c: number): number {
  return Math.min(chunkRows, n - c * chunkRows);
}

/** Some chunks in a row: chunk `first + k` stands at `addresses[k]`. */
export interface Group {
  first: number;
  addresses: number[];
}

/** A matrix as passes read it. */
export interface Panels extends Cut {
  /** Floats between rows as kernels are told: `stride`, or 0 for chunks without zeros (sparse-panels.ts). */
  readonly ld: number;
  /** Most chunks in a group. */
  readonly groupSize: number;
  /** All chunks in order. */
  groups(): AsyncIterable<Group> | Iterable<Group>;
}

/**
 * A matrix outside the kernels' memory, copied in group by group in every pass: copying costs less than
 * the first touch of as much new memory, and the memory is bounded.
 *
 * @param rows - gives the rows of A in order, in tensors of any number of rows, again at every call.
 * @param groupSize - chunks that are worked on together.
 */
export function streamedPanels(
  engine: Engine,
  cut: Cut,
  rows: () => AsyncIterable<Tensor> | Iterable<Tensor>,
  groupSize: number,
): Panels {
  const held = Math.min(groupSize, cut.chunks);
  const chunkBytes = cut.chunkRows * cut.stride * 4;
  const start = engine.place(held * chunkBytes);
  const places = Array.from({ length: held }, (_, k) => start + k * chunkBytes);
  // rows come in one piece and are spread in the kernels' memory: a view for each row would be much garbage
  const staging = cut.stride === cut.p ? 0 : engine.place(cut.chunkRows * cut.p * 4);
  return {
    ...cut,
    ld: cut.stride,
    groupSize: held,
    groups: () => fill(engine, cut, rows(), places, staging),
  };
}

/** A matrix that stands in the kernels' memory, chunk c at `addresses[c]`. */
export function placedPanels(cut: Cut, addresses: number[], groupSize: number): Panels {
  return {
    ...cut,
    ld: cut.stride,
    groupSize,
    *groups() {
      for (let first = 0; first < cut.chunks; first += groupSize) {
        yield { first, addresses: addresses.slice(first, first + groupSize) };
      }
    },
  };
}

/** Copies rows into the places, and yields each time all are full, and at the end. */
async function* fill(
  engine: Engine,
  cut: Cut,
  rows: AsyncIterable<Tensor> | Iterable<Tensor>,
  places: number[],
  staging: number,
): AsyncGenerator<Group> {
  const { n, p, stride, chunkRows } = cut;
  const room = places.length * chunkRows; // rows; chunks stand one after the other
  let first = 0; // chunk
  let filled = 0; // rows of this group
  for await (const { data, dims } of rows) {
    for (let from = 0; from < dims[0]; ) {
      const most = staging ? chunkRows : room;
      const count = Math.min(dims[0] - from, room - filled, most);
      const to = places[0] + filled * stride * 4;
      engine.f32(staging || to, count * p).set(data.subarray(from * p, (from + count) * p));
      if (staging) engine.kernels.spread(staging, to, count, p, stride);
      from += count;
      filled += count;
      if (filled < room && first * chunkRows + filled < n) continue;
      yield { first, addresses: places.slice(0, Math.ceil(filled / chunkRows)) };
      first += places.length;
      filled = 0;
    }
  }
}
