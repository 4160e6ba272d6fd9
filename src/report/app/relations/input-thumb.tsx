import { Picture } from '../concepts/picture.tsx';
import { useRun } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { isMissed, labelOf } from '../words/missed.ts';
import { baseName, shorten } from '../words/names.ts';
import { isText } from '../words/nouns.ts';
import { fixed } from '../words/numbers.ts';

/** Characters of a text that stand for it. */
const GLIMPSE = 90;

/** An input as a small picture, or its first words, that leads to its page. `note`: its S_T. */
export function InputThumb({ input, note }: { input: number; note: number }) {
  const { explanation } = useRun();
  const title = baseName(explanation.inputs.items[input].name);
  return (
    <li class="thumb">
      <a href={inputLink(input)}>
        {isText(explanation) ? (
          <span class="thumb-text" dir="auto">
            {shorten(explanation.inputs.items[input].text?.slice(0, 4 * GLIMPSE) ?? title, GLIMPSE)}
          </span>
        ) : (
          <span class="thumb-picture">
            <Picture input={input} alt={title} />
          </span>
        )}
      </a>
      <Note input={input} note={note} />
    </li>
  );
}

/** An image that the report keeps no picture of: its name, which leads to its page. */
export function UnseenInput({ input, note }: { input: number; note: number }) {
  return (
    <li>
      <a href={inputLink(input)}>{baseName(useRun().explanation.inputs.items[input].name)}</a>{' '}
      <Note input={input} note={note} />
    </li>
  );
}

/** Its S_T, and what the model takes it for where that is wrong. */
function Note({ input, note }: { input: number; note: number }) {
  const { explanation } = useRun();
  const label = labelOf(explanation, input);
  return (
    <span class="thumb-note">
      <span class="sr-only">importance </span>
      {fixed(note)}
      {isMissed(explanation, input) && (
        <span class="other">
          {' '}
          · model says {shorten(explanation.inputs.items[input].predicted.label, 24)}
          {label !== null && `, the file ${shorten(label, 24)}`}
        </span>
      )}
    </span>
  );
}
