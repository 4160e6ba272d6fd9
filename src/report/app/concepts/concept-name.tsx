import type { AnyConcept } from '../../report-data.ts';
import { LONGEST_NAME } from '../address.ts';
import { useRun } from '../report-context.ts';
import { defaultName } from '../words/names.ts';

/** The concept's name as a field: what the reader types is its name everywhere on the page. */
export function ConceptName({ concept }: { concept: AnyConcept }) {
  const { labels } = useRun();
  return (
    <input
      class="concept-name"
      type="text"
      value={labels.labelOf(concept)}
      placeholder={labels.standInOf(concept)}
      title="Type a name for this concept"
      aria-label={`Name of ${defaultName(concept.id).toLowerCase()}`}
      maxLength={LONGEST_NAME}
      spellcheck={false}
      autocomplete="off"
      dir="auto"
      onInput={(event) => labels.setLabel(concept, event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}
