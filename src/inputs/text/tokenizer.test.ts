import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bertTokenizer,
  byteFallbackTokenizer,
  endOfWordTokenizer,
  robertaTokenizer,
  unigramTokenizer,
} from '../../../test/models/tokenizers.ts';
import { TextTokenizer } from './tokenizer.ts';
import type { Tokens } from './tokens.ts';

const kinds = {
  WordPiece: bertTokenizer(),
  'byte-level BPE': robertaTokenizer(),
  Unigram: unigramTokenizer(),
  'BPE with bytes': byteFallbackTokenizer(),
  'BPE with </w>': endOfWordTokenizer(),
};
const LONG = 1_000_000;
const open = (kind: keyof typeof kinds, maxTokens = LONG): TextTokenizer =>
  new TextTokenizer({ tokenizer: kinds[kind] }, maxTokens);

/** `piece → source` of the tokens that come from the text. */
function spelled(text: string, { pieces, offsets }: Tokens): string[] {
  return pieces.flatMap((piece, t) =>
    offsets[2 * t] < 0 ? [] : [`${piece} → ${text.slice(offsets[2 * t], offsets[2 * t + 1])}`],
  );
}

/** Texts of what tokenizers meet: words, accents, CJK, emoji, right-to-left, lone surrogates, white space. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'the',
        ' the film',
        'Café',
        'cafe\u0301',
        'unbelievable',
        "don't",
        'GOOD',
        '中文',
        '👩‍👧',
        '🎬',
        'שלום',
        'مرحبا',
      ),
      fc.constantFrom(
        ' ',
        '  ',
        '\n',
        '\t',
        '\u00a0',
        '\u3000',
        '\u0000',
        'ﬁ',
        '½',
        'İ',
        'ΑΣ',
        'ß',
        '한국',
        '\u200d',
        '\ud800',
        '▁',
        '</s>',
        '[SEP]',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('TextTokenizer', () => {
  it.each(Object.keys(kinds) as (keyof typeof kinds)[])(
    '%s: ids and pieces are those of the library',
    (kind) => {
      const library = new Tokenizer(kinds[kind], {});
      const ours = open(kind);
      fc.assert(
        fc.property(text, (source) => {
          const expected = library.encode(source);
          const { ids, pieces } = ours.encode(source);
          expect(pieces).toEqual(expected.tokens);
          expect([...ids]).toEqual(expected.ids);
        }),
      );
    },
  );

  it.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s: places are in the text and in order', (kind) => {
    const ours = open(kind);
    fc.assert(
      fc.property(text, (source) => {
        const { offsets, ids } = ours.encode(source);
        expect(offsets).toHaveLength(2 * ids.length);
        let before = 0;
        for (let t = 0; t < ids.length; t++) {
          const [start, end] = offsets.subarray(2 * t, 2 * t + 2);
          if (start < 0) continue;
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(source.length);
          before = start;
        }
      }),
    );
  });

  it('WordPiece: what stands at the place of a piece normalises to the piece', () => {
    const latin = fc.stringMatching(/^[a-zA-ZéÉüñÅçøı .,!'-]{0,40}$/);
    const ours = open('WordPiece');
    fc.assert(
      fc.property(latin, (source) => {
        const { pieces, offsets } = ours.encode(source);
        pieces.forEach((piece, t) => {
          const [start, end] = offsets.subarray(2 * t, 2 * t + 2);
          if (start < 0 || piece === '[UNK]') return;
          const plain = source
            .slice(start, end)
            .toLowerCase()
            .normalize('NFD')
            .replace(/\p{Mn}/gu, '');
          expect(plain).toBe(piece.replace('##', ''));
        });
      }),
    );
  });

  it('byte-level: every character but white space has a piece, and pieces spell it', () => {
    const ours = open('byte-level BPE');
    fc.assert(
      fc.property(text, (source) => {
        const { offsets, ids } = ours.encode(source);
        const covered = new Uint8Array(source.length);
        for (let t = 0; t < ids.length; t++) {
          if (offsets[2 * t] >= 0) covered.fill(1, offsets[2 * t], offsets[2 * t + 1]);
        }
        const bare = [...covered.keys()].filter((i) => covered[i] === 0 && !/[ \t-\r]/.test(source[i]));
        // <mask>, the only token with lstrip, is not among the texts
        expect(bare).toEqual([]);
      }),
    );
  });

  // Every place written out by hand.
  it.each([
    [
      'WordPiece',
      'The CAFE\u0301  film was unbelievable, 中文 👩‍👧 bad!',
      [
        'the → The',
        'cafe → CAFE\u0301',
        'film → film',
        'was → was',
        'un → un',
        '##believ → believ',
        '##able → able',
      ],
      [', → ,', '中 → 中', '文 → 文', '[UNK] → 👩‍👧', 'bad → bad', '! → !'],
    ],
    [
      'byte-level BPE',
      ' the film\n🎬 é',
      ['Ġthe → the', 'Ġfilm → film', 'Ċ → ', 'ð → 🎬', 'Ł → 🎬', 'İ → 🎬', '¬ → 🎬', 'Ġ → '],
      ['Ã → é', '© → é'],
    ],
    [
      'Unigram',
      'the film unbelievable. ﬁlm 🎬🎬 zoo',
      [
        '▁the → the',
        '▁film → film',
        '▁un → un',
        'believ → believ',
        'able → able',
        '. → .',
        '▁film → ﬁlm',
        '▁ → ',
      ],
      ['🎬🎬 → 🎬🎬', '▁ → ', 'z → z', 'o → o', 'o → o'],
    ],
    [
      'BPE with bytes',
      'the food é',
      ['▁the → the', '▁ → ', 'f → f', 'ood → ood', '▁ → ', '<0xC3> → é', '<0xA9> → é'],
      [],
    ],
    [
      'BPE with </w>',
      'The Éa the!',
      ['the</w> → The', '<unk> → É', 'a</w> → a', 'the</w> → the', '<unk> → !'],
      [],
    ],
  ] as const)('%s: pieces of %j', (kind, source, first, rest) => {
    expect(spelled(source, open(kind).encode(source))).toEqual([...first, ...rest]);
  });

  it('puts special tokens around a text, with places of −1, and cuts what is between them', () => {
    const { pieces, offsets, truncated, typeIds } = open('WordPiece', 5).encode('the film was very good');
    expect(pieces).toEqual(['[CLS]', 'the', 'film', 'was', '[SEP]']);
    expect([...offsets]).toEqual([-1, -1, 0, 3, 4, 8, 9, 12, -1, -1]);
    expect([...typeIds]).toEqual([0, 0, 0, 0, 0]);
    expect(truncated).toBe(2);
  });

  it('gives an empty text its special tokens alone', () => {
    expect(open('WordPiece').encode('').pieces).toEqual(['[CLS]', '[SEP]']);
    expect(open('byte-level BPE').encode('').pieces).toEqual(['<s>', '</s>']);
  });

  it('takes the length of a text with its special tokens, and no less than one token of text', () => {
    expect(() => open('WordPiece', 2)).toThrow(/at least 3 tokens.*got 2/);
    expect(() => open('WordPiece', Number.NaN)).toThrow(/got NaN/);
  });

  it.each([
    ['no object', null],
    ['a list', []],
    ['an empty object', {}],
    ['no model', { model: null }],
    ['a model of no kind', { model: { type: 'Neural', vocab: null } }],
    ['a normalizer of no kind', { ...bertTokenizer(), normalizer: { type: 'Magic' } }],
    ['merges that are none', { model: { type: 'BPE', vocab: {}, merges: 7 } }],
    ['a Unigram without pieces', { model: { type: 'Unigram', vocab: [], unk_id: 0 } }],
  ])('refuses %s', (_, tokenizer) => {
    expect(() => new TextTokenizer({ tokenizer }, 10)).toThrow(
      expect.objectContaining({ name: 'CraftError', code: 'FILE_FORMAT' }),
    );
  });

  it('refuses ids that no table of embeddings has', () => {
    const tokenizer = bertTokenizer();
    Object.assign(tokenizer.model.vocab as object, { the: -4 });
    expect(() => new TextTokenizer({ tokenizer }, 10).encode('the film')).toThrow(/got -4 for "the"/);
  });
});
