import { useMemo, useState } from 'preact/hooks';
import type { AnyConcept, Explained } from '../../report-data.ts';
import { Swatch } from '../concepts/swatch.tsx';
import type { Matrix } from '../details.ts';
import { useRun } from '../report-context.ts';
import { hasLabels, isMissed } from '../words/missed.ts';
import { inputNoun, isText } from '../words/nouns.ts';
import { countOf } from '../words/numbers.ts';
import { InputThumb, UnseenInput } from './input-thumb.tsx';

/** Inputs shown at first, and more at each press of the button. */
const STEP = 48;

/** The inputs by the concept that their score depends on most; those that the model takes for another class first. */
export function InputGroups({ ranked }: { ranked: readonly AnyConcept[] }) {
  const { explanation, details } = useRun();
  const { perInput } = details;
  const groups = useMemo(() => (perInput ? groupsOf(perInput, explanation) : []), [perInput, explanation]);
  if (groups.length === 0) return null;
  const noun = inputNoun(explanation);
  return (
    <section id="inputs" aria-labelledby="inputs-title">
      <h2 id="inputs-title">Which {noun}s rest on which concept</h2>
      <p class="lead">
        Each {noun} stands under the concept that its own score depends on most. Choose one to see all of its
        concepts.{' '}
        {hasLabels(explanation)
          ? 'Those that the model gets wrong'
          : 'Those that the model takes for another class'}{' '}
        come first.
      </p>
      {ranked
        .filter(({ id }) => groups[id].length > 0)
        .map((concept) => (
          <InputGroup key={concept.id} concept={concept} inputs={groups[concept.id]} />
        ))}
    </section>
  );
}

function InputGroup({ concept, inputs }: { concept: AnyConcept; inputs: readonly number[] }) {
  const { explanation, details, labels } = useRun();
  const [count, setCount] = useState(0); // of inputs that are drawn: none while it is closed
  const { id } = concept;
  const noun = inputNoun(explanation);
  const missed = inputs.filter((n) => isMissed(explanation, n)).length;
  const drawn = inputs.slice(0, count);
  const isSeen = (n: number): boolean => isText(explanation) || explanation.inputs.items[n].image !== null;
  const [seen, unseen] = [drawn.filter(isSeen), drawn.filter((n) => !isSeen(n))];
  return (
    <details
      class="input-group"
      onToggle={(event) => event.currentTarget.open && setCount((drawn) => Math.max(drawn, STEP))}
    >
      <summary>
        <Swatch id={id} /> <span dir="auto">{labels.nameOf(concept)}</span>{' '}
        <span class="muted">
          {countOf(inputs.length, noun)}
          {missed > 0 && `, ${missed} ${hasLabels(explanation) ? 'wrong' : 'taken for another class'}`}
        </span>
      </summary>
      <ul class={`thumbs thumbs-${noun}`}>
        {seen.map((input) => (
          <InputThumb key={input} input={input} note={details.perInput!.at(input, id)} />
        ))}
      </ul>
      {unseen.length > 0 && (
        <>
          <p class="muted">Without a picture in this report:</p>
          <ul class="unseen">
            {unseen.map((input) => (
              <UnseenInput key={input} input={input} note={details.perInput!.at(input, id)} />
            ))}
          </ul>
        </>
      )}
      {count > 0 && count < inputs.length && (
        <button type="button" class="link" onClick={() => setCount(count + STEP)}>
          Show more ({inputs.length - count} left)
        </button>
      )}
    </details>
  );
}

/** Inputs by concept id. An input on which no concept moves the score is in no group. */
function groupsOf(perInput: Matrix, explanation: Explained): number[][] {
  const [N, r] = perInput.dims;
  const groups = Array.from({ length: r }, (): number[] => []);
  const share = (n: number, id: number): number => perInput.at(n, id);
  for (let n = 0; n < N; n++) {
    let main = 0;
    for (let id = 1; id < r; id++) if (share(n, id) > share(n, main)) main = id;
    if (share(n, main) > 0) groups[main].push(n);
  }
  const isHit = explanation.inputs.items.map((_, n) => Number(!isMissed(explanation, n)));
  groups.forEach((group, id) => {
    group.sort((a, b) => isHit[a] - isHit[b] || share(b, id) - share(a, id) || a - b);
  });
  return groups;
}
