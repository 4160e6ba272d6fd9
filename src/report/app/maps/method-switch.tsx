import { useId } from 'preact/hooks';
import { useReport } from '../report-context.ts';
import { methodName } from '../words/map-methods.ts';

/** How the maps were made: one choice of several, for the whole page. */
export function MethodSwitch() {
  const { choices, method, setMethod } = useReport();
  const name = useId(); // two of them may be in the page
  if (choices.length < 2) return null;
  return (
    <fieldset class="segmented method-switch">
      <legend class="sr-only">Method of the maps</legend>
      {choices.map((choice) => (
        <label key={choice.method}>
          <input
            type="radio"
            name={name}
            checked={choice.method === method}
            onChange={() => setMethod(choice.method)}
          />
          <span>{methodName(choice.method)}</span>
        </label>
      ))}
    </fieldset>
  );
}
