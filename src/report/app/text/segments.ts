// A stretch of a text cut where what is said of it changes.

/** [start, end) in a text, in UTF-16 units. */
export type Span = readonly [number, number];

/** What a span of words is worth to a concept. */
export interface Weight {
  span: Span;
  /** 0 … 1, the largest of the concept over all texts that are shown. */
  share: number;
  /** Id of the concept. */
  id: number;
}

export interface Segment {
  start: number;
  end: number;
  /** The heaviest on it; null for none. */
  weight: Weight | null;
  /** Whether it is one of the words that a draft name is made from. */
  isTerm: boolean;
}

/**
 * The stretch [start, end) in segments, in order and without gaps.
 *
 * @param weights - spans, in any order, that may lie over each other and reach beyond the stretch.
 * @param terms - spans of words of a draft name.
 */
export function segmentsOf(
  [start, end]: Span,
  weights: readonly Weight[],
  terms: readonly Span[],
): Segment[] {
  const inside = (at: number): boolean => at > start && at < end;
  const spans = [...weights.map(({ span }) => span), ...terms];
  const cuts = [...new Set([start, ...spans.flat().filter(inside), end])].sort((a, b) => a - b);
  const rising = [...weights].sort((a, b) => a.share - b.share);
  const segments: Segment[] = [];
  for (let k = 0; k + 1 < cuts.length; k++) {
    const [from, to] = [cuts[k], cuts[k + 1]];
    const covers = ([a, b]: Span): boolean => a <= from && to <= b;
    const weight = rising.findLast(({ span }) => covers(span)) ?? null;
    segments.push({ start: from, end: to, weight, isTerm: terms.some(covers) });
  }
  return segments;
}

/** Where some terms occur in a stretch of a text, as whole words and whatever their case. */
export function termSpans(text: string, [start, end]: Span, terms: readonly string[]): Span[] {
  const stretch = text.slice(start, end);
  return terms.flatMap((term) => {
    const words = term.trim().split(/\s+/).filter(Boolean).map(escaped);
    if (words.length === 0) return [];
    const pattern = new RegExp(
      `(?<![\\p{L}\\p{N}])${words.join('[^\\p{L}\\p{N}]+')}(?![\\p{L}\\p{N}])`,
      'giu',
    );
    return [...stretch.matchAll(pattern)].map(
      ({ index, 0: found }): Span => [start + index, start + index + found.length],
    );
  });
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
