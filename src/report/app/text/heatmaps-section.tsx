import { useState } from 'preact/hooks';
import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { manyOf } from '../many.ts';
import { ConceptChips } from '../maps/concept-chips.tsx';
import { useTexts } from '../report-context.ts';
import { TextLegend } from './text-legend.tsx';
import { TextTile } from './text-tile.tsx';

/** The chosen texts with tinted words, one switch a concept. */
export function HeatmapsSection({ ranked }: { ranked: readonly TextConcept[] }) {
  const { explanation } = useTexts();
  const [shown, show] = useState<number[]>(() => ranked.slice(0, 3).map(({ id }) => id));
  if (explanation.heatmaps.length === 0) return null;
  return (
    <section id="maps" aria-labelledby="maps-title">
      <h2 id="maps-title" tabIndex={-1}>
        Where the concepts are in the texts
      </h2>
      <p class="lead">
        Colour shows what a concept loses when the words are taken out: the stronger, the denser, on one scale
        for all texts. Words that the concept does not need have none. Where two of the concepts that are
        switched on need a word, it has the colour of the one that needs it more.
      </p>
      <div class="map-panel">
        <ConceptChips
          ranked={ranked}
          shown={shown}
          single={false}
          show={show}
          legend="Concepts shown in the texts"
        />
        <span class="all-or-none">
          <button type="button" class="link" onClick={() => show(ranked.map(({ id }) => id))}>
            All
          </button>
          <button type="button" class="link" onClick={() => show([])}>
            None
          </button>
        </span>
      </div>
      <TextLegend ranked={ranked} shown={shown} />
      <ul class={`text-grid ${manyOf(explanation.heatmaps)}`}>
        {explanation.heatmaps.map(({ input }) => (
          <TextTile key={input} input={input} shown={shown} />
        ))}
      </ul>
    </section>
  );
}
