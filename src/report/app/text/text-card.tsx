import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { CardHead } from '../concepts/card-head.tsx';
import { CardNumbers } from '../concepts/card-numbers.tsx';
import { useTexts } from '../report-context.ts';
import { UnitQuote } from './unit-quote.tsx';

/** Units that a card shows. */
const UNITS = 4;

export function TextCard({ concept }: { concept: TextConcept }) {
  const { labels } = useTexts();
  const { id, draft, bestUnits } = concept;
  const isDraft = labels.labelOf(concept).trim() === '' && draft.text !== '';
  return (
    <li class="card" id={`card-${id + 1}`}>
      <h3 class="sr-only">{labels.nameOf(concept)}</h3>
      <CardHead concept={concept} />
      {isDraft && (
        <p class="draft-note">
          A draft name, from the words that set its units apart: type your own over it.
        </p>
      )}
      {bestUnits.slice(0, UNITS).map((unit) => (
        <UnitQuote key={unit.row} concept={concept} unit={unit} />
      ))}
      {bestUnits.length === 0 && <p class="empty">No unit is active for this concept.</p>}
      <CardNumbers concept={concept} />
    </li>
  );
}
