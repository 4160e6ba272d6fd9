// What is to be known of a tokenizer.json beside what the library does: how it spells text, and with what patterns.

/** How a tokenizer spells its pieces. */
export interface TokenizerFacts {
  /** Pieces are bytes written as letters (GPT-2, RoBERTa). */
  readonly byteLevel: boolean;
  /** A byte without a piece of its own is `<0xE2>`. */
  readonly byteFallback: boolean;
  /** Opens a piece that continues a word: `##` of WordPiece; '' if none. */
  readonly prefix: string;
  /** Closes the last piece of a word: `</w>`; '' if none. */
  readonly suffix: string;
  /** Stands for a space: `▁`; '' if none. */
  readonly space: string;
  /** Words are found by a pattern of the file's own. */
  readonly hasPattern: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the facts from a parsed tokenizer.json. */
export function tokenizerFacts(tokenizer: Json): TokenizerFacts {
  const model = record(tokenizer.model);
  const parts = [...partsOf(tokenizer.pre_tokenizer), ...partsOf(tokenizer.normalizer)];
  const metaspace = parts.find(({ type }) => type === 'Metaspace');
  // SentencePiece's mark, set by a Metaspace, a Replace or a Prepend
  const marksSpace = metaspace ?? parts.find(({ content, prepend }) => content === '▁' || prepend === '▁');
  return {
    byteLevel: partsOf(tokenizer.pre_tokenizer).some(({ type }) => type === 'ByteLevel'),
    byteFallback: model.byte_fallback === true,
    prefix: isWordPiece(model) ? text(model.continuing_subword_prefix, '') : '',
    suffix: text(model.end_of_word_suffix, ''),
    space: marksSpace ? text(marksSpace.replacement, '▁') : '',
    hasPattern: partsOf(tokenizer.pre_tokenizer).some(({ pattern }) => 'Regex' in record(pattern)),
  };
}

/** Nested sequences of a file are not deeper. */
const MAX_DEPTH = 8;

/** A normalizer or pre-tokenizer and, of a sequence, all its members. */
function partsOf(value: unknown, depth = 0): Json[] {
  const part = record(value);
  const members = [part.pretokenizers, part.normalizers].filter(Array.isArray).flat();
  if (depth >= MAX_DEPTH) return [part];
  return [part, ...members.flatMap((member) => partsOf(member, depth + 1))];
}

function isWordPiece({ type, merges }: Json): boolean {
  return type === 'WordPiece' || (type === undefined && merges === undefined);
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
