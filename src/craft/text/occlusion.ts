// Which words of a text a concept needs: take them out and see what its coefficient loses.
//
// Notation: u(x) [r] coefficients of a text, x∖s the text without span s.

import { type Span, wordSpans } from '../../inputs/text/words.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Coefficients of texts, [n, r]; as {@link Craft.transform} gives them. */
export type Coefficients = (texts: string[]) => Promise<Tensor>;

/** What each span of a text is worth to each concept. */
export interface SpanScores {
  readonly spans: readonly Span[];
  /** u(x) − u(x∖s), a row a span: [spans, r]. Negative where the concept is stronger without the span. */
  readonly scores: Tensor<Float64Array>;
}

/**
 * Occlusion of spans, for all concepts at once: one text more than spans is encoded, in batches.
 *
 * @param spans - in order, without overlap.
 */
export async function occlude(
  text: string,
  spans: readonly Span[],
  coefficients: Coefficients,
): Promise<SpanScores> {
  const { data, dims } = await coefficients([text, ...spans.map((span) => withoutSpans(text, [span]))]);
  const r = dims[1];
  const scores = Float64Array.from({ length: spans.length * r }, (_, k) => data[k % r] - data[r + k]);
  return { spans, scores: { data: scores, dims: [spans.length, r] } };
}

/** A text without some spans, which are in order; one blank is left where words would meet. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  let rest = '';
  let at = 0;
  for (const { start, end } of spans) {
    rest = join(rest, text.slice(at, start));
    at = end;
  }
  return join(rest, text.slice(at)).trim();
}

function join(a: string, b: string): string {
  return /\s$/.test(a) && /^\s/.test(b) ? a + b.trimStart() : a + b;
}

/**
 * The words of a text in parts of equal length, at most `most`: single words of a short text, phrases of a long
 * one. A part never reaches over a line break.
 *
 * @param end - where what the model reads of the text ends.
 */
export function wordParts(text: string, most: number, end = text.length): Span[] {
  const words = wordSpans(text, { start: 0, end });
  const size = Math.max(1, Math.ceil(words.length / most));
  const parts: Span[] = [];
  let first = 0;
  for (let k = 1; k <= words.length; k++) {
    const isFull = k - first === size;
    const isBroken = k < words.length && text.slice(words[k - 1].end, words[k].start).includes('\n');
    if (k === words.length || isFull || isBroken) {
      parts.push({ start: words[first].start, end: words[k - 1].end });
      first = k;
    }
  }
  return parts;
}
