import type { PlainConcept } from '../../../craft/concept-schema.ts';
import { index, indexInterval } from '../words/numbers.ts';

/** Importance, and its interval below it. */
export function ImportanceNumber({ importance }: Pick<PlainConcept, 'importance'>) {
  return (
    <p class="card-importance">
      <strong>{index(importance.value)}</strong>
      <span class="interval">
        <span class="sr-only">importance, interval </span>
        {indexInterval(importance)}
      </span>
    </p>
  );
}
