// What is used of @huggingface/tokenizers, typed here: its own declarations import each other without file
// extensions, which TypeScript does not resolve in an ES module.

import { Tokenizer } from '@huggingface/tokenizers';

/** A token beside the vocabulary, found in a text before anything else is done to it. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Takes the white space on its left, right. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for in the normalised text. */
  readonly normalized: boolean;
}

export interface Normalizer {
  /** Of a sequence. */
  readonly normalizers?: readonly (Normalizer | null)[];
  /** Of one that replaces: what it looks for. */
  readonly pattern?: RegExp | string | null;
  normalize(text: string): string;
}

export interface LibraryTokenizer {
  readonly normalizer: Normalizer | null;
  readonly pre_tokenizer: {
    pre_tokenize(text: string, options: { section_index: number }): string[];
  } | null;
  readonly model: {
    readonly tokens_to_ids: ReadonlyMap<string, number>;
    readonly unk_token_id?: number;
    readonly unk_token?: string;
    readonly fuse_unk: boolean;
    encode(words: readonly string[]): string[];
  };
  readonly post_processor: {
    post_process(
      tokens: readonly string[],
      pair: null,
      addSpecial: boolean,
    ): { tokens: string[]; token_type_ids?: number[] };
  } | null;
  get_added_tokens_decoder(): ReadonlyMap<number, AddedToken>;
}

/** Opens a parsed tokenizer.json; throws plain errors of the library's own. */
export function openTokenizer(tokenizer: object, config: object): LibraryTokenizer {
  return new Tokenizer(tokenizer, config) as LibraryTokenizer;
}
