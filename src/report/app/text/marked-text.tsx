import { colourOf } from '../palette.ts';
import { type Segment, type Span, segmentsOf, type Weight } from './segments.ts';

interface Props {
  text: string;
  span: Span;
  weights: readonly Weight[];
  terms?: readonly Span[];
}

/** Part of a text with tinted words. All of it is text nodes: what a text holds is never markup. */
export function MarkedText({ text, span, weights, terms = [] }: Props) {
  return (
    <>
      {segmentsOf(span, weights, terms).map((segment) => (
        <Marked key={segment.start} segment={segment} words={text.slice(segment.start, segment.end)} />
      ))}
    </>
  );
}

function Marked({ segment: { weight, isTerm }, words }: { segment: Segment; words: string }) {
  if (!weight) return isTerm ? <span class="term">{words}</span> : words;
  return (
    <mark
      class={isTerm ? 'tinted term' : 'tinted'}
      style={{ '--colour': colourOf(weight.id), '--share': weight.share.toFixed(2) }}
    >
      {words}
    </mark>
  );
}
