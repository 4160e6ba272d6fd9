import type { ComponentChildren } from 'preact';
import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { rowNoun } from '../words/nouns.ts';
import { fixed, percent } from '../words/numbers.ts';

/** The foot of a card: how common the concept is, and ways on. */
export function CardNumbers({ concept, children }: { concept: AnyConcept; children?: ComponentChildren }) {
  const { explanation, labels } = useRun();
  return (
    <dl class="card-numbers">
      <div title="Share of rows where the coefficient is above a tenth of its largest">
        <dt>Found in</dt>
        <dd>
          {percent(concept.prevalence)} of {rowNoun(explanation)}s
        </dd>
      </div>
      <div title="Hoyer sparsity: 0 spread evenly over rows, 1 in one row">
        <dt>Sparsity</dt>
        <dd>{fixed(concept.sparsity)}</dd>
      </div>
      <div class="card-link">
        <dt class="sr-only">More</dt>
        {children}
        <dd>
          <a href={conceptLink(concept.id)}>
            All of it<span class="sr-only">: {labels.nameOf(concept)}</span>
          </a>
        </dd>
      </div>
    </dl>
  );
}
