// Small tokenizer.json objects of the kinds that are met in practice.

import type { ToyVocabulary } from '../golden/toy-tokenizer.ts';

/** What the tests read of one. */
export interface TokenizerJson {
  readonly added_tokens: readonly { id: number; content: string; special: boolean }[];
  readonly model: { readonly vocab: unknown; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

const addedToken = (content: string, id: number, rest: object = {}) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
  ...rest,
});

const idsOf = (pieces: readonly string[]): Record<string, number> =>
  Object.fromEntries(pieces.map((piece, id) => [piece, id]));

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

/** BERT, uncased: lower case, accents stripped, spaces around Chinese characters, WordPiece with `##`. */
export function bertTokenizer(extraWords: readonly string[] = []): TokenizerJson {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const whole = [
    'the',
    'film',
    'was',
    'un',
    'good',
    'bad',
    'cafe',
    'not',
    'very',
    "'",
    '.',
    ',',
    '!',
    '?',
    '-',
    '中',
    '文',
  ];
  const vocab = idsOf([
    ...new Set([
      ...special,
      ...whole,
      ...extraWords,
      ...letters,
      ...letters.map((c) => `##${c}`),
      '##able',
      '##ing',
      '##believ',
    ]),
  ]);
  return {
    version: '1.0',
    added_tokens: special.map((content) => addedToken(content, vocab[content])),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

/** GPT-2's letters for the 256 bytes. */
function byteLetters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, b) =>
    (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae
      ? String.fromCharCode(b)
      : String.fromCharCode(next++),
  );
}

/** RoBERTa: byte-level BPE with a few merges. */
export function robertaTokenizer(): TokenizerJson {
  const merges = [
    't h',
    'Ġ th',
    'Ġth e',
    'Ġ w',
    'Ġw a',
    'Ġwa s',
    'o o',
    'g oo',
    'goo d',
    'Ġ f',
    'i l',
    'Ġf il',
    'Ġfil m',
  ];
  const special = ['<s>', '<pad>', '</s>', '<unk>'];
  const vocab = idsOf([...special, ...byteLetters(), ...merges.map((m) => m.replace(' ', '')), '<mask>']);
  return {
    version: '1.0',
    added_tokens: [
      ...special.map((content) => addedToken(content, vocab[content])),
      addedToken('<mask>', vocab['<mask>'], { lstrip: true }),
    ],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['</s>', vocab['</s>']],
      cls: ['<s>', vocab['<s>']],
      trim_offsets: true,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', unk_token: null, fuse_unk: false, vocab, merges },
  };
}

/** XLM-R: NFKC by a precompiled map, `▁` for spaces, Unigram. */
export function unigramTokenizer(): TokenizerJson {
  const special = ['<s>', '<pad>', '</s>', '<unk>'];
  const words = ['▁the', '▁film', '▁was', '▁good', '▁un', 'able', 'believ', '▁caf', 'é', '.', '!', 'ing'];
  const entries = [
    ...special.map((piece): [string, number] => [piece, 0]),
    ...words.map((piece, k): [string, number] => [piece, -3 - k / 10]),
    ...['▁', ...letters].map((piece, k): [string, number] => [piece, -8 - k / 10]),
  ];
  return {
    version: '1.0',
    added_tokens: special.map((content, id) => addedToken(content, id)),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Precompiled', precompiled_charsmap: '' },
        { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '<s>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '</s>', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: 'Metaspace', replacement: '▁' },
    model: { type: 'Unigram', unk_id: 3, vocab: entries },
  };
}

/** Llama: a prepended `▁`, BPE over characters, bytes as `<0xE2>` where a character has no piece. */
export function byteFallbackTokenizer(): TokenizerJson {
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`);
  const merges = ['▁ t', 'h e', '▁t he', 'o o', 'oo d'];
  const vocab = idsOf(['<unk>', '<s>', ...bytes, '▁', ...letters, ...merges.map((m) => m.replace(' ', ''))]);
  return {
    version: '1.0',
    added_tokens: [addedToken('<unk>', 0), addedToken('<s>', 1)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', unk_token: '<unk>', byte_fallback: true, fuse_unk: true, vocab, merges },
  };
}

/** CLIP: lower case, BPE whose last piece of a word ends with `</w>`; other characters are unknown. */
export function endOfWordTokenizer(): TokenizerJson {
  const merges = ['t h', 'th e</w>'];
  const vocab = idsOf(['<unk>', ...letters, ...letters.map((c) => `${c}</w>`), 'th', 'the</w>']);
  return {
    version: '1.0',
    added_tokens: [addedToken('<unk>', 0)],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', unk_token: '<unk>', end_of_word_suffix: '</w>', vocab, merges },
  };
}

/** The tokenizer of the golden text model: lower case, `Ġ` before each word, the longest piece that fits. */
export function toyTokenizerJson({ vocab, special }: ToyVocabulary): TokenizerJson {
  const framing = (id: number) => ({ SpecialToken: { id: vocab[id], type_id: 0 } });
  return {
    version: '1.0',
    added_tokens: Object.values(special).map((id) => addedToken(vocab[id], id)),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: 'Ġ', add_prefix_space: true },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [framing(special.bos), { Sequence: { id: 'A', type_id: 0 } }, framing(special.eos)],
      pair: [],
      special_tokens: {},
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: vocab[special.unk],
      continuing_subword_prefix: '',
      max_input_chars_per_word: 100,
      vocab: idsOf(vocab),
    },
  };
}
