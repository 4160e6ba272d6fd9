// Concept coefficients of whole images as scalars, and their gradients through the NNLS that defines them.
//
// Notation: A [b, T, p] latents of b images; a = their mean over the grid (or the CLS token); u(a) by NNLS on W;
// J_i = ∂u_i/∂a by implicit differentiation. Then ∂u_i/∂A_t = J_i / T' at each of the T' locations averaged.

import { nnlsVjp } from '../../math/implicit.ts';
import { nnls } from '../../math/nnls.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { Encoder } from '../encode.ts';
import { denseRows, fromLatents, type Latents, pooledRows } from '../layout.ts';
import { pick } from './images.ts';
import type { MapOptions } from './map-options.ts';
import { GRADIENT_BATCH, type Gradients, type MapTarget, needVjp, type Place, parts } from './target.ts';
import type { Vjp } from './vjp.ts';

/** Share of a concept's squared norm that keeps (W_S W_Sᵀ + ρI) invertible; changes a gradient by as little. */
const RIDGE = 1e-9;

/** What a {@link ConceptTarget} is made of. */
export interface ConceptParts {
  readonly encoder: Encoder;
  readonly vjp: Vjp | null;
  /** [r, p] */
  readonly W: Tensor;
  readonly concepts: readonly number[];
  readonly coefficient: NonNullable<MapOptions['coefficient']>;
  readonly signal?: AbortSignal;
}

/** Coefficients of a batch with the rows that they are of. */
interface Rows {
  /** [b · n, r] for n rows an image. */
  readonly U: Tensor;
  readonly perImage: number;
}

/** s_k = the coefficient of concept `concepts[k]`: see MapOptions.coefficient. */
export class ConceptTarget implements MapTarget {
  readonly #parts: ConceptParts;
  readonly #ridge: number;

  constructor(conceptParts: ConceptParts) {
    this.#parts = conceptParts;
    const { data, dims } = conceptParts.W;
    let norm = 0;
    for (let c = 0; c < data.length; c++) norm += data[c] ** 2;
    this.#ridge = (RIDGE * norm) / dims[0];
  }

  get count(): number {
    return this.#parts.concepts.length;
  }

  async scores(images: Tensor): Promise<Float64Array> {
    return this.scoresOfLatents(await this.#encode(images));
  }

  async scoresOfLatents(latents: Latents): Promise<Float64Array> {
    return this.#scoresOf(await this.#rows(latents));
  }

  async gradients(images: Tensor, place: Place): Promise<Gradients> {
    const vjp = needVjp(this.#parts.vjp);
    const latents = await this.#encode(images);
    const rows = await this.#rows(latents);
    const scores = this.#scoresOf(rows);
    const K = this.count;
    const cotangents = this.#cotangents(latents, rows);
    // a concept that is not active has no slope: nothing to run
    const active = Array.from(scores.keys()).filter((k) => scores[k] > 0);
    let dims = place === 'input' ? images.dims.slice(1) : null;
    let data = dims && new Float32Array(scores.length * sizeOf(dims));
    for (const part of parts(active.length, GRADIENT_BATCH)) {
      checkAborted(this.#parts.signal);
      const pairs = part.map((k) => active[k]);
      const stack = pick(
        images,
        pairs.map((k) => Math.floor(k / K)),
      );
      const pulled = await vjp(stack, cotangents(pairs), { of: 'latent', withRespectTo: place });
      dims ??= pulled.dims.slice(1);
      data ??= new Float32Array(scores.length * sizeOf(dims));
      const size = sizeOf(dims);
      pairs.forEach((k, n) => {
        data!.set(pulled.data.subarray(n * size, (n + 1) * size), k * size);
      });
    }
    return {
      scores,
      gradients: { data: data ?? new Float32Array(0), dims: [scores.length, ...(dims ?? [0])] },
    };
  }

  async latentGradients(latents: Latents): Promise<Float32Array | null> {
    const { shape } = latents;
    if (!shape.grid || this.#readsPrefix()) return null;
    const rows = await this.#rows(latents);
    const locations = shape.locations - shape.prefixTokens;
    const pulled = this.#pullBack(
      rows,
      Array.from({ length: latents.count * this.count }, (_, k) => k),
    );
    const p = shape.width;
    const out = new Float32Array(pulled.length / rows.perImage);
    // the mean over locations of J / T', or of J_t / T'
    for (let k = 0; k < pulled.length; k++) {
      out[Math.floor(k / (rows.perImage * p)) * p + (k % p)] += pulled[k] / (locations * rows.perImage);
    }
    return out;
  }

  async #encode(images: Tensor): Promise<Latents> {
    const { encoder } = this.#parts;
    return encoder.read(await encoder.encode(images));
  }

  #readsPrefix(): boolean {
    return this.#parts.coefficient === 'pooled' && this.#parts.encoder.options.reads === 'prefix';
  }

  async #rows(latents: Latents): Promise<Rows> {
    const { coefficient, encoder, W } = this.#parts;
    const a = coefficient === 'pooled' ? pooledRows(latents, encoder.options.reads) : denseRows(latents);
    const { signal } = this.#parts;
    return { U: await nnls(a, W, { signal }), perImage: a.dims[0] / latents.count };
  }

  #scoresOf({ U, perImage }: Rows): Float64Array {
    const { concepts } = this.#parts;
    const [n, r] = U.dims;
    const scores = new Float64Array((n / perImage) * concepts.length);
    for (let row = 0; row < n; row++) {
      const image = Math.floor(row / perImage);
      concepts.forEach((i, k) => {
        scores[image * concepts.length + k] += U.data[row * r + i] / perImage;
      });
    }
    return scores;
  }

  /** J of (image, concept) pairs, one row for each row of the image: [pairs · n, p]. */
  #pullBack({ U, perImage }: Rows, pairs: readonly number[]): Float32Array {
    const { concepts, W } = this.#parts;
    const r = U.dims[1];
    const rowsOf = pairs.flatMap((k) =>
      Array.from({ length: perImage }, (_, t) => Math.floor(k / concepts.length) * perImage + t),
    );
    const cotangent = { data: new Float32Array(rowsOf.length * r), dims: [rowsOf.length, r] };
    rowsOf.forEach((_, n) => {
      cotangent.data[n * r + concepts[pairs[Math.floor(n / perImage)] % concepts.length]] = 1;
    });
    const pulled = nnlsVjp(pick(U, rowsOf), W, cotangent, { ridge: this.#ridge });
    return Float32Array.from(pulled.data);
  }

  /** A function from pairs to cotangents of the latent, in g's layout. */
  #cotangents({ shape }: Latents, rows: Rows): (pairs: readonly number[]) => Tensor {
    const { locations: T, width: p, prefixTokens } = shape;
    const [first, last] = this.#readsPrefix() ? [0, 1] : [prefixTokens, T];
    return (pairs) => {
      const pulled = this.#pullBack(rows, pairs);
      const data = new Float32Array(pairs.length * T * p);
      for (let n = 0; n < pairs.length; n++) {
        for (let t = first; t < last; t++) {
          const row = n * rows.perImage + (rows.perImage === 1 ? 0 : t - first);
          for (let c = 0; c < p; c++) data[(n * T + t) * p + c] = pulled[row * p + c] / (last - first);
        }
      }
      return fromLatents({ data, count: pairs.length, shape });
    };
  }
}
