import type { ComponentChildren } from 'preact';
import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { percent } from '../words/numbers.ts';
import { ConceptPeek } from './concept-peek.tsx';
import { ImportanceChart } from './importance-chart.tsx';
import { ImportanceTable } from './importance-table.tsx';

interface Props {
  ranked: readonly AnyConcept[];
  selected: number;
  select(id: number): void;
  /** What the selected concept looks like. */
  children: ComponentChildren;
}

export function ImportanceSection({ ranked, selected, select, children }: Props) {
  const { explanation } = useRun();
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
      </p>
      <div class="importance" style={{ '--rows': ranked.length }}>
        <ImportanceChart ranked={ranked} selected={selected} select={select} />
        {concept && <ConceptPeek concept={concept}>{children}</ConceptPeek>}
      </div>
      <ImportanceTable ranked={ranked} />
    </section>
  );
}
