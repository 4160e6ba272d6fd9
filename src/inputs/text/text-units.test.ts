import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textUnits, type UnitOptions, unitText } from './text-units.ts';
import { wordSpans } from './words.ts';

const kinds = ['auto', 'text', 'sentence', 'clause', 'window'] as const;
const parted = (text: string, options: UnitOptions): string[] =>
  textUnits([text], options).map((unit) => unitText([text], unit));

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'the film was good',
        'Dr. Who',
        'a, b; c',
        '中文电影。很好！',
        '👩‍👧 🎬',
        'שלום עולם.',
        '\n\n',
        '. ',
        ' ',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(' '));

describe('textUnits', () => {
  it.each(kinds)('%s: units lie in their text, in order, with no white space at their ends', (kind) => {
    fc.assert(
      fc.property(
        fc.array(anyText, { maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        (texts, windowWords) => {
          const units = textUnits(texts, { kind, windowWords });
          units.forEach((unit, k) => {
            const source = unitText(texts, unit);
            expect(source).toBe(source.trim());
            expect(source.length).toBeGreaterThan(0);
            const before = units[k - 1];
            if (before?.text === unit.text) expect(unit.start).toBeGreaterThan(before.start);
            else expect(unit.text).toBeGreaterThan(before?.text ?? -1);
          });
        },
      ),
    );
  });

  it.each(['text', 'sentence', 'clause', 'window'] as const)('%s: every word is in a unit', (kind) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const units = textUnits([text], { kind, maxUnits: 1e6 });
        for (const { start, end } of wordSpans(text)) {
          expect(units.some((unit) => unit.start <= start && end <= unit.end)).toBe(true);
        }
      }),
    );
  });

  it('parts sentences, and joins what is too short to stand alone', () => {
    const text = 'Well. The film was good! Was it long? No.\n\nA second paragraph follows';
    expect(parted(text, { kind: 'sentence' })).toEqual([
      'Well. The film was good!',
      'Was it long?',
      'No.\n\nA second paragraph follows',
    ]);
  });

  it('reads on over a line that was broken at its length, and not over others', () => {
    const wrapped =
      'This line of a mail was broken by the program that sent\nit to us. Another sentence is here.';
    expect(parted(wrapped, { kind: 'sentence' })).toHaveLength(2);
    expect(
      parted('From: somebody at home\nSubject: the film of yesterday', { kind: 'sentence' }),
    ).toHaveLength(2);
  });

  it('parts clauses at commas, and Chinese at its own marks', () => {
    expect(parted('The film was long, the music was too loud; I left early', { kind: 'clause' })).toEqual([
      'The film was long,',
      'the music was too loud;',
      'I left early',
    ]);
    expect(parted('这部电影非常好看。我们都很喜欢它！', { kind: 'sentence' })).toHaveLength(2);
  });

  it('slides windows by four fifths of their length, the last one up to the end', () => {
    const text = Array.from({ length: 23 }, (_, k) => `w${k}`).join(' ');
    expect(parted(text, { kind: 'window', windowWords: 10 })).toEqual([
      'w0 w1 w2 w3 w4 w5 w6 w7 w8 w9',
      'w8 w9 w10 w11 w12 w13 w14 w15 w16 w17',
      'w13 w14 w15 w16 w17 w18 w19 w20 w21 w22',
    ]);
    expect(parted('only three words', { kind: 'window', windowWords: 10 })).toEqual(['only three words']);
  });

  it('auto: short texts whole, longer ones by sentence', () => {
    const sentence = 'The film was good. ';
    expect(parted(sentence.repeat(3), {})).toHaveLength(1);
    expect(parted(sentence.repeat(4), {})).toHaveLength(4);
  });

  it.each([
    ['nothing', '', 0],
    ['white space', ' \n\t\u00a0\u3000 ', 0],
    ['one character', 'x', 1],
    ['one emoji', '👩‍👧', 1],
    ['a NUL byte', '\0', 1],
  ])('%s', (_, text, count) => {
    for (const kind of kinds) expect(textUnits([text], { kind })).toHaveLength(count);
  });

  it.each([
    ['one word of 100,000 characters', 'a'.repeat(100_000)],
    ['50,000 words without a sentence', 'a '.repeat(50_000)],
    ['50,000 full stops', '. '.repeat(50_000)],
    ['25,000 sentences', 'Oh. '.repeat(25_000)],
    ['33,000 Chinese characters', '电影很'.repeat(11_000)],
  ])('%s: at most 256 units', (_, text) => {
    for (const kind of ['clause', 'window'] as const)
      expect(textUnits([text], { kind }).length).toBeLessThanOrEqual(256);
  });

  it('names the setting that is wrong', () => {
    expect(() => textUnits(['a'], { kind: 'chapter' as 'text' })).toThrow(
      /units: expected auto.*got chapter/,
    );
    expect(() => textUnits(['a'], { windowWords: 0 })).toThrow(/windowWords: expected/);
    expect(() => textUnits(['a'], { maxUnits: 1.5 })).toThrow(/maxUnits: expected/);
  });
});
