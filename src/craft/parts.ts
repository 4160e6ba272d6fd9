// What a Craft is made of: g and h as the steps of the method run them, and what is known of the model.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { GridLayer, Vjp } from './attribution/vjp.ts';
import { areActivations, type CraftInputs } from './batches.ts';
import { type Coefficients, coefficientsOf, type Projection } from './concepts.ts';
import { Encoder } from './encode.ts';
import type { FoldHead } from './folded-head.ts';
import { Head } from './head.ts';
import { LatentCache } from './latent-cache.ts';
import type { Latents } from './layout.ts';
import { type CraftOptions, type ResolvedOptions, type RunOptions, resolveOptions } from './options.ts';
import { type EncodedRows, locationRows } from './row-list.ts';

/** Options of {@link Craft.transform}. */
export interface TransformOptions extends RunOptions {
  /** `exact` NNLS (default), or `cd`: the truncated descent of the reference, for parity. */
  readonly projection?: Projection;
}

/** The two halves of a classifier. Latents of inputs are kept as long as the inputs object lives. */
export class CraftParts {
  readonly options: ResolvedOptions;
  readonly encoder: Encoder;
  readonly head: Head | null;
  readonly foldHead: FoldHead | null;
  readonly vjp: Vjp | null;
  readonly gridLayer: GridLayer | null;
  /** Other layers of the same model. */
  readonly layers: Pick<CraftOptions, 'at' | 'earlier'>;
  /** Of a text encoder. */
  readonly tokens: Pick<CraftOptions, 'tokenize' | 'tokenStates' | 'tokenVjp'>;
  readonly #cache = new LatentCache();

  /** @throws {@link CraftError} `OPTION` that names the first wrong option. */
  constructor(options: CraftOptions) {
    this.options = resolveOptions(options);
    this.encoder = new Encoder(
      (batch) => options.inputToLatent(batch),
      this.options,
      options.activations ?? null,
    );
    const h = options.latentToLogit;
    this.head = h ? new Head((latent) => h.call(options, latent)) : null;
    this.foldHead = options.foldHead ?? null;
    this.vjp = options.vjp ?? null;
    this.gridLayer = options.gridLayer ?? null;
    this.layers = { earlier: options.earlier, at: options.at?.bind(options) };
    this.tokens = {
      tokenize: options.tokenize?.bind(options),
      tokenStates: options.tokenStates,
      tokenVjp: options.tokenVjp,
    };
  }

  /** Rows of A: crops, or locations where they are dense or the inputs are activations. */
  async rows(inputs: CraftInputs, run: RunOptions): Promise<EncodedRows> {
    if (areActivations(inputs) || this.options.rows === 'dense') {
      return locationRows(await this.latents(inputs, run));
    }
    return this.encoder.cropRows(inputs, run);
  }

  latents(inputs: CraftInputs, run: RunOptions): Promise<Latents[]> {
    return this.#cache.get(inputs, async () => {
      const batches: Latents[] = [];
      for await (const latents of this.encoder.latents(inputs, run)) batches.push(latents);
      return batches;
    });
  }

  async coefficients(inputs: CraftInputs, W: Tensor, options: TransformOptions): Promise<Coefficients[]> {
    const batches: Coefficients[] = [];
    for (const latents of await this.latents(inputs, options)) {
      batches.push(await coefficientsOf(latents, W, options.projection, options.signal));
    }
    return batches;
  }

  /** h. @throws {@link CraftError} `STATE` that names the method that needs it. */
  needHead(method: string): Head {
    if (!this.head) {
      throw new CraftError(
        'STATE',
        `${method}: expected a Craft with latentToLogit; got none – pass it to the constructor`,
      );
    }
    return this.head;
  }
}
