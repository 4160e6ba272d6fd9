// The seam between the scores of tokens and a runtime: gradients by embeddings.

import type { Tensor } from '../../tensor/tensor.ts';

/** A text's tokens where the model begins, special tokens included; [T, d] each. */
export interface TokenGradients {
  /** Rows of the model's table of embeddings. */
  readonly embeddings: Tensor<Float32Array>;
  /** Σ v · ∂of/∂embedding. */
  readonly gradients: Tensor<Float32Array>;
}

/**
 * Pulls a cotangent of g or of f back to the embeddings of the tokens, text by text.
 *
 * @param cotangent - v, [b, p] for `latent`, [b, classes] for `logit`.
 */
export type TokenVjp = (
  texts: readonly string[],
  cotangent: Tensor,
  options: { readonly of: 'latent' | 'logit' },
) => Promise<TokenGradients[]>;
