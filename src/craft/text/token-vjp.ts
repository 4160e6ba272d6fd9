// The seam between the scores of tokens and a runtime: gradients by embeddings.

import type { Tensor } from '../../tensor/tensor.ts';

/** A text's tokens where the model begins, special tokens included; [T, d] each. */
export interface TokenGradients {
  /** Rows of the model's table of embeddings. */
  readonly embeddings: Tensor<Float32Array>;
  /** The same of a text without words: the row of padding in place of every token that is not special. */
  readonly baseline: Tensor<Float32Array>;
  /** Σ v · ∂of/∂embedding. */
  readonly gradients: Tensor<Float32Array>;
}

/** v of some of the texts, [b, p] for `latent`, [b, classes] for `logit`; or how it follows from their outputs. */
export type Cotangent = Tensor | ((outputs: Tensor) => Promise<Tensor>);

/** Options of {@link TokenVjp}. */
export interface TokenVjpOptions {
  /** g or f. */
  readonly of: 'latent' | 'logit';
  /**
   * Where the gradient of each text is taken: α in baseline + α · (embeddings − baseline); default 1 for all, the
   * texts as they are.
   */
  readonly at?: readonly number[];
}

/**
 * Pulls a cotangent of g or of f back to the embeddings of the tokens, text by text.
 *
 * @param cotangent - a row for each text; a function is asked for the texts that run together.
 */
export type TokenVjp = (
  texts: readonly string[],
  cotangent: Cotangent,
  options: TokenVjpOptions,
) => Promise<TokenGradients[]>;
