import { useState } from 'preact/hooks';
import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { ConceptChips } from '../maps/concept-chips.tsx';
import { useTexts } from '../report-context.ts';
import { HeatText } from './heat-text.tsx';
import { TextLegend } from './text-legend.tsx';
import { useWordWeights } from './weights-context.ts';

/** A text with the words that its concepts need, one switch a concept; plain where it has no heatmap. */
export function TextView({ input, ranked }: { input: number; ranked: readonly TextConcept[] }) {
  const { explanation } = useTexts();
  const [shown, show] = useState<number[]>(() => ranked.slice(0, 3).map(({ id }) => id));
  const { text } = explanation.inputs.items[input];
  if (!useWordWeights().has(input)) {
    return (
      <div class="input-text">
        <HeatText input={input} shown={[]} />
        {text !== null && (
          <p class="muted">This text is not one of the examples, so its words have no tints.</p>
        )}
      </div>
    );
  }
  return (
    <div class="input-text">
      <ConceptChips
        ranked={ranked}
        shown={shown}
        single={false}
        show={show}
        legend="Concepts shown in the text"
      />
      <TextLegend ranked={ranked} shown={shown} />
      <HeatText input={input} shown={shown} />
    </div>
  );
}
