// Class scores of masked inputs through a head in two parts.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, h = tail ∘ P, P affine, b = P(0).

import type { Tensor } from '../tensor/tensor.ts';
import { checkAborted } from './batches.ts';
import type { FoldedHead, TailRows } from './folded-head.ts';
import { finite } from './head.ts';
import { fromLatents, type LatentShape } from './layout.ts';
import { readingOf, type Weights } from './location-weights.ts';
import { MaskedLatents } from './masked-latents.ts';
import type { FoldedPath, MaskedScores, ScoreRequest } from './score-request.ts';

/** Latents in one run of P take at most this. */
const PREFIX_BYTES = 64 * 2 ** 20;
/** Bases of one input may take this; larger ones are not worth their memory. */
const MOST_BASIS_BYTES = 256 * 2 ** 20;
const FLOAT32 = 4;

/** A folded head that is ready for masks. */
export interface FoldedScorer {
  readonly path: FoldedPath | 'batched';
  scores(request: ScoreRequest): Promise<MaskedScores>;
}

/** Whose scores are wanted: the bank [r, p], and u [T, r] of every input. */
export interface Masked {
  readonly W: Tensor;
  readonly shape: LatentShape;
  readonly inputs: readonly Float32Array[];
}

/**
 * Finds out how far a fold carries. If P reads the locations through one weighted sum, or there is one location,
 * aᵢ = ūᵢ·Kᵢ with Kᵢ of the bank alone: r + 1 runs of P, here, serve all inputs. Else P runs r + 1 times an input.
 *
 * @returns null if the basis of one input would take more memory than it is worth.
 */
export async function foldedScorer(head: FoldedHead, masked: Masked): Promise<FoldedScorer | null> {
  const { W, shape } = masked;
  const isPlain = head.prefix === null;
  const isVector = shape.locations === 1;
  const weights = isVector
    ? [1]
    : isPlain || !head.isVector
      ? null
      : await readingOf(rowsOf(head, shape), shape);
  if (weights) {
    const path = isPlain ? 'batched' : isVector ? 'folded-linear' : 'folded-pool';
    const shared = await sharedBasis(head, masked, weights);
    return { path, scores: (request) => sharedScores(head, shared, request) };
  }
  if (W.dims[0] * head.width * FLOAT32 > MOST_BASIS_BYTES) return null;
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
  const rows = await rowsOf(head, shape)(everywhere(bank, shape));
  return { ...differences(rows, r), means: means.map((u) => u / s), rank: r };
}

/** Rows of several inputs go through the tail together. */
async function sharedScores(
  head: FoldedHead,
  { basis, offset, means, rank: r }: SharedBasis,
  { masks, first, signal, onInputs }: ScoreRequest,
): Promise<MaskedScores> {
  const perInput = masks.length / r;
  const y = new Float64Array((first ?? means.length / r) * perInput);
  const rows = Math.min(head.tail ? head.rows : y.length, y.length);
  const coefficients = new Float32Array(rows * r);
  for (let from = 0; from < y.length; from += rows) {
    checkAborted(signal);
    const count = Math.min(rows, y.length - from);
    for (let k = 0; k < count; k++) {
      const [u, m] = [Math.floor((from + k) / perInput) * r, ((from + k) % perInput) * r];
      for (let i = 0; i < r; i++) coefficients[k * r + i] = masks[m + i] * means[u + i];
    }
    y.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
    onInputs?.(Math.floor((from + count) / perInput));
  }
  return {
    y,
    headEvaluations: head.tail ? y.length : 0,
    prefixEvaluations: head.prefix ? r + 1 : 0,
  };
}

/** A basis for each input: P runs on every concept of it alone. */
async function ownScores(
  head: FoldedHead,
  { W, shape, inputs }: Masked,
  { masks, first, signal, onInputs }: ScoreRequest,
): Promise<MaskedScores> {
  const r = W.dims[0];
  const perInput = masks.length / r;
  const latents = new MaskedLatents(W, shape);
  const run = rowsOf(head, shape);
  const alone = new Float32Array((r + 1) * latents.size); // the last row stays 0
  const y: Float64Array[] = [];
  for (const u of inputs.slice(0, first)) {
    for (let i = 0; i < r; i++) {
      const only = new Uint8Array(r);
      only[i] = 1;
      latents.write(u, only, alone.subarray(i * latents.size, (i + 1) * latents.size));
    }
    const { basis, offset } = differences(await run({ data: alone, dims: [r + 1, ...shape.dims] }), r);
    const ofInput = new Float64Array(perInput);
    for (let from = 0; from < perInput; from += head.rows) {
      checkAborted(signal);
      const count = Math.min(head.rows, perInput - from);
      const coefficients = Float32Array.from(masks.subarray(from * r, (from + count) * r));
      ofInput.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
    }
    y.push(ofInput);
    onInputs?.(y.length);
  }
  return {
    y: joined(y),
    headEvaluations: head.tail ? y.length * perInput : 0,
    prefixEvaluations: head.prefix ? y.length * (r + 1) : 0,
  };
}

/** Scores of some rows: by the tail, or, without one, offset + coefficients · basis itself. */
async function scoresOf(head: FoldedHead, rows: TailRows): Promise<Float64Array> {
  const { coefficients, count, basis, offset } = rows;
  const r = basis.length / offset.length;
  const scores = new Float64Array(count);
  if (head.tail) scores.set(await head.tail({ ...rows, coefficients: coefficients.subarray(0, count * r) }));
  else {
    for (let k = 0; k < count; k++) {
      scores[k] = offset[0];
      for (let i = 0; i < r; i++) scores[k] += coefficients[k * r + i] * basis[i];
    }
  }
  scores.forEach(finite);
  return scores;
}

/** Rows of P, as many at a time as memory allows. */
type RunRows = (latents: Tensor<Float32Array>) => Promise<Float32Array>;

function rowsOf({ prefix, width }: FoldedHead, shape: LatentShape): RunRows {
  if (prefix === null) return async ({ data }) => data;
  const size = shape.locations * shape.width;
  const rows = Math.max(1, Math.floor(PREFIX_BYTES / (FLOAT32 * size)));
  return async ({ data, dims: [count, ...rest] }) => {
    const out = new Float32Array(count * width);
    for (let from = 0; from < count; from += rows) {
      const to = Math.min(from + rows, count);
      const part = { data: data.subarray(from * size, to * size), dims: [to - from, ...rest] };
      out.set(await prefix(part), from * width);
    }
    return out;
  };
}

/** aᵢ and b from P(zᵢ), i < r, and P(0), the last row. */
function differences(rows: Float32Array, r: number): { basis: Float32Array; offset: Float32Array } {
  const q = rows.length / (r + 1);
  const offset = rows.slice(r * q);
  const basis = rows.slice(0, r * q);
  for (let k = 0; k < basis.length; k++) basis[k] -= offset[k % q];
  return { basis, offset };
}

/** Latents that are the same row at every location, in h's layout. @param rows - [n, p] */
function everywhere(rows: Float32Array, shape: LatentShape): Tensor<Float32Array> {
  const { locations: T, width: p } = shape;
  const count = rows.length / p;
  const data = new Float32Array(count * T * p);
  for (let n = 0; n < count; n++) {
    const row = rows.subarray(n * p, (n + 1) * p);
    for (let t = 0; t < T; t++) data.set(row, (n * T + t) * p);
  }
  return fromLatents({ data, count, shape });
}

/** ū = Σₜ wₜ u[t] of every input: [N, r]. */
function weightedMeans(inputs: Masked['inputs'], weights: Weights, r: number): Float64Array {
  const means = new Float64Array(inputs.length * r);
  inputs.forEach((u, n) => {
    weights.forEach((w, t) => {
      if (w !== 0) for (let i = 0; i < r; i++) means[n * r + i] += w * u[t * r + i];
    });
  });
  return means;
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
