import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allFit, hashOf, LONGEST_NAME, namesIn, placeOf } from './address.ts';

const labels = fc.dictionary(
  fc.integer({ min: 0, max: 49 }).map(String),
  fc.string({ unit: 'binary', maxLength: 30 }),
  { maxKeys: 6 },
);

describe('names in the address', () => {
  it('come back as they were, with the place before them', () => {
    fc.assert(
      fc.property(labels, fc.constantFrom('', 'report', 'maps', 'concept-3'), (given, place) => {
        fc.pre(allFit(given));
        const hash = hashOf(place, given);
        expect(placeOf(hash)).toBe(place);
        expect(namesIn(hash, 50)).toEqual(given);
        // nothing in it ends an attribute, an element or a word of a mail
        expect(hash).toMatch(/^#[\w&=%.!~*'()-]*$/);
      }),
    );
  });

  it('are left out from the first on that does not fit, and the page is told', () => {
    const long = Object.fromEntries(Array.from({ length: 50 }, (_, id) => [id, 'é'.repeat(40)]));
    const hash = hashOf('', long);
    expect(hash.length).toBeLessThanOrEqual(1800);
    const found = namesIn(hash, 50);
    expect(Object.keys(found)).toEqual(['0', '1', '2', '3', '4', '5', '6']); // 7 of 247 letters
    expect(allFit(long)).toBe(false);
    expect(allFit(found)).toBe(true);
  });

  it('of a stranger are bounded, and what cannot be read is left out', () => {
    expect(
      namesIn('#maps&name1=%E0%A4%A&name2=&name3=%3Cimg%3E&name9=no&name0=no&name1e1=no&nameX', 8),
    ).toEqual({
      1: '',
      2: '<img>',
    });
    expect(namesIn(`#&name1=${'a'.repeat(5000)}`, 8)[0]).toHaveLength(LONGEST_NAME);
    expect(namesIn('#&__proto__=1&constructor=2', 8)).toEqual({});
    expect(hashOf('', { 0: 'half \ud83d' })).toBe('#&name1=half%20%EF%BF%BD');
  });
});
