// Would other choices have found the same: other seeds, half of the inputs, other numbers of concepts?

import { designsPerInput } from '../math/bootstrap-means.ts';
import { completeness } from '../metrics/completeness.ts';
import { matchBanks } from '../metrics/stability.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Agreement, fitStability } from './attribution/fit-stability.ts';
import { checkAborted } from './batches.ts';
import { conceptOrder } from './concept-list.ts';
import { coefficientsOf } from './concepts.ts';
import { type Factorization, factorize } from './factorize.ts';
import { estimateImportance, type ImportanceOptions } from './importance.ts';
import type { Latents } from './layout.ts';
import type { CraftParts } from './parts.ts';
import { reconstruct } from './reconstruct.ts';
import { evenly } from './recursion/select.ts';
import type { Robustness } from './robustness-schema.ts';
import type { EncodedRows } from './row-list.ts';

/** Options of `Craft.robustness`. */
export interface RobustnessOptions extends ImportanceOptions {
  /** `order[id]` is a concept's index in the fit. */
  readonly order: readonly number[];
}

/** The fit in question, with its rows and the latents of its inputs. */
export interface Questioned {
  readonly parts: CraftParts;
  readonly rows: EncodedRows;
  readonly latents: readonly Latents[];
  readonly fit: Pick<Factorization, 'W' | 'relativeError'>;
}

/** Inputs that R² and importance are taken over, at most: enough to see a bend, whatever the set is. */
const RANK_INPUTS = 32;
/** Points of a design for them, at most. */
const RANK_DESIGN = 16;

/** The numbers of concepts that are compared: a quarter, a half, once, one and a half and twice as many, 1 to n. */
export function ranksAround(r: number, n: number): number[] {
  const wanted = [r / 4, r / 2, r, 1.5 * r, 2 * r].map((k) => Math.min(n, Math.max(1, Math.round(k))));
  return [...new Set(wanted)].sort((a, b) => a - b);
}

/** Rows that h runs on, at most: twice on every input for R², and the design, folds left aside. */
export function robustnessHeadRuns(r: number, rows: number, inputs: number, nbDesign: number): number {
  const some = Math.min(inputs, RANK_INPUTS);
  const N = Math.min(nbDesign, RANK_DESIGN);
  return ranksAround(r, rows).reduce(
    (sum, k) => sum + some * (2 + designsPerInput(some) * N * (k + 1)) + 2,
    0,
  );
}

/** Fits again with every choice, and says what stays. */
export async function robustness(
  { parts, rows, latents, fit }: Questioned,
  { order, onProgress, ...options }: RobustnessOptions,
): Promise<Robustness> {
  const { signal } = options;
  const ranks = ranksAround(fit.W.dims[0], rows.A.dims[0]);
  const total = ranks.length + 1;
  const stability = await fitStability(rows, fit.W, parts.options, { signal });
  onProgress?.({ stage: 'evaluate', done: 1, total });
  const some = someLatents(latents, RANK_INPUTS);
  const found: Robustness['ranks'] = [];
  for (const numberOfConcepts of ranks) {
    checkAborted(signal);
    const isOwn = numberOfConcepts === fit.W.dims[0];
    const other = isOwn ? fit : await factorize(rows.A, { ...parts.options, numberOfConcepts }, { signal });
    found.push(await rankFacts(parts, some, fit.W, other, { ...options, order }));
    onProgress?.({ stage: 'evaluate', done: found.length + 1, total });
  }
  const { seeds, halves } = stability;
  return {
    stability: { seeds: byId(seeds, order), halves: byId(halves, order) },
    inputs: some.count,
    ranks: found,
  };
}

async function rankFacts(
  parts: CraftParts,
  latents: Latents,
  own: Tensor,
  { W, relativeError }: Questioned['fit'],
  { order, ...options }: RobustnessOptions,
): Promise<Robustness['ranks'][number]> {
  const { classId, signal, nbDesign = RANK_DESIGN } = options;
  const head = parts.needHead('robustness');
  const { affineHead, batchSize, seed } = parts.options;
  const coefficients = await coefficientsOf(latents, W, 'exact', signal);
  const { logits, reconstructed } = await reconstruct([{ latents, coefficients }], W, head, batchSize);
  const { total, lower, upper } = await estimateImportance(
    { head, foldHead: parts.foldHead, W, coefficients: [coefficients], affineHead, batchSize, seed },
    { ...options, nbDesign: Math.min(nbDesign, RANK_DESIGN) },
  );
  const places = conceptOrder(total);
  const matched = matchesOf(own, W);
  return {
    concepts: W.dims[0],
    relativeError,
    r2: completeness(logits, reconstructed, classId).r2,
    importance: places.map((i) => ({ value: total[i], lower: lower[i], upper: upper[i] })),
    matches: order.map((i) => {
      const match = matched[i];
      return match && { place: places.indexOf(match.index), cosine: match.cosine };
    }),
  };
}

/** For each concept of W the one of V that it is matched with; null for those left over where V has fewer. */
function matchesOf(W: Tensor, V: Tensor): ({ index: number; cosine: number } | null)[] {
  const isFewer = V.dims[0] < W.dims[0];
  const { match, cosines } = isFewer ? matchBanks(V, W) : matchBanks(W, V);
  const found: ({ index: number; cosine: number } | null)[] = new Array(W.dims[0]).fill(null);
  match.forEach((j, i) => {
    if (isFewer) found[j] = { index: i, cosine: cosines[i] };
    else found[i] = { index: j, cosine: cosines[i] };
  });
  return found;
}

function byId({ perConcept, ...agreement }: Agreement, order: readonly number[]) {
  return { ...agreement, perConcept: order.map((i) => perConcept[i] ?? 0) };
}

/** Latents of some inputs, spread evenly, as one batch. */
function someLatents(batches: readonly Latents[], most: number): Latents {
  const all = batches.flatMap((batch) => Array.from({ length: batch.count }, (_, n) => ({ batch, n })));
  const chosen = evenly(all, most);
  const { shape } = batches[0];
  const size = shape.locations * shape.width;
  const data = new Float32Array(chosen.length * size);
  chosen.forEach(({ batch, n }, k) => {
    data.set(batch.data.subarray(n * size, (n + 1) * size), k * size);
  });
  return { data, count: chosen.length, shape };
}
