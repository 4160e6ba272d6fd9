// Would another seed, or half of the images, have given the same concepts?

import { mean } from '../../math/stats.ts';
import { matchBanks } from '../../metrics/stability.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import { factorize } from '../factorize.ts';
import type { ResolvedOptions, RunOptions } from '../options.ts';
import type { EncodedRows } from '../row-list.ts';

/** Agreement of a concept bank with those of other fits. */
export interface Agreement {
  /** Other fits. */
  readonly fits: number;
  /** Mean cosine of matched concepts, over concepts and fits: 1 is the same concepts. */
  readonly mean: number;
  /** Of the concept that is found again least. */
  readonly least: number;
  /** Mean over the fits, [r]. */
  readonly perConcept: readonly number[];
}

export interface Stability {
  readonly seeds: Agreement;
  /** On every other image, and on the rest. */
  readonly halves: Agreement;
}

/** Fits with other seeds. */
const SEEDS = 3;

/**
 * Factorises the rows again with three other seeds, and each half of the inputs alone, and matches the banks.
 *
 * @param W - the bank that is tested, [r, p].
 */
export async function fitStability(
  rows: EncodedRows,
  W: Tensor,
  options: ResolvedOptions,
  { signal }: Pick<RunOptions, 'signal'>,
): Promise<Stability> {
  const refit = async (A: Tensor<Float32Array>, seed: number): Promise<Float64Array> => {
    checkAborted(signal);
    const other = await factorize(A, { ...options, numberOfConcepts: W.dims[0], seed }, { signal });
    return matchBanks(W, other.W).cosines;
  };
  const seeds: Float64Array[] = [];
  for (let k = 1; k <= SEEDS; k++) seeds.push(await refit(rows.A, options.seed + k));
  const halves: Float64Array[] = [];
  for (const half of [0, 1]) {
    const A = halfOf(rows, half);
    if (A) halves.push(await refit(A, options.seed));
  }
  return { seeds: agreementOf(seeds), halves: agreementOf(halves) };
}

function agreementOf(fits: readonly Float64Array[]): Agreement {
  const r = fits[0]?.length ?? 0;
  const perConcept = Array.from({ length: r }, (_, i) => mean(fits.map((cosines) => cosines[i])));
  return {
    fits: fits.length,
    mean: r > 0 ? mean(perConcept) : 0,
    least: r > 0 ? Math.min(...perConcept) : 0,
    perConcept,
  };
}

/** Rows of every other input; null if there are none. */
function halfOf({ A, sources }: EncodedRows, half: number): Tensor<Float32Array> | null {
  const p = A.dims[1];
  const chosen = sources.flatMap(({ input }, row) => (input % 2 === half ? [row] : []));
  if (chosen.length === 0) return null;
  const data = new Float32Array(chosen.length * p);
  chosen.forEach((row, k) => {
    data.set(A.data.subarray(row * p, (row + 1) * p), k * p);
  });
  return { data, dims: [chosen.length, p] };
}
