// Where the channels and the locations of a latent are.
//
// Inside craft/ a latent is always [N, T, p]: N inputs, T locations in row-major order of the grid (tokens
// before the grid first), p channels. These functions go from the model's own layout to that and back.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Order of the axes of a latent: maps (NCHW, NHWC), tokens (NTC) or vectors (NC). */
export type LatentLayout = 'NCHW' | 'NHWC' | 'NTC' | 'NC';

/** What is needed to read one latent as [N, T, p]. */
export interface LatentShape {
  readonly layout: LatentLayout;
  /** p, the number of channels. */
  readonly width: number;
  /** T, tokens before the grid included. */
  readonly locations: number;
  /** Tokens before the grid: CLS, registers. */
  readonly prefixTokens: number;
  /** [h, w] with h·w + prefixTokens = T; null if the locations are no grid. */
  readonly grid: readonly [number, number] | null;
  /** Dims of one input's latent in the model's layout, without N. */
  readonly dims: readonly number[];
}

/** Latents of N inputs as [N, T, p]. */
export interface Latents {
  readonly data: Float32Array;
  readonly count: number;
  readonly shape: LatentShape;
}

/** How the latent of a model is to be read. */
export interface LatentReading {
  /** `auto`: 4 dims are NCHW, 3 are NTC, 2 are NC. */
  readonly layout: LatentLayout | 'auto';
  /** Tokens before the grid; read for NTC only. */
  readonly prefixTokens: number;
}

/**
 * Reads the shape of a latent.
 *
 * @param dims - of the latent with N first: 2, 3 or 4 numbers.
 * @throws {@link CraftError} `SHAPE` if the dims do not fit the layout, or there are no tokens after the prefix.
 */
export function latentShape(dims: readonly number[], { layout, prefixTokens }: LatentReading): LatentShape {
  const known = layout === 'auto' ? ({ 2: 'NC', 3: 'NTC', 4: 'NCHW' } as const)[dims.length] : layout;
  const rest = dims.slice(1);
  if (known === undefined || dims.length !== known.length || rest.some((d) => d < 1)) {
    throw new CraftError(
      'SHAPE',
      `latent: expected ${layout === 'auto' ? '[N,p], [N,T,p] or [N,C,H,W]' : layout} with every dim ≥ 1; got dims [${dims}]`,
    );
  }
  const common = { layout: known, dims: rest, prefixTokens: known === 'NTC' ? prefixTokens : 0 };
  if (known === 'NC') return { ...common, width: rest[0], locations: 1, grid: null };
  if (known === 'NTC') {
    if (prefixTokens >= rest[0]) {
      throw new CraftError(
        'SHAPE',
        `latent: expected fewer prefix tokens than tokens; got prefixTokens = ${prefixTokens} of ${rest[0]}`,
      );
    }
    return { ...common, width: rest[1], locations: rest[0], grid: squareGrid(rest[0] - prefixTokens) };
  }
  const [height, width, channels] = known === 'NCHW' ? [rest[1], rest[2], rest[0]] : rest;
  return { ...common, width: channels, locations: height * width, grid: [height, width] };
}

function squareGrid(tokens: number): [number, number] | null {
  const side = Math.round(Math.sqrt(tokens));
  return side > 0 && side * side === tokens ? [side, side] : null;
}

/** The latent of a batch as [N, T, p]: a copy for NCHW and other element types, else the same memory. */
export function toLatents(latent: Tensor, shape: LatentShape): Latents {
  const count = latent.dims[0];
  const { locations: T, width: p } = shape;
  const source = latent.data instanceof Float32Array ? latent.data : Float32Array.from(latent.data);
  if (shape.layout !== 'NCHW') return { data: source, count, shape };

  const data = new Float32Array(source.length);
  for (let n = 0; n < count; n++) {
    const base = n * T * p;
    for (let c = 0; c < p; c++) {
      for (let t = 0, from = base + c * T, to = base + c; t < T; t++, from++, to += p)
        data[to] = source[from];
    }
  }
  return { data, count, shape };
}

/** The opposite of {@link toLatents}: a tensor in the model's own layout. */
export function fromLatents(latents: Latents): Tensor<Float32Array> {
  const { data: source, count, shape } = latents;
  const { locations: T, width: p } = shape;
  const dims = [count, ...shape.dims];
  if (shape.layout !== 'NCHW') return { data: source, dims };

  const data = new Float32Array(source.length);
  for (let n = 0; n < count; n++) {
    const base = n * T * p;
    for (let c = 0; c < p; c++) {
      for (let t = 0, to = base + c * T, from = base + c; t < T; t++, to++, from += p)
        data[to] = source[from];
    }
  }
  return { data, dims };
}

/** What the head reads of tokens: the mean over the grid, the first token (CLS), or all of them. */
export type LatentRead = 'mean' | 'prefix' | 'all';

/**
 * One row per input: the mean over the grid, or the first token where that is what the head reads.
 *
 * @returns [N, p]
 */
export function pooledRows(latents: Latents, reads: LatentRead): Tensor<Float32Array> {
  const { count, shape } = latents;
  const { locations: T, width: p, prefixTokens } = shape;
  const first = reads === 'prefix' ? 0 : prefixTokens;
  const last = reads === 'prefix' ? 1 : T;
  const data = new Float32Array(count * p);
  const sum = new Float64Array(p);
  for (let n = 0; n < count; n++) {
    sum.fill(0);
    for (let t = first; t < last; t++) {
      const from = (n * T + t) * p;
      for (let c = 0; c < p; c++) sum[c] += latents.data[from + c];
    }
    for (let c = 0; c < p; c++) data[n * p + c] = sum[c] / (last - first);
  }
  return { data, dims: [count, p] };
}

/** Every location of the grid as a row, inputs in order: [N·(T − prefix), p]. */
export function denseRows(latents: Latents): Tensor<Float32Array> {
  const { count, shape } = latents;
  const { locations: T, width: p, prefixTokens } = shape;
  if (prefixTokens === 0) return { data: latents.data, dims: [count * T, p] };
  const kept = T - prefixTokens;
  const data = new Float32Array(count * kept * p);
  for (let n = 0; n < count; n++) {
    const from = (n * T + prefixTokens) * p;
    data.set(latents.data.subarray(from, from + kept * p), n * kept * p);
  }
  return { data, dims: [count * kept, p] };
}
