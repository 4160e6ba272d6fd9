import { useRun } from '../report-context.ts';
import { className } from '../words/names.ts';
import { inputNoun } from '../words/nouns.ts';
import { bytes, fixed } from '../words/numbers.ts';
import type { LiveState } from './use-live.ts';

/** About what engine.js weighs. */
const ENGINE_BYTES = 5e6;

interface Props {
  live: Exclude<LiveState, { is: 'absent' }>;
  /** The model's own score of the input. */
  logit: number;
  isChanged: boolean;
  reset(): void;
}

/** The score that the second half of the model gives from the concepts, run in the page. */
export function LiveScore({ live, logit, isChanged, reset }: Props) {
  const { explanation } = useRun();
  const { class: target } = explanation;
  if (live.is === 'closed') {
    return (
      <>
        <p class="muted">
          After this layer the model goes on with steps that are not linear, so the model itself has to tell
          the score with a concept turned down. Its second half stands beside this page.
        </p>
        <p class="live">
          <button type="button" class="primary" onClick={live.open}>
            Run it here ({bytes(live.bytes + ENGINE_BYTES)})
          </button>
        </p>
      </>
    );
  }
  if (live.is === 'opening') return <p role="status">Opening the second half of the model …</p>;
  if (live.is === 'failed') return <p role="status">The sliders are off: {live.reason}.</p>;
  const { scores } = live;
  if (scores === null) return <p role="status">Running …</p>;
  return (
    <>
      <p class="muted">
        The second half of the model runs here, on the {inputNoun(explanation)} put together from its
        concepts. Turn one down or up and see the score. What no concept covers is left out: with all at 100 %
        it is not the model’s own score, {fixed(logit)}.
      </p>
      <p class="live">
        <span>Score of {className(explanation)}</span>{' '}
        <output aria-live="polite">{fixed(scores[target.id])}</output>
        <span class="muted">
          {largest(scores) === target.id ? 'the largest of all classes' : 'another class is ahead'}
        </span>
        <button type="button" class="link" aria-disabled={!isChanged} onClick={reset}>
          Reset
        </button>
      </p>
    </>
  );
}

function largest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k] > scores[best]) best = k;
  return best;
}
