import type { ComponentChildren } from 'preact';
import type { AnyConcept } from '../../report-data.ts';
import { Effect } from '../concepts/effect.tsx';
import { Swatch } from '../concepts/swatch.tsx';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { index, indexInterval, percent } from '../words/numbers.ts';
import { isOrderUncertain } from '../words/verdict.ts';

interface Props {
  concept: AnyConcept;
  /** Its strongest crops or units. */
  children: ComponentChildren;
}

/** The selected concept beside the chart: its numbers and what it looks like. */
export function ConceptPeek({ concept, children }: Props) {
  const { labels } = useRun();
  const { id, importance, effect } = concept;
  return (
    <div class="peek" aria-live="polite">
      <h3>
        <Swatch id={id} />{' '}
        <span class="peek-name" dir="auto">
          {labels.nameOf(concept)}
        </span>
      </h3>
      {children}
      <p>
        Importance {index(importance.value)}, interval {indexInterval(importance)}. <Effect effect={effect} />
        .
        {isOrderUncertain(concept) &&
          ` ≈ It stands above the next concept in ${percent(concept.aboveNext!)} of the bootstrap samples.`}
      </p>
      <a href={conceptLink(id)}>All of this concept</a>
    </div>
  );
}
