import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { countOf, inWords } from '../words/numbers.ts';
import { ConceptOrders } from './concept-orders.tsx';
import { MethodTable } from './method-table.tsx';
import { Stability } from './stability.tsx';

/** What the tests of the maps and of the concepts found. */
export function EvaluationSection({ evaluation }: { evaluation: Evaluation }) {
  const { images, settings, skipped } = evaluation;
  return (
    <section id="evaluation" aria-labelledby="evaluation-title">
      <h2 id="evaluation-title">Which of this to trust</h2>
      <p class="lead">
        A map is put to the test by covering the pixels that it ranks highest. If it is right, the concept
        fades soon, and comes back soon when those pixels alone are shown. Tested on{' '}
        {countOf(images.length, 'image')} and the {inWords(settings.concepts.length)} most important concepts.
      </p>
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
