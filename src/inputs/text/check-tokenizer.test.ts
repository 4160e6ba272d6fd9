import { describe, expect, it } from 'vitest';
import { bertTokenizer, robertaTokenizer } from '../../../test/models/tokenizers.ts';
import { random } from '../../tensor/random.ts';
import { patternTrouble } from './pattern-cost.ts';
import { stretchesOf } from './stretches.ts';
import { TextTokenizer } from './tokenizer.ts';
import { openTokenizer } from './tokenizers-library.ts';

/** Patterns as published: GPT-2, CLIP, Llama 3, GPT-4o, Bloom, DeepSeek V3, groups of three digits. */
const PUBLISHED = [
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ' ?[^(\\s|[.,!?…。，、।۔،])]+',
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` +
    '`' +
    String.raw`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))`,
  ' {2,}',
  '[一-龥぀-ゟ゠-ヿ]+',
  '\\n',
];

/** Exponential or of a high power, each on texts that a person may write. */
const HOSTILE = [
  '(a+)+$',
  '(?:a*)*b',
  '(a|a)*b',
  '(?:\\w|\\d)+!',
  '(?:a|aa)+$',
  '([a-z]{1,9})*!',
  '((a+))+b',
  '(?:(?:a+)?)+b',
  '(?=(a+)+b)',
  'a*a*a*b',
  '\\w*\\w*!',
  '[^]*[^]*\\u0000',
  '(?:a+|b+)(?:a+)c',
  '(a)\\1*',
  '(?<x>a+)\\k<x>+',
  'a'.repeat(5000),
  `${'('.repeat(40)}a${')'.repeat(40)}`,
  '(a',
  '[a',
  'a)',
];

/** What patterns tell apart. */
const PARTS = [
  'It’s 12 o’clock. ',
  "we're HERE,",
  ' 漢字かな、',
  'naïve\n\n',
  '   x',
  '—é ',
  '3.14159 ',
  'ok! ',
  '한글 ',
];

describe('patternTrouble', () => {
  it.each(PUBLISHED)('lets %s run', (pattern) => {
    expect(patternTrouble(pattern)).toBeNull();
  });

  it.each(HOSTILE.map((pattern) => [pattern.slice(0, 30), pattern]))('refuses %s', (_, pattern) => {
    expect(patternTrouble(pattern)).not.toBeNull();
  });
});

describe('a tokenizer.json from outside', () => {
  const texts = `${'a'.repeat(50_000)}!`;
  const open = (parts: object) => () =>
    new TextTokenizer({ tokenizer: { ...bertTokenizer(), ...parts } }, 16);
  const split = (pattern: object) => ({ type: 'Split', pattern, behavior: 'Isolated', invert: false });

  it('names the pattern that it refuses, in a normalizer or a pre-tokenizer, in sequences too', () => {
    const bad = { Regex: '(a+)+$' };
    const parts = [
      { pre_tokenizer: split(bad) },
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [split({ String: ' ' }), split(bad)] } },
      { normalizer: { type: 'Replace', pattern: bad, content: ' ' } },
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: bad, content: '' }] } },
    ];
    for (const part of parts) {
      expect(open(part)).toThrow(
        expect.objectContaining({ code: 'FILE_FORMAT', message: expect.stringContaining('(a+)+$') }),
      );
    }
  });

  it.each(PUBLISHED)('parts 50,000 characters of one kind by %s', (Regex) => {
    const tokenizer = open({ pre_tokenizer: split({ Regex }) })();
    expect(tokenizer.encode(texts).ids.length).toBeLessThanOrEqual(16);
  });

  // Each takes the square of the length: 5·10⁹ steps on these texts as a whole, which is minutes.
  it.each([
    ['a+b', 'a'],
    ['\\w*\\d', 'a'],
    ['a+$', 'a'],
    [String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))`, '7'],
    ['\\s+$', ' '],
  ])('ends on 100,000 characters that %s goes over again and again', (Regex, character) => {
    const text = `${character.repeat(100_000)}!`;
    const pattern = { Regex };
    for (const part of [
      { pre_tokenizer: split(pattern) },
      { normalizer: { type: 'Replace', pattern, content: 'b' } },
    ]) {
      expect(open(part)().encode(text).ids.length).toBeLessThanOrEqual(16);
    }
  });

  // those that find words, and DeepSeek's three in a row
  it.each([...PUBLISHED.slice(0, 6).map((pattern) => [pattern]), [PUBLISHED[6], PUBLISHED[8], PUBLISHED[5]]])(
    'gives a long text the words of the whole, by %s',
    (...patterns) => {
      const pre_tokenizer = { type: 'Sequence', pretokenizers: patterns.map((Regex) => split({ Regex })) };
      const file = { ...bertTokenizer(), normalizer: null, pre_tokenizer };
      const none = { added_tokens: [], post_processor: null, decoder: null };
      const library = openTokenizer({ ...none, ...file }, {}).pre_tokenizer!;
      const wordsOf = (part: string) => library.pre_tokenize(part, { section_index: 0 });
      const rng = random(5);
      const text = Array.from({ length: 4000 }, () => PARTS[rng.below(PARTS.length)]).join('');
      expect([...stretchesOf(text)].flatMap(wordsOf)).toEqual(wordsOf(text));
    },
  );

  it('refuses counts that no tokenizer has, before it makes anything of them', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { type: 'NFC' } : { type: 'Sequence', normalizers: [nested(depth - 1)] };
    const parts = [
      { added_tokens: { length: 3 } },
      { added_tokens: new Array(100_001).fill({ id: 1, content: 'a' }) },
      { model: { type: 'BPE', vocab: { a: 0 }, merges: new Array(2_000_001) } },
      { normalizer: { type: 'Sequence', normalizers: new Array(300).fill({ type: 'NFC' }) } },
      { normalizer: nested(20) },
      { pre_tokenizer: { type: 'FixedLength', length: 0 } },
      { pre_tokenizer: { type: 'FixedLength' } },
    ];
    for (const part of parts) expect(open(part)).toThrow(expect.objectContaining({ code: 'FILE_FORMAT' }));
  });

  it('opens tokenizers as they are', () => {
    expect(() => new TextTokenizer({ tokenizer: robertaTokenizer() }, 16)).not.toThrow();
  });
});
