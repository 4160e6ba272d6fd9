// What a tokenizer makes of a text, and where each piece of it comes from.

/** A text as token ids, cut to the length that the model takes. T counts special tokens too. */
export interface Tokens {
  /** Ids as the model reads them, special tokens included; [T]. */
  readonly ids: Int32Array;
  /** The segment of each token, 0 but for models with several; [T]. */
  readonly typeIds: Int32Array;
  /** The vocabulary's own spelling of each token: `##ing`, `Ġthe`, `▁a`; [T]. */
  readonly pieces: readonly string[];
  /**
   * [start, end) of each token in the source text, in UTF-16 units; [T, 2], row-major. Both are −1 for special
   * tokens; start = end for a piece that is white space alone. Bytes of one character share its place.
   */
  readonly offsets: Int32Array;
  /** Pieces left out because the text is longer than the model takes. */
  readonly truncated: number;
}

/** A word of a text with the tokens that make it up. */
export interface TextWord {
  /** [start, end) in the source text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** [first, last) among the tokens of the text. */
  readonly firstToken: number;
  readonly lastToken: number;
}
