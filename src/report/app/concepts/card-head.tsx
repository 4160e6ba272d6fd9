import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { className } from '../words/names.ts';
import { percent, signed } from '../words/numbers.ts';
import { direction, isOrderUncertain } from '../words/verdict.ts';
import { ConceptName } from './concept-name.tsx';
import { ImportanceNumber } from './importance-number.tsx';
import { Swatch } from './swatch.tsx';

/** The top of a concept's card: its name as a field, its importance, and which way it speaks. */
export function CardHead({ concept }: { concept: AnyConcept }) {
  const { id, importance } = concept;
  return (
    <>
      <div class="card-head">
        <Swatch id={id} />
        <ConceptName concept={concept} />
        <ImportanceNumber importance={importance} />
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
    </>
  );
}

function EffectSentence({ effect }: { effect: number }) {
  const label = className(useRun().explanation);
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
