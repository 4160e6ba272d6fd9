import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { colourOf } from '../palette.ts';
import { useTexts } from '../report-context.ts';
import { significant } from '../words/numbers.ts';
import { useWordWeights } from './weights-context.ts';

/** For each concept shown: the scale of its tint. */
export function TextLegend({ ranked, shown }: { ranked: readonly TextConcept[]; shown: readonly number[] }) {
  const { labels } = useTexts();
  const { scale } = useWordWeights();
  const concepts = ranked.filter(({ id }) => shown.includes(id));
  return (
    <ul class="legend" aria-label="Legend">
      {concepts.map((concept) => {
        const { id } = concept;
        return (
          <li key={id}>
            <Swatch id={id} />
            <span class="legend-name" dir="auto">
              {labels.nameOf(concept)}
            </span>
            {scale[id] > 0 ? (
              <>
                <span>0</span>
                <span class="ramp" style={{ '--colour': colourOf(id) }} aria-hidden="true" />
                <span>{significant(scale[id])}</span>
              </>
            ) : (
              <span class="muted">not found in these texts</span>
            )}
          </li>
        );
      })}
      {concepts.length === 0 && <li class="muted">No concept is shown. Choose one above.</li>}
    </ul>
  );
}
