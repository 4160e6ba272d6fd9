import type { Concept } from '../../../craft/explanation.ts';
import { useGrowing } from '../growing.ts';
import { manyOf } from '../many.ts';
import { useReport } from '../report-context.ts';
import { ConceptCard } from './concept-card.tsx';

/** Cards that are made in one go. */
const CARDS = 12;

interface Props {
  ranked: readonly Concept[];
  showOnMaps: ((id: number) => void) | null;
}

export function ConceptsSection({ ranked, showOnMaps }: Props) {
  const { settings } = useReport().explanation;
  const shown = useGrowing(ranked.length, CARDS, CARDS);
  const rows = settings.rows === 'crops' ? 'crops' : 'places';
  return (
    <section id="concepts" aria-labelledby="concepts-title">
      <h2 id="concepts-title">What the concepts look like</h2>
      <p class="lead">
        Each card shows the {rows} of the images where a concept is strongest. What they have in common is for
        you to say: type a name over “Concept 1”. Choose a crop to see where it stands in its image.
      </p>
      <ul class={`cards ${manyOf(ranked)}`}>
        {ranked.slice(0, shown).map((concept) => (
          <ConceptCard key={concept.id} concept={concept} showOnMaps={showOnMaps} />
        ))}
      </ul>
    </section>
  );
}
