import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftLabels } from './draft-labels.ts';
import { termsOf } from './terms.ts';

const matrix = (rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  dims: [rows.length, rows[0].length],
});

describe('termsOf', () => {
  it('has words and phrases in lower case, none over a mark or a number', () => {
    expect([...termsOf('Lower your RATE, now 24 hours')].sort()).toEqual(
      ['lower', 'lower your', 'lower your rate', 'your', 'your rate', 'rate', 'now', 'hours'].sort(),
    );
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."aB9 .,'\n\0é\u0301ßไทย日本語한🙂\ufeff\ud800") }),
        (text) => {
          expect(termsOf(text).has('')).toBe(false);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('draftLabels', () => {
  const about = (topic: string, i: number) =>
    `the ${topic} is what we talk about in the mail of day ${'abcdefghij'[i]}`;
  const units = Array.from({ length: 20 }, (_, n) => ({
    content: about(n < 10 ? 'mortgage rate' : 'weight loss pill', n % 10),
    text: n,
  }));
  const U = matrix(units.map((_, n) => (n < 10 ? [1, 0] : [0, 2])));

  it('names a concept by what its units have and others have not; stop words are in all of them', () => {
    const [rate, pill] = draftLabels(U, units);
    expect(rate.text).toBe('mortgage rate');
    expect(pill.text).toBe('weight loss pill');
    expect(rate.terms[0].units).toEqual([0, 1, 2, 3, 4]);
    expect(rate.terms[0].score).toBeGreaterThan(0);
  });

  it('counts units of the same words once, and one text alone is no evidence', () => {
    const repeated = [
      ...Array.from({ length: 9 }, () => ({ content: 'click here to be removed', text: 0 })),
      ...units,
    ];
    const rows = repeated.map((_, n) => [n < 9 ? 5 : 0]);
    const [label] = draftLabels(matrix(rows), repeated);
    for (const { units: rowsOfTerm } of label.terms) expect(rowsOfTerm).toEqual([0]);
    const chant = units.map((unit, n) => ({
      ...unit,
      content: `${unit.content} ${n < 10 ? 'hallelujah' : ''}`,
      text: n < 10 ? 0 : n,
    }));
    expect(draftLabels(U, chant)[0].text).toBe('');
  });

  it('has no name for a concept that no unit has', () => {
    expect(draftLabels(matrix(units.map(() => [0])), units)[0]).toEqual({ text: '', terms: [] });
  });

  it('refuses rows without units', () => {
    expect(() => draftLabels(U, units.slice(1))).toThrow(/a unit for each of 20 rows; got 19/);
  });
});
