import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { manyOf } from '../many.ts';
import { TextCard } from './text-card.tsx';

export function TextConceptsSection({ ranked }: { ranked: readonly TextConcept[] }) {
  return (
    <section id="concepts" aria-labelledby="concepts-title">
      <h2 id="concepts-title">What the concepts read</h2>
      <p class="lead">
        Each card shows the units of the texts where a concept is strongest, with what stands around them.
        What they have in common is for you to say: type a name over the draft.
      </p>
      <MarkLegend isComplete={ranked.every(({ bestUnits }) => bestUnits.every(({ words }) => words))} />
      <ul class={`cards ${manyOf(ranked)}`}>
        {ranked.map((concept) => (
          <TextCard key={concept.id} concept={concept} />
        ))}
      </ul>
    </section>
  );
}

/** What tints and lines mean; `isComplete`: each unit was read without each of its words. */
function MarkLegend({ isComplete }: { isComplete: boolean }) {
  return (
    <p class="mark-legend">
      <span>
        <mark class="tinted" style={{ '--colour': 'var(--accent)', '--share': '1' }}>
          tinted
        </mark>{' '}
        words that the concept loses most without{!isComplete && ' (only texts below have tints)'}
      </span>
      <span>
        <span class="term">underlined</span> words of the draft name
      </span>
      <span>
        <span class="around">pale</span> the text around the unit
      </span>
    </p>
  );
}
