// How strong a concept is over the rows, and rows that show it at its median and near 0.

import type { Tensor } from '../../tensor/tensor.ts';
import type { ConceptDetails, Example } from '../report-data.ts';

const BINS = 24;
const SHOWN = 6;
/** A concept counts as present in a row above this share of its largest coefficient. */
const PRESENT = 0.1;

/**
 * Details of one concept.
 *
 * @param U - coefficients of the rows, [n, r].
 * @param exampleOf - the row as an example; null if it cannot be shown.
 */
export function conceptDetails(
  U: Tensor,
  id: number,
  exampleOf: (row: number, value: number) => Example | null,
): ConceptDetails {
  const [n, r] = U.dims;
  const values = Float64Array.from({ length: n }, (_, row) => U.data[row * r + id]);
  const largest = values.reduce((most, u) => Math.max(most, u), 0);
  const counts = new Array<number>(BINS).fill(0);
  for (const u of values) counts[binOf(u, largest)]++;
  const rising = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const first = (above: (value: number) => boolean): number => {
    const at = rising.findIndex((row) => above(values[row]));
    return at < 0 ? n : at;
  };
  const present = rising.subarray(first((u) => u > PRESENT * largest));
  const zeros = first((u) => u > values[rising[0]]);
  const show = (order: Iterable<number>): Example[] => pick(order, (row) => exampleOf(row, values[row]));
  return {
    median: show(aroundMiddle(present)),
    // of many that are 0, some from everywhere rather than the first
    zero: largest > 0 ? show(fromZero(rising, zeros)) : [],
    histogram: { counts, largest },
  };
}

function binOf(u: number, largest: number): number {
  return largest > 0 ? Math.max(0, Math.min(BINS - 1, Math.floor((u / largest) * BINS))) : 0;
}

/** The first that can be shown, one of an input. */
function pick(rows: Iterable<number>, exampleOf: (row: number) => Example | null): Example[] {
  const picked = new Map<number, Example>();
  for (const row of rows) {
    if (picked.size === SHOWN) break;
    const example = exampleOf(row);
    if (example && !picked.has(example.input)) picked.set(example.input, example);
  }
  return [...picked.values()];
}

/** From the middle of a list outwards. */
function* aroundMiddle(list: Uint32Array): Generator<number> {
  const middle = Math.floor(list.length / 2);
  for (let step = 0; step <= middle; step++) {
    if (middle + step < list.length) yield list[middle + step];
    if (step > 0) yield list[middle - step];
  }
}

/** Rows from the weakest on, the first `zeros` of them in an order whose beginning is spread over them. */
function* fromZero(rising: Uint32Array, zeros: number): Generator<number> {
  const stride = Math.max(1, Math.floor(zeros / SHOWN));
  for (let start = 0; start < stride; start++)
    for (let k = (start + (stride >> 1)) % stride; k < zeros; k += stride) yield rising[k];
  yield* rising.subarray(zeros);
}
