// tokenizer.json for the SentencePiece vocabulary that is published with the sentence encoder.

import * as v from 'valibot';
import { CraftError } from '../../errors.ts';
import { MAX_PIECES } from './sentence-encoder.ts';

const VocabularySchema = v.pipe(
  v.array(v.strictTuple([v.string(), v.nullable(v.number())])),
  v.minLength(7),
  v.maxLength(8002),
);

/** Pieces that the published tokenizer never makes of a text: unknown, <s>, </s>, three spare ones. */
const RESERVED = 6;
/** So low that no text is read as a reserved piece. */
const NEVER = -1000;

/**
 * The vocabulary as a tokenizer.json: NFKC, a space before the text, every space written as ▁, the split of
 * highest likelihood, at most {@link MAX_PIECES} pieces, no piece before or after.
 *
 * @param vocabulary - pairs of a piece and its log likelihood, in order of ids; parsed JSON. The pieces with
 *   a colon have null there, which the published tokenizer counts as 0.
 * @throws {@link CraftError} `MODEL_FORMAT` if it is no such list.
 */
export function tokenizerJson(vocabulary: unknown): object {
  const parsed = v.safeParse(VocabularySchema, vocabulary);
  if (!parsed.success) {
    throw new CraftError(
      'MODEL_FORMAT',
      `vocabulary: expected pairs of a piece and a number; got ${parsed.issues[0].message}`,
    );
  }
  const pieces = parsed.output.map(([piece, score], id) => [piece, id < RESERVED ? NEVER : (score ?? 0)]);
  const separator = { replacement: '▁', prepend_scheme: 'always' };
  return {
    version: '1.0',
    truncation: { max_length: MAX_PIECES, stride: 0, strategy: 'LongestFirst', direction: 'Right' },
    padding: null,
    added_tokens: [],
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Metaspace', ...separator, split: true },
    post_processor: null,
    decoder: { type: 'Metaspace', ...separator, split: true },
    model: { type: 'Unigram', unk_id: 0, vocab: pieces, byte_fallback: false },
  };
}
