import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeExplanation, makeMaps } from '../../test/report/fixture.ts';
import { CraftError } from '../errors.ts';
import { renderReport } from './render.ts';
import type { ReportData } from './report-data.ts';
import { unpackTables } from './tables.ts';

const dataOf = (html: string): ReportData =>
  unpackTables(
    JSON.parse(/<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html)![1]),
  ) as ReportData;

describe('renderReport', () => {
  const explanation = makeExplanation({ concepts: 3, inputs: 4 });

  it('embeds the explanation and gives the same bytes again', () => {
    const html = renderReport({ explanation });
    expect(dataOf(html)).toEqual({
      kind: 'image',
      explanation,
      maps: null,
      mapsBy: [],
      evaluation: null,
      details: { concepts: [], cosine: null, perInput: null, contributions: null },
      live: null,
    });
    expect(renderReport({ explanation })).toBe(html);
    expect(html).toContain('<title>Why does resnet18-fruit.onnx say Granny Smith?</title>');
  });

  it('leaves no way out of the data and the title, whatever the strings', () => {
    const nasty = fc.constantFrom(
      '</script>',
      '<!--',
      '-->',
      '<script>',
      '\u2028',
      '$&',
      "$'",
      '&lt;',
      ']]>',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' }))), (parts) => {
        const label = parts.join('');
        const hostile = { ...explanation, class: { id: 0, label } };
        const html = renderReport({ explanation: hostile });
        expect(dataOf(html).explanation.class.label).toBe(label);
        // as many elements as with a harmless label
        const tags = (text: string) => text.match(/<\/?(script|title|img|!--)/g)?.length;
        expect(tags(html)).toBe(tags(renderReport({ explanation })));
      }),
      { numRuns: 50 }, // a page of 340 kB each
    );
  });

  it('allows no script but its own, and no connection', () => {
    const html = renderReport({ explanation });
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='(;|$)/);
    expect(html.match(/https?:\/\/[^\s"'`)<]*/g)?.filter((url) => !namesOnly.test(url))).toEqual([]);
  });

  it('refuses maps that do not fit, with a code', () => {
    const maps = makeMaps(explanation);
    const bad = { data: maps.data, dims: [maps.dims[0], 7, 7 * 3, 1] };
    expect(() => renderReport({ explanation, maps: bad })).toThrow(CraftError);
    expect(() => renderReport({ explanation, maps: bad })).toThrow(
      /renderReport: expected maps \[4, h, w, 3\]/,
    );
  });
});

/** Namespaces of XML, and the addresses in licence texts: named, not fetched. */
const namesOnly = /^http:\/\/www\.w3\.org\/|colorbrewer|apache\.org/;
