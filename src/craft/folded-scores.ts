// Class scores of masked inputs through a head in two parts.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, h = tail ∘ P, P affine, b = P(0).

import type { Tensor } from '../tensor/tensor.ts';
import { checkAborted } from './batches.ts';
import type { FoldedHead } from './folded-head.ts';
import { differences, everywhere, prefixRows, scoresOf, weightedMeans } from './folded-rows.ts';
import type { LatentShape } from './layout.ts';
import { readingOf, type Weights } from './location-weights.ts';
import { MaskedLatents } from './masked-latents.ts';
import type { FoldedPath, ScoreCounts, ScoreRequest } from './score-request.ts';
import { ScoreRows } from './score-rows.ts';

/** What P reads or gives for the concepts of one input may take this; more is not worth its memory. */
const MOST_PREFIX_BYTES = 256 * 2 ** 20;
const FLOAT32 = 4;
/** Rows at a time where nothing is left to run for them. */
const PLAIN_ROWS = 4096;

/** A folded head that is ready for masks. */
export interface FoldedScorer {
  readonly path: FoldedPath | 'batched';
  scores(request: ScoreRequest): Promise<ScoreCounts>;
}

/** u [T, r] of every input. */
export interface InputCoefficients {
  readonly count: number;
  of(n: number): Float32Array;
}

/** Whose scores are wanted; the bank is [r, p]. */
export interface Masked {
  readonly W: Tensor;
  readonly shape: LatentShape;
  readonly inputs: InputCoefficients;
}

/**
 * Finds out how far a fold carries. If P reads the locations through one weighted sum, or there is one location,
 * aᵢ = ūᵢ·Kᵢ with Kᵢ of the bank alone: r + 1 runs of P, here, serve all inputs. Else P runs r + 1 times an input.
 *
 * @returns null if P on all concepts of one input would take more memory than it is worth.
 */
export async function foldedScorer(head: FoldedHead, masked: Masked): Promise<FoldedScorer | null> {
  const { W, shape } = masked;
  const widest = Math.max(head.width, shape.locations * shape.width);
  if (FLOAT32 * (W.dims[0] + 1) * widest > MOST_PREFIX_BYTES) return null;
  const isPlain = head.prefix === null;
  const isVector = shape.locations === 1;
  const weights = isVector
    ? [1]
    : isPlain || !head.isVector
      ? null
      : await readingOf(prefixRows(head, shape), shape);
  if (weights) {
    const path = isPlain ? 'batched' : isVector ? 'folded-linear' : 'folded-pool';
    const shared = await sharedBasis(head, masked, weights);
    return { path, scores: (request) => sharedScores(head, shared, request) };
  }
  const path = isPlain ? 'batched' : 'folded-prefix';
  return { path, scores: (request) => ownScores(head, masked, request) };
}

/** One basis for all inputs. */
interface SharedBasis {
  /** Kᵢ·s, [r, q]. */
  readonly basis: Float32Array;
  /** b, [q] */
  readonly offset: Float32Array;
  /** ū/s of every input, [N, r]. */
  readonly means: Float64Array;
  readonly rank: number;
}

async function sharedBasis(
  head: FoldedHead,
  { W, shape, inputs }: Masked,
  weights: Weights,
): Promise<SharedBasis> {
  const [r, p] = W.dims;
  const means = weightedMeans(inputs, weights, r);
  // K of rows as large as those that they stand for: float32 then rounds K no more than it would these
  const s = means.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const bank = new Float32Array((r + 1) * p); // the last row stays 0
  for (let k = 0; k < r * p; k++) bank[k] = s * W.data[k];
  const rows = await prefixRows(head, shape)(everywhere(bank, shape));
  return { ...differences(rows, r), means: means.map((u) => u / s), rank: r };
}

/** Rows of several inputs go through the tail together. */
async function sharedScores(
  head: FoldedHead,
  { basis, offset, means, rank: r }: SharedBasis,
  { masks, take, first, signal, onInputs }: ScoreRequest,
): Promise<ScoreCounts> {
  const perInput = masks.count;
  const total = (first ?? means.length / r) * perInput;
  const scores = new ScoreRows(perInput, take);
  const rows = Math.min(head.tail ? head.rows : PLAIN_ROWS, total);
  const coefficients = new Float32Array(rows * r);
  for (let from = 0; from < total; from += rows) {
    checkAborted(signal);
    const count = Math.min(rows, total - from);
    for (let k = 0; k < count; k++) {
      const n = Math.floor((from + k) / perInput);
      const own = masks.of(n);
      const [u, m] = [n * r, (from + k - n * perInput) * r];
      for (let i = 0; i < r; i++) coefficients[k * r + i] = own[m + i] * means[u + i];
    }
    scores.add(await scoresOf(head, { coefficients, count, basis, offset }));
    onInputs?.(Math.floor((from + count) / perInput));
  }
  return {
    headEvaluations: head.tail ? total : 0,
    prefixEvaluations: head.prefix ? r + 1 : 0,
  };
}

/** A basis for each input: P runs on every concept of it alone. */
async function ownScores(
  head: FoldedHead,
  { W, shape, inputs }: Masked,
  { masks, take, first = inputs.count, signal, onInputs }: ScoreRequest,
): Promise<ScoreCounts> {
  const r = W.dims[0];
  const perInput = masks.count;
  const latents = new MaskedLatents(W, shape);
  const run = prefixRows(head, shape);
  const alone = new Float32Array((r + 1) * latents.size); // the last row stays 0
  const y = new Float64Array(perInput);
  for (let n = 0; n < first; n++) {
    const u = inputs.of(n);
    const own = masks.of(n);
    for (let i = 0; i < r; i++) {
      const only = new Uint8Array(r);
      only[i] = 1;
      latents.write(u, only, alone.subarray(i * latents.size, (i + 1) * latents.size));
    }
    const { basis, offset } = differences(await run({ data: alone, dims: [r + 1, ...shape.dims] }), r);
    for (let from = 0; from < perInput; from += head.rows) {
      checkAborted(signal);
      const count = Math.min(head.rows, perInput - from);
      const coefficients = Float32Array.from(own.subarray(from * r, (from + count) * r));
      y.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
    }
    take(n, y);
    onInputs?.(n + 1);
  }
  return {
    headEvaluations: head.tail ? first * perInput : 0,
    prefixEvaluations: head.prefix ? first * (r + 1) : 0,
  };
}
