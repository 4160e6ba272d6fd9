import type { AnyConcept } from '../../report-data.ts';
import { InputThumb } from '../relations/input-thumb.tsx';
import { useRun } from '../report-context.ts';
import { inputNoun, isText } from '../words/nouns.ts';

/** How many inputs are shown. */
const SHOWN = 12;

/** The inputs whose score depends on the concept most. */
export function StrongInputs({ concept }: { concept: AnyConcept }) {
  const { explanation, details } = useRun();
  const { perInput } = details;
  if (!perInput) return null;
  const noun = inputNoun(explanation);
  const items: readonly { image?: string | null; text?: string | null }[] = explanation.inputs.items;
  // a run keeps some of its images or texts
  const kept = [...items.keys()].filter((n) => (items[n].image ?? items[n].text ?? null) !== null);
  const strongest = (kept.length > 0 ? kept : [...items.keys()])
    .sort((a, b) => perInput.at(b, concept.id) - perInput.at(a, concept.id) || a - b)
    .slice(0, SHOWN);
  return (
    <section>
      <h2>Where it matters most</h2>
      <p class="muted">
        The {noun}s whose own score depends on this concept most, with its importance on each of them
        {kept.length > 0 &&
          kept.length < items.length &&
          `; of the ${kept.length} whose ${isText(explanation) ? 'text' : 'picture'} this report keeps`}
        .
      </p>
      <ul class={`thumbs thumbs-${noun}`}>
        {strongest.map((input) => (
          <InputThumb key={input} input={input} note={perInput.at(input, concept.id)} />
        ))}
      </ul>
    </section>
  );
}
