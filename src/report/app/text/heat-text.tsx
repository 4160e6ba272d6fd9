import { useMemo, useState } from 'preact/hooks';
import { useTexts } from '../report-context.ts';
import { MarkedText } from './marked-text.tsx';
import type { Weight } from './segments.ts';
import { useWordWeights } from './weights-context.ts';

/** Characters after which a text is folded. */
const LONG = 700;
/** Strongest words that are named for each concept. */
const NAMED = 3;

/** A whole text with tinted words, folded where it is long; and the strongest words in words. */
export function HeatText({ input, shown }: { input: number; shown: readonly number[] }) {
  const { explanation, labels } = useTexts();
  const { text } = explanation.inputs.items[input];
  const wordWeights = useWordWeights();
  const weights = useMemo(() => wordWeights.of(input, shown), [wordWeights, input, shown]);
  const [opened, setOpened] = useState(false); // 100,000 characters are drawn when they are looked at
  if (text === null)
    return (
      <p class="muted">This text is not in the page: a run keeps the texts that it shows something of.</p>
    );
  const fold = text.length > LONG + 100 ? boundary(text, LONG) : text.length;
  const strongest = shown.flatMap((id) => {
    const words = strongestWords(text, weights, id);
    return words.length > 0 ? [`${labels.nameOf(explanation.concepts[id])}: ${words.join(', ')}`] : [];
  });
  return (
    <>
      <p class="heat-text" dir="auto">
        <MarkedText text={text} span={[0, fold]} weights={weights} />
      </p>
      {fold < text.length && (
        <details class="fold" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
          <summary>The rest of the text ({(text.length - fold).toLocaleString('en')} characters)</summary>
          {opened && (
            <p class="heat-text" dir="auto">
              <MarkedText text={text} span={[fold, text.length]} weights={weights} />
            </p>
          )}
        </details>
      )}
      <p class="sr-only">
        {strongest.length > 0 ? `Words needed most. ${strongest.join('. ')}.` : 'No word is tinted.'}
      </p>
    </>
  );
}

function strongestWords(text: string, weights: readonly Weight[], id: number): string[] {
  return weights
    .filter((weight) => weight.id === id)
    .sort((a, b) => b.share - a.share)
    .slice(0, NAMED)
    .map(({ span: [start, end] }) => text.slice(start, end));
}

/** The last line break or blank before `at`, so that no word is cut. */
function boundary(text: string, at: number): number {
  const blank = text.slice(0, at).search(/\s\S*$/);
  if (blank > at / 2) return blank;
  return /[\uDC00-\uDFFF]/.test(text[at]) ? at - 1 : at;
}
