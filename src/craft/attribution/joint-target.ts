// Concepts and a class score mapped together: g runs once for all of them.

import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Encoder } from '../encode.ts';
import type { Latents } from '../layout.ts';
import type { Gradients, MapTarget, Place } from './target.ts';

/** The scalars of several targets, one after the other. */
export class JointTarget implements MapTarget {
  readonly count: number;
  readonly #encoder: Encoder;
  readonly #targets: readonly MapTarget[];

  /** @param targets - of the same g. */
  constructor(encoder: Encoder, targets: readonly MapTarget[]) {
    this.#encoder = encoder;
    this.#targets = targets;
    this.count = targets.reduce((sum, { count }) => sum + count, 0);
  }

  async scores(images: Tensor): Promise<Float64Array> {
    return this.scoresOfLatents(this.#encoder.read(await this.#encoder.encode(images)));
  }

  async scoresOfLatents(latents: Latents): Promise<Float64Array> {
    const all: Float64Array[] = [];
    for (const target of this.#targets) all.push(await target.scoresOfLatents(latents));
    return this.#joined(all, latents.count, 1, new Float64Array(latents.count * this.count));
  }

  async gradients(images: Tensor, place: Place): Promise<Gradients> {
    const all: Gradients[] = [];
    for (const target of this.#targets) all.push(await target.gradients(images, place));
    const count = images.dims[0];
    // a target without any slope says no dims
    const dims = all
      .map(({ gradients }) => gradients)
      .find(({ data }) => data.length > 0)
      ?.dims.slice(1) ?? [0];
    const size = sizeOf(dims);
    const whole = all.map(({ gradients: { data } }, k) =>
      data.length > 0 ? data : new Float32Array(count * this.#targets[k].count * size),
    );
    const scores = this.#joined(
      all.map((one) => one.scores),
      count,
      1,
      new Float64Array(count * this.count),
    );
    const data = this.#joined(whole, count, size, new Float32Array(count * this.count * size));
    return { scores, gradients: { data, dims: [count * this.count, ...dims] } };
  }

  async latentGradients(latents: Latents): Promise<Float32Array | null> {
    const all: Float32Array[] = [];
    for (const target of this.#targets) {
      const own = await target.latentGradients(latents);
      if (!own) return null;
      all.push(own);
    }
    const { count, shape } = latents;
    return this.#joined(all, count, shape.width, new Float32Array(count * this.count * shape.width));
  }

  /** Values [b · K_t, size] of every target t as [b · K, size]. */
  #joined<A extends Float32Array | Float64Array>(
    parts: readonly A[],
    count: number,
    size: number,
    out: A,
  ): A {
    let at = 0;
    for (let n = 0; n < count; n++) {
      for (const [k, part] of parts.entries()) {
        const own = this.#targets[k].count * size;
        out.set(part.subarray(n * own, (n + 1) * own), at);
        at += own;
      }
    }
    return out;
  }
}
