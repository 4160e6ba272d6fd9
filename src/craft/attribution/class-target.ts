// The score of one class as a scalar, and its gradients.

import { CraftError } from '../../errors.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { Encoder } from '../encode.ts';
import type { Head } from '../head.ts';
import { fromLatents, type Latents, toLatents } from '../layout.ts';
import { pick } from './images.ts';
import { GRADIENT_BATCH, type Gradients, type MapTarget, needVjp, type Place, parts } from './target.ts';
import type { Vjp } from './vjp.ts';

/** What a {@link ClassTarget} is made of. */
export interface ClassParts {
  readonly encoder: Encoder;
  readonly head: Head;
  readonly vjp: Vjp | null;
  readonly classId: number;
  readonly signal?: AbortSignal;
}

/** s = the score of a class, before any softmax. */
export class ClassTarget implements MapTarget {
  readonly count = 1;
  readonly #parts: ClassParts;

  constructor(classParts: ClassParts) {
    this.#parts = classParts;
  }

  async scores(images: Tensor): Promise<Float64Array> {
    const { encoder, head, classId } = this.#parts;
    return head.score(await encoder.encode(images), classId);
  }

  async scoresOfLatents(latents: Latents): Promise<Float64Array> {
    const { head, classId } = this.#parts;
    return head.score(fromLatents(latents), classId);
  }

  async gradients(images: Tensor, place: Place): Promise<Gradients> {
    const { encoder, head } = this.#parts;
    const vjp = needVjp(this.#parts.vjp);
    const logits = await head.logits(encoder.read(await encoder.encode(images)));
    const pulled = await this.#inParts(images, (part) =>
      vjp(part, this.#oneHot(part.dims[0], logits.dims[1]), { of: 'logit', withRespectTo: place }),
    );
    return { scores: this.#own(logits), gradients: pulled };
  }

  async latentGradients(latents: Latents): Promise<Float32Array | null> {
    const { encoder, head } = this.#parts;
    const { shape, count } = latents;
    if (!shape.grid || encoder.options.reads === 'prefix') return null;
    const vjp = needVjp(this.#parts.vjp);
    const [, classes] = (await head.logits(latents)).dims;
    const pulled = await this.#inParts(fromLatents(latents), (part) =>
      vjp(part, this.#oneHot(part.dims[0], classes), { of: 'logit', withRespectTo: 'latent' }),
    );
    return meanOverGrid(toLatents(pulled, shape), count);
  }

  #own({ data, dims: [count, classes] }: Tensor): Float64Array {
    return Float64Array.from({ length: count }, (_, n) => data[n * classes + this.#parts.classId]);
  }

  #oneHot(count: number, classes: number): Tensor<Float32Array> {
    const { classId } = this.#parts;
    if (classId >= classes) {
      throw new CraftError(
        'CLASS_NOT_FOUND',
        `classId: expected a class from 0 to ${classes - 1}; got ${classId}`,
      );
    }
    const data = new Float32Array(count * classes);
    for (let n = 0; n < count; n++) data[n * classes + classId] = 1;
    return { data, dims: [count, classes] };
  }

  async #inParts(
    batch: Tensor,
    run: (part: Tensor) => Promise<Tensor<Float32Array>>,
  ): Promise<Tensor<Float32Array>> {
    const results: Tensor<Float32Array>[] = [];
    for (const part of parts(batch.dims[0], GRADIENT_BATCH)) {
      checkAborted(this.#parts.signal);
      results.push(await run(pick(batch, part)));
    }
    const rest = results[0].dims.slice(1);
    const data = new Float32Array(batch.dims[0] * sizeOf(rest));
    let at = 0;
    for (const result of results) {
      data.set(result.data, at);
      at += result.data.length;
    }
    return { data, dims: [batch.dims[0], ...rest] };
  }
}

/** The mean over the grid, tokens before it left out: [N, p]. */
export function meanOverGrid({ data, shape }: Latents, count: number): Float32Array {
  const { locations: T, width: p, prefixTokens } = shape;
  const out = new Float32Array(count * p);
  for (let n = 0; n < count; n++) {
    for (let t = prefixTokens; t < T; t++) {
      for (let c = 0; c < p; c++) out[n * p + c] += data[(n * T + t) * p + c] / (T - prefixTokens);
    }
  }
  return out;
}
