import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bertTokenizer, robertaTokenizer } from '../../../test/models/tokenizers.ts';
import { TextTokenizer } from './tokenizer.ts';
import { textWords, wordSpans } from './words.ts';

const bert = new TextTokenizer({ tokenizer: bertTokenizer() }, 512);
const roberta = new TextTokenizer({ tokenizer: robertaTokenizer() }, 512);

const spelled = (text: string, tokenizer: TextTokenizer): string[] => {
  const tokens = tokenizer.encode(text);
  return textWords(text, tokens).map(
    ({ start, end, firstToken, lastToken }) =>
      `${text.slice(start, end)} = ${tokens.pieces.slice(firstToken, lastToken).join(' ')}`,
  );
};

describe('wordSpans', () => {
  it.each([
    ["Don't stop, it costs 3.14!", ["Don't", 'stop', ',', 'it', 'costs', '3.14', '!']],
    ['naïve cafe\u0301', ['naïve', 'cafe\u0301']],
    ['👩‍👧👍🏽🇩🇪🇫🇷', ['👩‍👧', '👍🏽', '🇩🇪', '🇫🇷']],
    ['中文电影 שלום עולם', ['中文', '电影', 'שלום', 'עולם']],
    ['...', ['.', '.', '.']],
    [' \n', []],
  ])('%j', (text, words) => {
    expect(wordSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual(words);
  });
});

describe('textWords', () => {
  it('merges sub-word pieces, and keeps the casing of the source', () => {
    expect(spelled('The Unbelievable CAFÉ.', bert)).toEqual([
      'The = the',
      'Unbelievable = un ##believ ##able',
      'CAFÉ = cafe',
      '. = .',
    ]);
    expect(spelled("don't 🎬", bert)).toEqual(["don't = d ##o ##n ' t", '🎬 = [UNK]']);
    expect(spelled(' the 🎬é', roberta)).toEqual(
      ['the = Ġthe', '🎬 = Ġ ð Ł İ ¬', 'é = Ã ©'].map((w) => w.replace('Ġ ', '')),
    );
  });

  it('leaves out what the tokenizer cut off', () => {
    const short = new TextTokenizer({ tokenizer: bertTokenizer() }, 4);
    expect(spelled('the film was good', short)).toEqual(['the = the', 'film = film']);
  });

  it('gives words in order, apart from each other, with tokens that follow one another', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.constantFrom(bert, roberta),
        (text, tokenizer) => {
          const words = textWords(text, tokenizer.encode(text));
          words.forEach((word, k) => {
            expect(word.end).toBeGreaterThan(word.start);
            expect(word.lastToken).toBeGreaterThan(word.firstToken);
            if (k === 0) return;
            expect(word.start).toBeGreaterThanOrEqual(words[k - 1].end);
            expect(word.firstToken).toBeGreaterThanOrEqual(words[k - 1].lastToken);
          });
        },
      ),
    );
  });
});
