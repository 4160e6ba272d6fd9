import type { Explanation } from '../../../craft/explanation.ts';
import { useRun } from '../report-context.ts';
import { completenessLevel } from '../words/completeness.ts';
import { isText } from '../words/nouns.ts';

/** What the reader must know before the numbers: the warnings of the run, and guesses. */
export function Warnings() {
  const { explanation } = useRun();
  const { warnings } = explanation;
  const low = completenessLevel(explanation.completeness) === 'low';
  const guessed = isText(explanation) ? null : guessOf(explanation);
  const all = guessed === null ? warnings : [...warnings, guessed];
  if (all.length === 0) return null;
  return (
    <aside class={low ? 'warnings warnings-low' : 'warnings'} aria-label="Warnings">
      <h2>Read with care</h2>
      <ul>
        {all.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </aside>
  );
}

function guessOf({ preprocess }: Explanation): string | null {
  if (preprocess.origin !== 'guess') return null;
  return [
    'How images are prepared for the model was guessed, not read from a file.',
    ...preprocess.notes,
  ].join(' ');
}
