import { useReport } from '../report-context.ts';
import { completenessWarning } from '../words/completeness.ts';

/** What the reader must know before the numbers: low completeness, guesses, and the warnings of the run. */
export function Warnings() {
  const { explanation } = useReport();
  const { preprocess, warnings } = explanation;
  const low = completenessWarning(explanation);
  const guessed =
    preprocess.origin === 'guess'
      ? [
          'How images are prepared for the model was guessed, not read from a file.',
          ...preprocess.notes,
        ].join(' ')
      : null;
  const all = [low, guessed, ...warnings].filter((text) => text !== null);
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
