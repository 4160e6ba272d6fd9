import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf } from './context.ts';
import { type Span, segmentsOf, termSpans } from './segments.ts';

const span = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]): Span => [Math.min(a, b), Math.max(a, b) + 1]);

describe('segmentsOf', () => {
  it('cuts a stretch without gaps, each part with the heaviest weight on it', () => {
    const weight = fc.record({ span, share: fc.double({ min: 0.01, max: 1, noNaN: true }), id: fc.nat(3) });
    fc.assert(
      fc.property(
        span,
        fc.array(weight, { maxLength: 6 }),
        fc.array(span, { maxLength: 3 }),
        (all, weights, terms) => {
          const segments = segmentsOf(all, weights, terms);
          expect(segments[0].start).toBe(all[0]);
          expect(segments.at(-1)?.end).toBe(all[1]);
          segments.forEach((segment, k) => {
            if (k > 0) expect(segment.start).toBe(segments[k - 1].end);
            const on = weights.filter(({ span: [a, b] }) => a <= segment.start && segment.end <= b);
            const heaviest = Math.max(0, ...on.map(({ share }) => share));
            expect(segment.weight?.share ?? 0).toBe(heaviest);
            expect(segment.isTerm).toBe(terms.some(([a, b]) => a <= segment.start && segment.end <= b));
          });
        },
      ),
    );
  });
});

describe('termSpans', () => {
  it.each([
    ['Free money, freedom', ['free'], ['Free']],
    ['risk-free and Risk  FREE.', ['risk free'], ['risk-free', 'Risk  FREE']],
    ['Über und über', ['über'], ['Über', 'über']],
    ['a.c abc', ['a.c'], ['a.c']],
    ['x', ['', ' '], []],
  ])('finds whole words of %j', (text, terms, found) => {
    const spans = termSpans(text, [0, text.length], terms);
    expect(spans.map(([a, b]) => text.slice(a, b))).toEqual(found);
  });
});

describe('contextOf', () => {
  it('is what stands around, with no half of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), fc.nat(8), (text, at, most) => {
        const points = [...text];
        const start = points.slice(0, at % points.length).join('').length;
        const end = start + points[at % points.length].length;
        for (const part of contextOf(text, [start, end], most)) {
          expect(() => encodeURIComponent(part)).not.toThrow(); // as half a character does
          expect(text).toContain(part.replace(/^… | …$/g, ''));
        }
      }),
    );
  });
});
