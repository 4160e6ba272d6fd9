import type { Span } from './segments.ts';

/**
 * What stands before and after a span, at most `most` characters each, from a blank where there is one; with an
 * ellipsis where the text goes on.
 */
export function contextOf(text: string, [start, end]: Span, most: number): [string, string] {
  if (most === 0) return ['', ''];
  const from = Math.max(0, start - most);
  const to = Math.min(text.length, end + most);
  let before = text.slice(from, start);
  let after = text.slice(end, to);
  if (from > 0) before = `… ${before.replace(/^\S*\s/, '')}`;
  if (to < text.length) after = `${after.replace(/\s\S*$/, '')} …`;
  // half of a pair of surrogates is no character
  return [before.replace(/^… [\uDC00-\uDFFF]/, '… '), after.replace(/[\uD800-\uDBFF] …$/, ' …')];
}
