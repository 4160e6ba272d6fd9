import { useState } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { useGrowing } from '../growing.ts';
import { LiveScore } from '../live/live-score.tsx';
import { useLive } from '../live/use-live.ts';
import { useRun } from '../report-context.ts';
import { className } from '../words/names.ts';
import { inputNoun } from '../words/nouns.ts';
import { fixed } from '../words/numbers.ts';
import { LocalRow } from './local-row.tsx';
import { scoreAt } from './score-at.ts';
import { whyOff } from './why-off.ts';

/** Rows that are made in one go. */
const ROWS = 10;

/** The concepts of one input: how much each matters here, what it adds to the score, and a slider to change it. */
export function LocalConcepts({ input, ranked }: { input: number; ranked: readonly AnyConcept[] }) {
  const { explanation, details } = useRun();
  const { perInput, contributions } = details;
  /** Share that is kept of each concept, by id; 1 where nothing is set. */
  const [kept, setKept] = useState<Readonly<Record<number, number>>>({});
  const live = useLive(input, kept);
  const made = useGrowing(ranked.length, ROWS, ROWS);
  if (!perInput) return <p class="muted">{whyOff(explanation, details)}</p>;
  const { logit } = explanation.inputs.items[input];
  const order = [...ranked].sort(
    (a, b) => perInput.at(input, b.id) - perInput.at(input, a.id) || a.id - b.id,
  );
  const most = Math.max(...order.map(({ id }) => Math.abs(contributions?.at(input, id) ?? 0)), 1e-12);
  const noun = inputNoun(explanation);
  return (
    <section class="local" aria-labelledby="local-title">
      <h2 id="local-title">Its concepts</h2>
      {contributions ? (
        <>
          <p class="muted">
            The score is a sum: each concept adds its part, whatever the others do. Turn one down or up,
            inside the model, and see the score. Importance is what part of the changes of this {noun}’s score
            the concept takes.
          </p>
          <p class="live">
            <span>Score of {className(explanation)}</span>{' '}
            <output aria-live="polite">{fixed(scoreAt(logit, contributions, input, kept))}</output>
            <span class="muted">
              {' '}
              {Object.keys(kept).length > 0 ? `was ${fixed(logit)}` : 'as the model gives it'}
            </span>
            <button type="button" class="link" onClick={() => setKept({})}>
              Reset
            </button>
          </p>
        </>
      ) : live.is === 'absent' ? (
        <p class="muted">{whyOff(explanation, details)}</p>
      ) : (
        <LiveScore
          live={live}
          logit={logit}
          isChanged={Object.keys(kept).length > 0}
          reset={() => setKept({})}
        />
      )}
      <ul class="local-rows" style={{ '--rows': order.length }}>
        {order.slice(0, made).map((concept) => (
          <LocalRow
            key={concept.id}
            concept={concept}
            importance={perInput.at(input, concept.id)}
            part={contributions?.at(input, concept.id) ?? null}
            most={most}
            isOff={!contributions && live.is !== 'open'}
            kept={kept[concept.id] ?? 1}
            setKept={(share) => setKept({ ...kept, [concept.id]: share })}
          />
        ))}
      </ul>
      {contributions && (
        <p class="muted">
          All concepts together add {fixed(sumOf(order, (id) => contributions.at(input, id)))}; the other{' '}
          {fixed(logit - sumOf(order, (id) => contributions.at(input, id)))} are the score without any
          concept, and what no concept covers.
        </p>
      )}
    </section>
  );
}

const sumOf = (concepts: readonly AnyConcept[], part: (id: number) => number): number =>
  concepts.reduce((sum, { id }) => sum + part(id), 0);
