// A without its zeros in the kernels' memory, where it has many: what a ReLU gives is mostly zeros.

import type { Pace } from '../pace.ts';
import type { Engine } from './engine.ts';
import { type Cut, type Panels, rowsOf } from './panels.ts';

/** Share of elements that are not 0 up to which the kernels are faster without the zeros. */
const SPARSE = 0.4;
/** Columns are numbered in 16 bits. */
const MOST_COLUMNS = 2 ** 16;
/** Elements of A that are looked at before all are counted: so many places, so many neighbours at each. */
const PLACES = 2 ** 7;
const NEIGHBOURS = 2 ** 5;

/** Whether a matrix [n, p] looks sparse enough, from elements spread over it; neighbours share a page of memory. */
export function looksSparse(data: ArrayLike<number>, p: number): boolean {
  if (p > MOST_COLUMNS) return false;
  const step = Math.max(NEIGHBOURS, Math.floor(data.length / PLACES)) | 1; // odd: not always the same columns
  let some = 0;
  let seen = 0;
  for (let from = 0; from < data.length; from += step) {
    const to = Math.min(data.length, from + NEIGHBOURS);
    for (let k = from; k < to; k++, seen++) if (data[k] !== 0) some++;
  }
  return some <= SPARSE * seen;
}

/**
 * The panels without zeros, read once and kept; the kernels know them by `ld` = 0 (assembly/sparse.ts).
 * Six bytes an element that is not 0.
 */
export async function sparsePanels(engine: Engine, dense: Panels, pace: Pace): Promise<Panels> {
  const addresses: number[] = [];
  for await (const { first, addresses: held } of dense.groups()) {
    const calls = held.map((address, k) => [address, dense.stride, rowsOf(dense, first + k), dense.width]);
    const counts = await engine.run('countNonzero', calls, pace);
    const places = held.map((_, k) => engine.place(chunkBytes(rowsOf(dense, first + k), counts[k])));
    await engine.run(
      'compressPass',
      calls.map((call, k) => [...call, counts[k], places[k]]),
      pace,
    );
    addresses.push(...places);
  }
  return { ...dense, ld: 0, groups: () => groupsOf(dense, addresses, dense.groupSize) };
}

function* groupsOf(
  { chunks }: Cut,
  addresses: number[],
  size: number,
): Generator<{ first: number; addresses: number[] }> {
  for (let first = 0; first < chunks; first += size) {
    yield { first, addresses: addresses.slice(first, first + size) };
  }
}

/** Starts of rows, elements, columns; each from a multiple of 16 bytes, with room for one that is 0. */
function chunkBytes(rows: number, count: number): number {
  const round = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  return round((rows + 1) * 4) + round(count * 4) + 16 + round(count * 2) + 16;
}

/** Bytes of scratch that a pass over panels needs beside `scratchBytes`, for r concepts. */
export function sparseScratch({ ld, width }: Panels, r: number): number {
  return ld === 0 ? 4 * width * Math.max(48, Math.ceil(r / 4) * 4) : 0;
}

/** Writes W [r, width] (`stride` floats between rows) as passes over these panels read it. */
export function packFor(
  engine: Engine,
  { ld, stride, width }: Panels,
  W: number,
  r: number,
  out: number,
): void {
  engine.kernels[ld === 0 ? 'packLanes' : 'pack'](W, stride, r, width, out);
}

/** Bytes of what {@link packFor} writes. */
export function packedBytes({ width }: Cut, r: number): number {
  return Math.ceil(r / 4) * 4 * width * 4;
}
