import { useState } from 'preact/hooks';
import type { TextExplanation } from '../../../craft/text/text-explanation.ts';
import type { Explained } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { inputNoun, isText } from '../words/nouns.ts';
import { capital, countOf, fixed, percent } from '../words/numbers.ts';
import { ScrollRegion } from './scroll-region.tsx';

/** Rows of the list at first. */
const STEP = 200;

/** How many inputs were used and skipped, with all of them in a disclosure. */
export function InputsFact() {
  const { explanation, leftOut } = useRun();
  const { items, source } = explanation.inputs;
  const left = leftOut?.texts ?? 0;
  const [opened, setOpened] = useState(false); // a thousand rows are made when they are looked at
  const agreed = leftOut?.agreeing ?? agreeing(explanation);
  const skipped = isText(explanation) ? explanation.inputs.skippedCount : explanation.inputs.skipped.length;
  return (
    <div class="fact">
      <dt>Inputs</dt>
      <dd class="fact-value">
        {countOf(items.length + left, inputNoun(explanation))} used
        {skipped > 0 && <span class="fact-second">{skipped.toLocaleString('en')} skipped</span>}
      </dd>
      <dd class="fact-note">
        from {source}; the model says this class for {agreed.toLocaleString('en')} of them
        {isText(explanation) && textNotes(explanation)}
        {left > 0 &&
          `; ${items.length.toLocaleString('en')} of them have a page here, explanation.json has all`}
      </dd>
      <dd class="fact-note">
        <details onToggle={(event) => event.currentTarget.open && setOpened(true)}>
          <summary>List of inputs</summary>
          {opened && (
            <ScrollRegion label="List of inputs">
              {skipped > 0 && <SkippedTable />}
              <UsedTable />
            </ScrollRegion>
          )}
        </details>
      </dd>
    </div>
  );
}

function agreeing({ inputs, class: target }: Explained): number {
  const items: readonly { predicted: { id: number } }[] = inputs.items;
  return items.filter(({ predicted }) => predicted.id === target.id).length;
}

function textNotes({ inputs: { duplicates, truncated, accuracy } }: TextExplanation): string {
  return [
    duplicates > 0 ? `; ${countOf(duplicates, 'duplicate')} left out` : '',
    truncated > 0 ? `; ${truncated.toLocaleString('en')} longer than the model reads` : '',
    accuracy === null ? '' : `; it is right on ${percent(accuracy)} of those with a label`,
  ].join('');
}

function UsedTable() {
  const { explanation } = useRun();
  const { items } = explanation.inputs;
  const [count, setCount] = useState(STEP);
  return (
    <>
      <UsedRows count={count} />
      {count < items.length && (
        <button type="button" class="link" onClick={() => setCount(items.length)}>
          Show all {items.length.toLocaleString('en')}
        </button>
      )}
    </>
  );
}

function UsedRows({ count }: { count: number }) {
  const { explanation } = useRun();
  return (
    <table>
      <caption>Used</caption>
      <thead>
        <tr>
          <th scope="col">{capital(inputNoun(explanation))}</th>
          <th scope="col" class="number">
            Score
          </th>
          <th scope="col">Model says</th>
        </tr>
      </thead>
      <tbody>
        {explanation.inputs.items.slice(0, count).map(({ name, logit, predicted }, input) => (
          <tr key={input}>
            <td>
              <a href={inputLink(input)} dir="auto">
                {name}
              </a>
            </td>
            <td class="number">{fixed(logit)}</td>
            <td>{predicted.label}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SkippedTable() {
  const { explanation } = useRun();
  return (
    <table>
      <caption>Skipped{isText(explanation) && ', the first of them'}</caption>
      <thead>
        <tr>
          <th scope="col">{capital(inputNoun(explanation))}</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {explanation.inputs.skipped.map(({ name, reason }) => (
          <tr key={name}>
            <td dir="auto">{name}</td>
            <td>{reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
