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
  const { predicted, name } = explanation.inputs.items[input];
  const missed = isMissed(explanation, input);
  const label = labelOf(explanation, input);
  const title = baseName(name);
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
      <span class="thumb-note">
        <span class="sr-only">importance </span>
        {fixed(note)}
        {missed && (
          <span class="other">
            {' '}
            · model says {shorten(predicted.label, 24)}
            {label !== null && `, the file ${shorten(label, 24)}`}
          </span>
        )}
      </span>
    </li>
  );
}
