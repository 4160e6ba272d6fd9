// The seam between the maps and a runtime: vector-Jacobian products of g, h and f, and an earlier layer.

import type { Tensor } from '../../tensor/tensor.ts';
import type { LatentLayout } from '../layout.ts';

/** What is differentiated, and by what. */
export interface VjpOptions {
  /** End of what is differentiated: of g, or of h and of f. */
  readonly of: 'latent' | 'logit';
  /** Its start: the model's input, the latent (of `logit` only), or a tensor before the latent, by its name. */
  readonly withRespectTo: 'input' | 'latent' | { readonly layer: string };
}

/**
 * Pulls a cotangent back: Σ v · ∂of/∂t for t = `withRespectTo`, input by input.
 *
 * @param batch - what runs: latents in g's layout for `withRespectTo: 'latent'`, else images.
 * @param cotangent - v, dims of the latent, or [b, classes] for `logit`.
 * @returns dims of `withRespectTo`, batch first.
 */
export type Vjp = (batch: Tensor, cotangent: Tensor, options: VjpOptions) => Promise<Tensor<Float32Array>>;

/** The last layer before the latent that has places in the image and is read at all of them. */
export interface GridLayer {
  /** Its tensor's name, for {@link VjpOptions}. */
  readonly layer: string;
  readonly layout: LatentLayout;
  /** Tokens before the grid; 0 for maps. */
  readonly prefixTokens: number;
  /** Its values for a batch of images. */
  activations(batch: Tensor): Promise<Tensor<Float32Array>>;
}
