import { useMemo } from 'preact/hooks';
import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { useTexts } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { shorten } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { contextOf } from './context.ts';
import { MarkedText } from './marked-text.tsx';
import { type Span, termSpans } from './segments.ts';
import { useWordWeights } from './weights-context.ts';
import { unitWeights } from './word-weights.ts';

/** Longer units are folded. */
const LONG = 420;

/** `words`: start, end and what the unit loses without them. */
type Unit = Pick<TextConcept['bestUnits'][number], 'input' | 'value' | 'words'> & { span: Span };

interface Props {
  concept: TextConcept;
  unit: Unit;
  /** Characters of context on either side. */
  context?: number;
}

/** A unit in its text: the words that the concept needs tinted, those of its draft name underlined. */
export function UnitQuote({ concept, unit, context = 110 }: Props) {
  const { explanation } = useTexts();
  const weights = useWordWeights();
  const { input, span, value } = unit;
  const { text, name } = explanation.inputs.items[input];
  const { words } = unit;
  const found = useMemo(
    () => (words ? unitWeights(concept, words) : weights.of(input, [concept.id])),
    [weights, input, words, concept],
  );
  const terms = useMemo(
    () =>
      termSpans(
        text ?? '',
        span,
        concept.draft.terms.map(({ term }) => term),
      ),
    [text, span, concept],
  );
  if (text === null) return null;
  const [before, after] = contextOf(text, span, context);
  const fold = span[1] - span[0] > LONG ? foldAt(text, span[0] + LONG) : span[1];
  return (
    <blockquote class="unit">
      <p dir="auto">
        {before && <span class="around">{before}</span>}
        <span class="unit-words">
          <MarkedText text={text} span={[span[0], fold]} weights={found} terms={terms} />
        </span>
        {fold === span[1] && after && <span class="around">{after}</span>}
      </p>
      {fold < span[1] && (
        <details class="fold">
          <summary>The rest of it ({(span[1] - fold).toLocaleString('en')} characters)</summary>
          <p dir="auto">
            <MarkedText text={text} span={[fold, span[1]]} weights={found} terms={terms} />
          </p>
        </details>
      )}
      <footer>
        <a href={inputLink(input)} dir="auto">
          {shorten(name, 40)}
        </a>
        <span class="muted"> u = {fixed(value)}</span>
      </footer>
    </blockquote>
  );
}

/** A place near `at` where no character is cut in two, after a blank if there is one. */
function foldAt(text: string, at: number): number {
  const blank = text.lastIndexOf(' ', at);
  if (blank > at - 40) return blank;
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at;
}
