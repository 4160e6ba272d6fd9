import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../tensor/tensor.ts';
import { draftLabels } from './draft-labels.ts';
import { termsOf } from './terms.ts';
import { UnitTableBuilder } from './unit-table.ts';

const matrix = (rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  dims: [rows.length, rows[0].length],
});

interface Unit {
  content: string;
  text: number;
}

/** Labels of units in batches of seven. */
function labelsOf(U: Tensor, units: readonly Unit[]) {
  const table = new UnitTableBuilder();
  for (const { content, text } of units) table.add({ text, start: 0, end: content.length }, content);
  return draftLabels(U, table.finish(), async function* () {
    for (let row = 0; row < units.length; row += 7)
      yield { row, contents: units.slice(row, row + 7).map(({ content }) => content) };
  });
}

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

  it('names a concept by what its units have and others have not; stop words are in all of them', async () => {
    const [rate, pill] = await labelsOf(U, units);
    expect(rate.text).toBe('mortgage rate');
    expect(pill.text).toBe('weight loss pill');
    expect(rate.terms[0].units).toEqual([0, 1, 2, 3, 4]);
    expect(rate.terms[0].score).toBeGreaterThan(0);
  });

  it('goes by the coefficients of all units with a term, not by the strongest alone', async () => {
    const many = Array.from({ length: 120 }, (_, n) => {
      const word = n < 20 ? 'herbal' : n < 100 ? 'shop' : 'kernel';
      return { content: `${word} mail of ${'abcdefghijklmnopqrst'[n % 20]}${n < 60 ? 'x' : 'y'}`, text: n };
    });
    // the very strongest say shop, as 76 others do that are not about it
    const rows = many.map((_, n) => [n < 20 ? 0.6 : n < 24 ? 1 : 0]);
    expect((await labelsOf(matrix(rows), many))[0].text).toMatch(/^herbal/);
  });

  it('counts units of the same words once, and one text alone is no evidence', async () => {
    const repeated = [
      ...Array.from({ length: 9 }, () => ({ content: 'click here to be removed', text: 0 })),
      ...units,
    ];
    const rows = repeated.map((_, n) => [n < 9 ? 5 : 0]);
    const [label] = await labelsOf(matrix(rows), repeated);
    for (const { units: rowsOfTerm } of label.terms) expect(rowsOfTerm).toEqual([0]);
    const chant = units.map((unit, n) => ({
      ...unit,
      content: `${unit.content} ${n < 10 ? 'hallelujah' : ''}`,
      text: n < 10 ? 0 : n,
    }));
    expect((await labelsOf(U, chant))[0].text).toBe('');
  });

  it('names what units look like where no word sets them apart', async () => {
    const shouted = units.map((unit, n) => ({
      ...unit,
      content: n < 10 ? `WE ${unit.content.slice(0, 3 + n)} WRITE TO YOU`.toUpperCase() : unit.content,
    }));
    expect((await labelsOf(U, shouted))[0].text).toContain('(in capitals)');
  });

  it('has no name for a concept that no unit has', async () => {
    expect((await labelsOf(matrix(units.map(() => [0])), units))[0]).toEqual({ text: '', terms: [] });
  });

  it('refuses rows without units', async () => {
    await expect(labelsOf(U, units.slice(1))).rejects.toThrow(/a unit for each of 20 rows; got 19/);
  });
});
