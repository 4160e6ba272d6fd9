import { describe, expect, it } from 'vitest';
import { makeTextRun } from '../../test/report/text-fixture.ts';
import { textDetails } from './details/details.ts';
import { pageTexts } from './page-texts.ts';

const run = makeTextRun({ texts: 60 });
/** Only texts that something is shown of keep their words, as in a run. */
const { explanation } = run;
const shown = new Set([
  ...explanation.examples,
  ...explanation.concepts.flatMap(({ bestUnits }) => bestUnits.map(({ input }) => input)),
]);
explanation.inputs.items.forEach((item, n) => {
  if (!shown.has(n)) item.text = null;
});
const r = explanation.concepts.length;

describe('texts that a page lists', () => {
  const most = shown.size + 5;
  const { source, leftOut } = pageTexts(run, most);
  const { items } = source.explanation.inputs;

  it('are those that are shown and some of the others, with their own rows', () => {
    expect(items).toHaveLength(most);
    expect(items.filter(({ text }) => text !== null)).toHaveLength(shown.size);
    const agreeing = explanation.inputs.items.filter(({ predicted }) => predicted.label === 'spam').length;
    expect(leftOut).toEqual({ texts: 60 - most, agreeing });
    items.forEach((item, k) => {
      const n = explanation.inputs.items.indexOf(item);
      for (const name of ['U_texts', 'importance_per_input'] as const) {
        const row = ({ data }: { data: ArrayLike<number> }, at: number) =>
          Array.from({ length: r }, (_, i) => data[at * r + i]);
        expect(row(source[name], k)).toEqual(row(run[name], n));
      }
    });
  });

  it('are found by all that names them', () => {
    const textOf = (items: typeof explanation.inputs.items, input: number) => items[input].text;
    source.explanation.concepts.forEach(({ bestUnits }, id) => {
      bestUnits.forEach((unit, k) => {
        const before = explanation.concepts[id].bestUnits[k];
        expect(textOf(items, unit.input)).toBe(textOf(explanation.inputs.items, before.input));
      });
    });
    expect(source.explanation.examples.map((n) => items[n])).toEqual(
      explanation.examples.map((n) => explanation.inputs.items[n]),
    );
    expect(source.explanation.heatmaps.map(({ input }) => input)).toEqual(source.explanation.examples);
    const { concepts } = textDetails(source.explanation, source);
    const before = textDetails(explanation, run).concepts;
    expect(concepts.map(({ histogram }) => histogram)).toEqual(before.map(({ histogram }) => histogram));
    for (const [id, { median }] of concepts.entries()) {
      const names = (all: typeof items, rows: typeof median) => rows.map(({ input }) => all[input].name);
      expect(names(items, median)).toEqual(names(explanation.inputs.items, before[id].median));
    }
  });

  it('are all of them where there are few', () => {
    expect(pageTexts(run, 60)).toEqual({ source: run, leftOut: null });
  });
});
