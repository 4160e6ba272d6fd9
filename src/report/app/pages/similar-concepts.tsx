import type { AnyConcept } from '../../report-data.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { nearest } from '../relations/nearest.ts';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { fixed } from '../words/numbers.ts';

/** How many are named. */
const NAMED = 5;

/** The concepts whose direction in the layer is nearest. */
export function SimilarConcepts({ concept }: { concept: AnyConcept }) {
  const { explanation, details, labels } = useRun();
  if (!details.cosine || explanation.concepts.length < 2) return null;
  return (
    <section>
      <h2>Concepts like it</h2>
      <p class="muted">
        By the cosine of their directions in the layer: 1 is the same, 0 has nothing in common.
      </p>
      <ul class="similar">
        {nearest(details.cosine, concept.id)
          .slice(0, NAMED)
          .map(({ id, cosine }) => (
            <li key={id}>
              <Swatch id={id} />{' '}
              <a href={conceptLink(id)} dir="auto">
                {labels.nameOf(explanation.concepts[id])}
              </a>{' '}
              <span class="muted">{fixed(cosine)}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}
