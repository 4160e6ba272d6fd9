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

/**
 * Finds out how far a fold carries. If P reads the locations through one weighted sum, or there is one location,
 * aᵢ = ūᵢ·Kᵢ with Kᵢ of the bank alone: r + 1 runs of P serve all inputs. Else P runs r times an input.
 *
 * @returns null if the basis of one input would take more memory than it is worth.
 */
export async function foldedScorer(
  head: FoldedHead,
  W: Tensor,
  shape: LatentShape,
): Promise<FoldedScorer | null> {
  const isPlain = head.prefix === null;
  const weights =
    shape.locations === 1
      ? [1]
      : head.isVector && !isPlain
        ? await readingOf(rowsOf(head, shape), shape)
        : null;
  if (weights) {
    const path = isPlain ? 'batched' : shape.locations === 1 ? 'folded-linear' : 'folded-pool';
    return { path, scores: (request) => sharedBasis(head, W, shape, weights, request) };
  }
  if (W.dims[0] * head.width * FLOAT32 > MOST_BASIS_BYTES) return null;
  const path = isPlain ? 'batched' : 'folded-prefix';
  return { path, scores: (request) => ownBasis(head, W, shape, request) };
}

/** One basis for all inputs: rows of several inputs go through the tail together. */
async function sharedBasis(
  head: FoldedHead,
  W: Tensor,
  shape: LatentShape,
  weights: Weights,
  request: ScoreRequest,
): Promise<MaskedScores> {
  const [r, p] = W.dims;
  const { masks } = request;
  const perInput = masks.length / r;
  const ubar = weightedMeans(request, weights, r);
  // K of rows as large as those that they stand for: float32 then rounds K no more than it would these
  const scale = ubar.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const bank = new Float32Array((r + 1) * p);
  for (let k = 0; k < r * p; k++) bank[k] = scale * W.data[k];
  const { basis, offset } = differences(await rowsOf(head, shape)(everywhere(bank, shape)), r);

  const y = new Float64Array((ubar.length / r) * perInput);
  const rows = head.tail ? head.rows : y.length;
  const coefficients = new Float32Array(Math.min(rows, y.length) * r);
  for (let from = 0; from < y.length; from += rows) {
    checkAborted(request.signal);
    const count = Math.min(rows, y.length - from);
    for (let k = 0; k < count; k++) {
      const [u, m] = [Math.floor((from + k) / perInput) * r, ((from + k) % perInput) * r];
      for (let i = 0; i < r; i++) coefficients[k * r + i] = (masks[m + i] * ubar[u + i]) / scale;
    }
    y.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
    request.onInputs?.(Math.floor((from + count) / perInput));
  }
  return {
    y,
    headEvaluations: head.tail ? y.length : 0,
    prefixEvaluations: head.prefix ? r + 1 : 0,
  };
}

/** A basis for each input: P runs on every concept of it alone. */
async function ownBasis(
  head: FoldedHead,
  W: Tensor,
  shape: LatentShape,
  request: ScoreRequest,
): Promise<MaskedScores> {
  const r = W.dims[0];
  const { masks } = request;
  const perInput = masks.length / r;
  const latents = new MaskedLatents(W, shape);
  const run = rowsOf(head, shape);
  const alone = new Float32Array((r + 1) * latents.size); // the last row stays 0
  const y: Float64Array[] = [];
  for (const u of request.inputs) {
    for (let i = 0; i < r; i++) {
      const only = new Uint8Array(r);
      only[i] = 1;
      latents.write(u, only, alone.subarray(i * latents.size, (i + 1) * latents.size));
    }
    const { basis, offset } = differences(await run({ data: alone, dims: [r + 1, ...shape.dims] }), r);
    const ofInput = new Float64Array(perInput);
    for (let from = 0; from < perInput; from += head.rows) {
      checkAborted(request.signal);
      const count = Math.min(head.rows, perInput - from);
      const coefficients = Float32Array.from(masks.subarray(from * r, (from + count) * r));
      ofInput.set(await scoresOf(head, { coefficients, count, basis, offset }), from);
    }
    y.push(ofInput);
    request.onInputs?.(y.length);
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
function weightedMeans({ inputs }: ScoreRequest, weights: Weights, r: number): Float64Array {
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
