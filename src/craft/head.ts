// Running h: latents to class scores, checked.

import { CraftError } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { fromLatents, type Latents } from './layout.ts';
import type { CraftOptions } from './options.ts';

/** h as the rest of craft/ sees it: latents as [N, T, p] in, class scores out. */
export class Head {
  readonly #h: NonNullable<CraftOptions['latentToLogit']>;
  constructor(h: NonNullable<CraftOptions['latentToLogit']>) {
    this.#h = h;
  }

  /** Class scores of a batch, [N, classes]; scores [N] are read as one class. */
  logits(latents: Latents): Promise<Tensor> {
    return this.run(fromLatents(latents));
  }

  /** As {@link logits}, of latents in h's own layout. */
  async run(latents: Tensor): Promise<Tensor> {
    const [count] = latents.dims;
    const result = await this.#h(latents);
    checkTensor(result, 'latentToLogit: result');
    const dims = result.dims.length === 1 ? [result.dims[0], 1] : result.dims;
    if (dims.length !== 2 || dims[0] !== count) {
      throw new CraftError(
        'SHAPE',
        `latentToLogit: expected class scores [${count}, classes]; got dims [${result.dims}]`,
      );
    }
    return { data: result.data, dims };
  }

  /**
   * The score of one class for each latent of a batch: [N].
   *
   * @param latents - in h's own layout.
   */
  async score(latents: Tensor, classId: number): Promise<Float64Array> {
    const { data, dims } = await this.run(latents);
    const classes = dims[1];
    if (classId >= classes) {
      throw new CraftError(
        'CLASS_NOT_FOUND',
        `classId: expected a class from 0 to ${classes - 1}; got ${classId}`,
      );
    }
    return Float64Array.from({ length: dims[0] }, (_, n) => finite(data[n * classes + classId]));
  }
}

/** The score itself. @throws {@link CraftError} `VALUE` if it is not finite. */
export function finite(score: number): number {
  if (Number.isFinite(score)) return score;
  throw new CraftError('VALUE', `latentToLogit: expected finite scores; got ${score}`);
}
