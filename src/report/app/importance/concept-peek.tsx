import type { Concept } from '../../../craft/explanation.ts';
import { Crop } from '../concepts/crop.tsx';
import { Effect } from '../concepts/effect.tsx';
import { Swatch } from '../concepts/swatch.tsx';
import { useReport } from '../report-context.ts';
import { fixed, index, percent } from '../words/numbers.ts';
import { isOrderUncertain } from '../words/verdict.ts';

/** The selected concept beside the chart: its numbers and four best crops. */
export function ConceptPeek({ concept }: { concept: Concept }) {
  const { labels } = useReport();
  const { id, importance, effect, bestRows } = concept;
  return (
    <div class="peek" aria-live="polite">
      <h3>
        <Swatch id={id} /> <span class="peek-name">{labels.nameOf(concept)}</span>
      </h3>
      <div class="crops crops-peek">
        {bestRows.slice(0, 4).map((row, index) => (
          <Crop key={`${id}-${row.row}`} concept={concept} index={index} />
        ))}
      </div>
      <p>
        Importance {index(importance.value)}, between {fixed(importance.lower)} and {fixed(importance.upper)}.{' '}
        <Effect effect={effect} />.
        {isOrderUncertain(concept) &&
          ` ≈ It stands above the next concept in ${percent(concept.aboveNext!)} of the bootstrap samples.`}
      </p>
      <a href={`#concept-${id}`}>All of its crops</a>
    </div>
  );
}
