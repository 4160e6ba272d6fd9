import { useState } from 'preact/hooks';
import type { Concept } from '../../../craft/explanation.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { colourOf } from '../palette.ts';
import { useReport } from '../report-context.ts';
import { significant } from '../words/numbers.ts';

/** Concepts that the legend names before it is asked for all. */
const NAMED = 10;

/** For each concept shown: the scale of its tint, and where the outline begins. */
export function MapLegend({ ranked, shown }: { ranked: readonly Concept[]; shown: readonly number[] }) {
  const { maps, labels } = useReport();
  const [isWhole, setWhole] = useState(false);
  const concepts = ranked.filter((c) => shown.includes(c.id));
  if (!maps) return null;
  return (
    <ul class="legend" aria-label="Legend">
      {concepts.slice(0, isWhole ? concepts.length : NAMED).map((concept) => {
        const { id } = concept;
        const strong = maps.strong[id];
        return (
          <li key={id}>
            <Swatch id={id} />
            <span class="legend-name">{labels.nameOf(concept)}</span>
            {strong > 255 ? (
              <span class="muted">not found on these images</span>
            ) : (
              <>
                <span>0</span>
                <span class="ramp" style={{ '--colour': colourOf(id) }} aria-hidden="true">
                  <span class="ramp-strong" style={{ left: `${(100 * strong) / 255}%` }} />
                </span>
                <span>{significant(maps.scale[id])}</span>
                <span class="muted">outlined from {significant((maps.scale[id] * strong) / 255)}</span>
              </>
            )}
          </li>
        );
      })}
      {concepts.length > NAMED && (
        <li>
          <button type="button" class="link" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Fewer' : `${concepts.length - NAMED} more`}
          </button>
        </li>
      )}
      {concepts.length === 0 && <li class="muted">No concept is shown. Choose one above.</li>}
    </ul>
  );
}
