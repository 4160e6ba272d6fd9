import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stretchesOf } from './stretches.ts';

/** Half a surrogate pair. */
const TORN = /[\ud800-\udfff]/u;

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      ' ',
      ' ',
      '\n',
      '  ',
      ', ',
      '。',
      '、',
      "'s",
      '🙂',
      'é',
      '12',
      '漢字',
      'Straße',
      '\u0301',
    ),
    fc.string({ unit: fc.constantFrom(...'abC9'), minLength: 1, maxLength: 9 }),
  ),
  { minLength: 200, maxLength: 400 },
);

describe('stretchesOf', () => {
  it('are the text in order, none longer than a pattern may see, no character torn', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('').repeat(30);
        const stretches = [...stretchesOf(text)];
        expect(stretches.join('')).toBe(text);
        for (const stretch of stretches) {
          expect(stretch.length).toBeLessThanOrEqual(4096);
          expect(stretch).not.toMatch(TORN);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('takes texts without a space, and none', () => {
    expect([...stretchesOf('')]).toEqual([]);
    expect([...stretchesOf('a'.repeat(10_000))].map(({ length }) => length)).toEqual([4096, 4096, 1808]);
    for (const part of stretchesOf('🙂'.repeat(5000))) expect(part).not.toMatch(TORN);
  });
});
