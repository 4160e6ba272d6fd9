import type { Concept } from '../../../craft/explanation.ts';
import { useReport } from '../report-context.ts';
import { SplitView } from '../tree/split-view.tsx';
import { className } from '../words/names.ts';
import { fixed, index, percent, signed } from '../words/numbers.ts';
import { direction, isOrderUncertain } from '../words/verdict.ts';
import { ConceptName } from './concept-name.tsx';
import { Crop } from './crop.tsx';
import { Swatch } from './swatch.tsx';

/** How many crops a card shows. */
const CROPS = 10;

interface Props {
  concept: Concept;
  /** Shows this concept alone on the maps; null without maps. */
  showOnMaps: ((id: number) => void) | null;
}

export function ConceptCard({ concept, showOnMaps }: Props) {
  const { labels } = useReport();
  const { id, importance, bestRows, prevalence, sparsity } = concept;
  const name = labels.nameOf(concept);
  return (
    <li class="card" id={`concept-${id}`}>
      <h3 class="sr-only">{name}</h3>
      <div class="card-head">
        <Swatch id={id} />
        <ConceptName concept={concept} />
        <p class="card-importance">
          <strong>{index(importance.value)}</strong>
          <span class="interval">
            <span class="sr-only">importance, interval </span>
            {fixed(importance.lower)} to {fixed(importance.upper)}
          </span>
        </p>
      </div>
      <p class="card-effect">
        <EffectSentence effect={concept.effect} />
        {isOrderUncertain(concept) && (
          <span class="uncertain">
            {' '}
            Its place above the next concept is not certain ({percent(concept.aboveNext!)}).
          </span>
        )}
      </p>
      <div class="crops">
        {bestRows.slice(0, CROPS).map((row, index) => (
          <Crop key={row.row} concept={concept} index={index} />
        ))}
        {bestRows.length === 0 && <p class="empty">No row is active for this concept.</p>}
      </div>
      <dl class="card-numbers">
        <div title="Share of rows where the coefficient is above a tenth of its largest">
          <dt>Found in</dt>
          <dd>{percent(prevalence)} of rows</dd>
        </div>
        <div title="Hoyer sparsity: 0 spread evenly over rows, 1 in one row">
          <dt>Sparsity</dt>
          <dd>{fixed(sparsity)}</dd>
        </div>
        {showOnMaps && (
          <div class="card-link">
            <dt class="sr-only">Maps</dt>
            <dd>
              <button
                type="button"
                class="link"
                aria-label={`Show ${name} on the images`}
                onClick={() => showOnMaps(id)}
              >
                Show on images
              </button>
            </dd>
          </div>
        )}
      </dl>
      {concept.split && <SplitView split={concept.split} name={name} number={`${id + 1}`} level={4} />}
    </li>
  );
}

function EffectSentence({ effect }: { effect: number }) {
  const label = className(useReport().explanation);
  const way = direction(effect);
  if (way === 'none') return <>On average it neither raises nor lowers the score of {label}.</>;
  return (
    <>
      <strong class={`effect-${way}`}>
        <span aria-hidden="true">{way === 'for' ? '▲' : '▼'}</span> Speaks {way} {label}:
      </strong>{' '}
      {signed(effect)} on its score, on average.
    </>
  );
}
