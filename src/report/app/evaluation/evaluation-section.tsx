import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { countOf, inWords } from '../words/numbers.ts';
import { ConceptOrders } from './concept-orders.tsx';
import { MethodTable } from './method-table.tsx';
import { Stability } from './stability.tsx';

/** What the tests of the maps and of the concepts found. */
export function EvaluationSection({ evaluation }: { evaluation: Evaluation }) {
  const { images, settings, skipped, maps } = evaluation;
  return (
    <section id="evaluation" aria-labelledby="evaluation-title">
      <h2 id="evaluation-title">Which of this to trust</h2>
      {maps.length > 0 && (
        <p class="lead">
          A map is put to the test by covering the pixels that it ranks highest. If it is right, the concept
          fades soon (deletion), and comes back soon when those pixels alone are shown (insertion). Both are
          means along the way: 1 is the score of the whole image, 0 of a blank one; above 1, a part holds more
          of it than the whole. μFidelity says how well the map foretells what covering any pixels does, from
          −1 to 1. ✓ is better than a random map and ✗ worse, where the two intervals are apart. Tested on{' '}
          {countOf(images.length, 'image')} and the {inWords(settings.concepts.length)} most important
          concepts.
        </p>
      )}
      <MethodTable evaluation={evaluation} of="concept" caption="Maps of the concepts" />
      <MethodTable evaluation={evaluation} of="class" caption="Maps of the class score" />
      {skipped.length > 0 && (
        <p class="muted">
          Not tested here: {skipped.map(({ method, reason }) => `${method} (${reason})`).join('; ')}.
        </p>
      )}
      <ConceptOrders evaluation={evaluation} />
      <Stability evaluation={evaluation} />
    </section>
  );
}
