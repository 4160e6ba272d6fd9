// A tokenizer.json with the places of its pieces in the source, which the library that reads it does not tell.
//
// The library's own steps are called one after the other – added tokens, normalizer, pre-tokenizer, model, special
// tokens – so that ids are its ids, and each step is followed through the text.

import { CraftError } from '../../errors.ts';
import type { Random } from '../../tensor/random.ts';
import { type Splitter, splitterOf } from './added-tokens.ts';
import { alignPieces, type Place, type SplitWord } from './align-pieces.ts';
import { checkTokenizer } from './check-tokenizer.ts';
import { stretchesOf } from './stretches.ts';
import { type TokenizerFacts, tokenizerFacts } from './tokenizer-facts.ts';
import { type LibraryTokenizer, type Normalizer, openTokenizer } from './tokenizers-library.ts';
import type { Tokens } from './tokens.ts';
import { normaliseTracked, type TrackedText, trackedSlice, trackedSource } from './tracked-text.ts';

/** Files of a tokenizer, parsed. */
export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: unknown;
  /** tokenizer_config.json; default: nothing in it. */
  readonly config?: unknown;
}

interface Piece {
  readonly piece: string;
  readonly place: Place;
}

/** Ids that are put around those of a text. */
interface Frame {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly typeIds: { before: readonly number[]; text: number; after: readonly number[] };
}

/** Stands for a text while the special tokens around it are found. */
const TEXT = '\u0000text';
/** Of a token that no part of the text stands for. */
const NOWHERE: Place = [-1, -1];

/** Texts to tokens. */
export class TextTokenizer {
  readonly #tokenizer: LibraryTokenizer;
  readonly #facts: TokenizerFacts;
  readonly #normalisers: readonly ((text: string) => string)[];
  readonly #splitSource: Splitter;
  readonly #splitNormal: Splitter;
  readonly #frame: Frame;
  /** Most tokens of one text, special tokens included. */
  readonly maxTokens: number;

  /**
   * @param maxTokens - longer texts are cut at their end; at least one more than the special tokens.
   * @throws {@link CraftError} `FILE_FORMAT` if the files describe no tokenizer, `OPTION` if `maxTokens` is too few.
   */
  constructor({ tokenizer, config = {} }: TokenizerFiles, maxTokens: number) {
    this.maxTokens = maxTokens;
    const file = complete(tokenizer);
    checkTokenizer(file);
    const parsed = described(() => openTokenizer(file, config as object));
    const { normalizer } = parsed;
    this.#tokenizer = parsed;
    this.#facts = tokenizerFacts(tokenizer as Record<string, unknown>);
    this.#normalisers = [...cleanUps(config as CleanUps), ...stepsOf(normalizer)];
    const added = [...parsed.get_added_tokens_decoder().values()];
    const isNormal = (token: { normalized: boolean }): boolean => token.normalized && normalizer !== null;
    this.#splitSource = splitterOf(new Map(added.filter((t) => !isNormal(t)).map((t) => [t.content, t])));
    this.#splitNormal = splitterOf(
      new Map(added.filter(isNormal).map((t) => [normalizer?.normalize(t.content) ?? t.content, t])),
    );
    this.#frame = described(() => frameOf(parsed));
    const least = this.#frame.before.length + this.#frame.after.length + 1;
    if (!Number.isSafeInteger(maxTokens) || maxTokens < least) {
      throw new CraftError(
        'OPTION',
        `tokenizer: expected a length of at least ${least} tokens, special ones included; got ${maxTokens}`,
      );
    }
  }

  /**
   * Ids, pieces and places of a text; O(length of the text).
   *
   * @throws {@link CraftError} `INPUT` if the tokenizer fails on the text, `FILE_FORMAT` if it gives no id.
   */
  encode(text: string): Tokens {
    let pieces: Piece[];
    try {
      pieces = this.#pieces(text);
    } catch (cause) {
      throw new CraftError(
        'INPUT',
        `tokenizer: expected a text that it can part; got an error: ${String(cause).slice(0, 200)}`,
        { cause },
      );
    }
    return this.#framed(pieces);
  }

  /**
   * Random tokens of the vocabulary in the special tokens of a text, to try a model on; those that are added to
   * the vocabulary, as padding is, are not among them.
   *
   * @param length - without special tokens; cut to the length that the model takes.
   */
  randomTokens(length: number, rng: Random): Tokens {
    const { model } = this.#tokenizer;
    const added = this.#tokenizer.get_added_tokens_decoder();
    const ids = [...model.tokens_to_ids.values()].filter((id) => !added.has(id));
    const room = Math.min(length, this.maxTokens - this.#frame.before.length - this.#frame.after.length);
    const pieceOf = new Map(Array.from(model.tokens_to_ids, ([piece, id]) => [id, piece]));
    const pieces = Array.from({ length: ids.length > 0 ? room : 0 }, (): Piece => {
      const id = ids[rng.below(ids.length)];
      return { piece: pieceOf.get(id) as string, place: NOWHERE };
    });
    return this.#framed(pieces);
  }

  /** Pieces cut to their number and put between the special tokens. */
  #framed(pieces: readonly Piece[]): Tokens {
    const { before, after, typeIds } = this.#frame;
    const room = this.maxTokens - before.length - after.length;
    const kept = pieces.slice(0, room);
    const special = (piece: string): Piece => ({ piece, place: NOWHERE });
    const all = [...before.map(special), ...kept, ...after.map(special)];
    const types = [...typeIds.before, ...kept.map(() => typeIds.text), ...typeIds.after];
    return {
      ids: Int32Array.from(all, ({ piece }) => this.#idOf(piece)),
      typeIds: Int32Array.from(types),
      pieces: all.map(({ piece }) => piece),
      offsets: Int32Array.from(all.flatMap(({ place }) => place)),
      truncated: pieces.length - kept.length,
    };
  }

  #pieces(text: string): Piece[] {
    return this.#splitSource(text).flatMap(({ start, end, token }, section): Piece[] => {
      if (token) return [{ piece: token.content, place: [start, end] }];
      const tracked = this.#normalisers.reduce(normaliseTracked, trackedSource(text, start, end));
      return this.#splitNormal(tracked.text).flatMap((part): Piece[] => {
        const slice = trackedSlice(tracked, part.start, part.end);
        if (part.end === part.start) return [];
        if (part.token) return [{ piece: part.token.content, place: whole(slice) }];
        return this.#textPieces(slice, section);
      });
    });
  }

  #textPieces(tracked: TrackedText, section: number): Piece[] {
    const words = this.#words(tracked.text, section);
    const pieces = words.map((word) => this.#tokenizer.model.encode([word]));
    const known = words.map(
      (word, k): SplitWord => ({ word, pieces: pieces[k].map((p) => (this.#isUnknown(p) ? null : p)) }),
    );
    const places = alignPieces(tracked, known, this.#facts);
    return this.#fused(pieces.flat().map((piece, k) => ({ piece, place: places[k] })));
  }

  #words(text: string, section: number): string[] {
    const { pre_tokenizer: split } = this.#tokenizer;
    if (!split) return [text];
    if (!this.#facts.hasPattern) return split.pre_tokenize(text, { section_index: section });
    return [...stretchesOf(text)].flatMap((part, k) =>
      split.pre_tokenize(part, { section_index: section + k }),
    );
  }

  /** Unknown pieces in a row as one, where the model has it so. */
  #fused(pieces: Piece[]): Piece[] {
    if (!this.#tokenizer.model.fuse_unk) return pieces;
    const fused: Piece[] = [];
    let wasUnknown = false;
    for (const { piece, place } of pieces) {
      const isUnknown = !this.#hasId(piece) || this.#isUnknown(piece);
      const last = fused.length - 1;
      if (isUnknown && wasUnknown) {
        const { piece: spelling, place: from } = fused[last];
        fused[last] = {
          piece: this.#hasId(spelling) ? spelling : spelling + piece,
          place: [from[0], place[1]],
        };
      } else fused.push({ piece, place });
      wasUnknown = isUnknown;
    }
    return fused;
  }

  #isUnknown(piece: string): boolean {
    return this.#tokenizer.model.unk_token !== undefined && piece === this.#tokenizer.model.unk_token;
  }

  #hasId(piece: string): boolean {
    return this.#tokenizer.model.tokens_to_ids.has(piece);
  }

  #idOf(piece: string): number {
    const id = this.#tokenizer.model.tokens_to_ids.get(piece) ?? this.#tokenizer.model.unk_token_id;
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31) return id as number;
    throw new CraftError(
      'FILE_FORMAT',
      `tokenizer: expected an id for every piece; got ${String(id)} for ${JSON.stringify(piece.slice(0, 40))} – the vocabulary has no token for unknown pieces`,
    );
  }
}

function whole({ starts, ends }: TrackedText): Place {
  return [starts[0], ends[ends.length - 1]];
}

/** The keys that the library asks for, null where the file leaves them out as older ones do. */
function complete(tokenizer: unknown): Readonly<Record<string, unknown>> {
  if (typeof tokenizer !== 'object' || tokenizer === null || Array.isArray(tokenizer))
    throw notTokenizer('no object');
  const parts = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  };
  return { ...parts, ...tokenizer };
}

interface CleanUps {
  readonly remove_space?: boolean;
  readonly do_lowercase_and_remove_accent?: boolean;
}

/** What the library does before the normalizer for two settings of tokenizer_config.json. */
function cleanUps(config: CleanUps): ((text: string) => string)[] {
  const steps: ((text: string) => string)[] = [];
  if (config.remove_space === true) steps.push((text) => text.trim().split(/\s+/).join(' '));
  if (config.do_lowercase_and_remove_accent === true)
    steps.push((text) => text.toLowerCase().replace(/\p{M}/gu, ''));
  return steps;
}

function stepsOf(normalizer: Normalizer | null): ((text: string) => string)[] {
  if (!normalizer) return [];
  if (normalizer.normalizers) return normalizer.normalizers.flatMap(stepsOf);
  if (!(normalizer.pattern instanceof RegExp)) return [(text) => normalizer.normalize(text)];
  return [(text) => Array.from(stretchesOf(text), (part) => normalizer.normalize(part)).join('')];
}

function frameOf({ post_processor: process }: LibraryTokenizer): Frame {
  if (!process) return { before: [], after: [], typeIds: { before: [], text: 0, after: [] } };
  const { tokens, token_type_ids } = process.post_process([TEXT], null, true);
  const at = tokens.indexOf(TEXT);
  if (at < 0) throw notTokenizer('one whose special tokens take the place of the text');
  const types = token_type_ids ?? tokens.map(() => 0);
  return {
    before: tokens.slice(0, at),
    after: tokens.slice(at + 1),
    typeIds: { before: types.slice(0, at), text: types[at], after: types.slice(at + 1) },
  };
}

/** Turns the errors of the library into ours. */
function described<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    throw notTokenizer(String(cause).slice(0, 200), cause);
  }
}

function notTokenizer(got: string, cause?: unknown): CraftError {
  return new CraftError(
    'FILE_FORMAT',
    `tokenizer: expected a tokenizer.json of Hugging Face's tokenizers; got ${got}`,
    { cause },
  );
}
