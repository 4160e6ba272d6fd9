import type { Concept } from '../../../craft/explanation.ts';
import { useReport } from '../report-context.ts';
import { defaultName } from '../words/names.ts';

/** The concept's name as a field: what the reader types is its name everywhere on the page. */
export function ConceptName({ concept }: { concept: Concept }) {
  const { labels } = useReport();
  const standIn = defaultName(concept.id);
  return (
    <input
      class="concept-name"
      type="text"
      value={labels.labelOf(concept)}
      placeholder={standIn}
      title="Type a name for this concept"
      aria-label={`Name of ${standIn.toLowerCase()}`}
      maxLength={200}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => labels.setLabel(concept, event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}
