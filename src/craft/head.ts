// Running h: latents to class scores, in batches, with its runs counted.

import { CraftError } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { fromLatents, type Latents } from './layout.ts';
import type { CraftOptions } from './options.ts';

/** h as the rest of craft/ sees it: latents as [N, T, p] in, class scores out. */
export class Head {
  readonly #h: NonNullable<CraftOptions['latentToLogit']>;
  /** Latents that h ran on so far. */
  evaluations = 0;

  constructor(h: NonNullable<CraftOptions['latentToLogit']>) {
    this.#h = h;
  }

  /** Class scores of a batch, [N, classes]; scores [N] are read as one class. */
  async logits(latents: Latents): Promise<Tensor> {
    const result = await this.#h(fromLatents(latents));
    checkTensor(result, 'latentToLogit: result');
    const dims = result.dims.length === 1 ? [result.dims[0], 1] : result.dims;
    if (dims.length !== 2 || dims[0] !== latents.count) {
      throw new CraftError(
        'SHAPE',
        `latentToLogit: expected class scores [${latents.count}, classes]; got dims [${result.dims}]`,
      );
    }
    this.evaluations += latents.count;
    return { data: result.data, dims };
  }

  /** The score of one class for each latent of a batch: [N]. */
  async score(latents: Latents, classId: number): Promise<Float64Array> {
    const { data, dims } = await this.logits(latents);
    const classes = dims[1];
    if (classId >= classes) {
      throw new CraftError(
        'CLASS_NOT_FOUND',
        `classId: expected a class from 0 to ${classes - 1}; got ${classId}`,
      );
    }
    const scores = new Float64Array(latents.count);
    for (let n = 0; n < latents.count; n++) {
      scores[n] = data[n * classes + classId];
      if (!Number.isFinite(scores[n])) {
        throw new CraftError(
          'VALUE',
          `latentToLogit: expected finite scores; got ${scores[n]} for class ${classId}`,
        );
      }
    }
    return scores;
  }
}
