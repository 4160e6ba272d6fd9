import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordSpans } from '../../inputs/text/words.ts';
import { occlude, withoutSpans, wordParts } from './occlusion.ts';

/** u of a text: how often it says each of two words. */
const counts = async (texts: string[]) => ({
  data: Float64Array.from(texts.flatMap((text) => ['cash', 'pill'].map((w) => text.split(w).length - 1))),
  dims: [texts.length, 2],
});

describe('occlude', () => {
  it('is exact for coefficients that add up over words, in one call', async () => {
    let calls = 0;
    const text = 'Cash? No: cash, pill and\ncash.';
    const spans = wordSpans(text);
    const { scores } = await occlude(text, spans, (texts) => {
      calls++;
      return counts(texts);
    });
    const words = spans.map(({ start, end }) => text.slice(start, end));
    expect(scores.dims).toEqual([words.length, 2]);
    words.forEach((word, s) => {
      expect([...scores.data.subarray(2 * s, 2 * s + 2)]).toEqual([
        Number(word === 'cash'),
        Number(word === 'pill'),
      ]);
    });
    expect(calls).toBe(1);
  });
});

describe('withoutSpans', () => {
  it('leaves one blank where words would meet', () => {
    expect(withoutSpans('get cash now', [{ start: 4, end: 8 }])).toBe('get now');
    expect(withoutSpans('cash now', [{ start: 0, end: 4 }])).toBe('now');
    expect(
      withoutSpans('a b c', [
        { start: 0, end: 1 },
        { start: 2, end: 3 },
      ]),
    ).toBe('c');
  });

  it('keeps every other word, whatever is taken out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (words, pick) => {
          const text = words.join(' ');
          const spans = wordSpans(text);
          const k = pick % spans.length;
          const rest = words.filter((_, i) => i !== k).join(' ');
          expect(withoutSpans(text, [spans[k]])).toBe(rest);
          expect(withoutSpans(text, [])).toBe(text);
        },
      ),
    );
  });
});

describe('wordParts', () => {
  it('are words where there are few, phrases of equal length where there are many, in the part that is read', () => {
    const text = 'one two three four five six seven';
    const parts = (most: number, end?: number) =>
      wordParts(text, most, end).map(({ start, end }) => text.slice(start, end));
    expect(parts(10)).toEqual(text.split(' '));
    expect(parts(3)).toEqual(['one two three', 'four five six', 'seven']);
    expect(parts(10, 13)).toEqual(['one', 'two', 'three']);
    expect(wordParts('a b\nc d', 1)).toHaveLength(2);
    expect(wordParts('', 3)).toEqual([]);
  });
});
