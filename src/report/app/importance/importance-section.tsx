import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { percent } from '../words/numbers.ts';
import { isOrderUncertain } from '../words/verdict.ts';
import { ConceptPeek } from './concept-peek.tsx';
import { ImportanceChart } from './importance-chart.tsx';
import { ImportanceTable } from './importance-table.tsx';

interface Props<C> {
  ranked: readonly C[];
  /** What the selected concept looks like. */
  children(concept: C): ComponentChildren;
}

export function ImportanceSection<C extends AnyConcept>({ ranked, children }: Props<C>) {
  const { explanation } = useRun();
  const [selected, select] = useState(ranked[0]?.id ?? 0);
  const { importance, settings } = explanation;
  const concept = ranked.find((c) => c.id === selected);
  return (
    <section id="importance" aria-labelledby="importance-title">
      <h2 id="importance-title">How much each concept matters</h2>
      <p class="lead">
        The longer the bar, the more the class score changes when the concept is turned down or up, alone and
        together with others. The line shows the {percent(settings.confidence)} interval
        {importance.method === 'closed-form' ? ` over the choice of ${inputNoun(explanation)}s` : ''}. A
        striped bar speaks against the class.
        {ranked.some(isOrderUncertain) && ' ≈ stands between two whose order the data cannot tell.'}
      </p>
      <div class="importance" style={{ '--rows': ranked.length }}>
        <ImportanceChart ranked={ranked} selected={selected} select={select} />
        {concept && <ConceptPeek concept={concept}>{children(concept)}</ConceptPeek>}
      </div>
      <ImportanceTable ranked={ranked} />
    </section>
  );
}
