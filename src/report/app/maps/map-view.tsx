import { Swatch } from '../concepts/swatch.tsx';
import { useReport, type View } from '../report-context.ts';
import { baseName, className, shorten } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { MapStack } from './map-stack.tsx';

/** An example with its maps, large. */
export function MapView({ view }: { view: Extract<View, { kind: 'map' }> }) {
  const { explanation, maps, labels } = useReport();
  const { example, look } = view;
  const input = maps!.inputs[example];
  const item = explanation.inputs.items[input];
  const name = item?.name ?? `input ${input}`;
  const shown = explanation.concepts.filter((c) => look.shown.includes(c.id));
  return (
    <>
      <h2 id="lightbox-title" tabIndex={-1} class="lightbox-title">
        <span class="lightbox-file">{baseName(name)}</span>
        <span class="fact-second">
          image {example + 1} of {maps!.inputs.length}
        </span>
      </h2>
      <MapStack
        example={example}
        look={look}
        detail={560}
        alt={`${name} with the maps of ${shown.map(labels.nameOf).join(', ') || 'no concept'}`}
      />
      <ul class="legend">
        {shown.map((concept) => (
          <li key={concept.id}>
            <Swatch id={concept.id} />
            <span class="legend-name">{labels.nameOf(concept)}</span>
          </li>
        ))}
      </ul>
      {item && (
        <p class="lightbox-note">
          The model says {shorten(item.predicted.label, 48)}; score of {className(explanation)}{' '}
          {fixed(item.logit)}.
        </p>
      )}
    </>
  );
}
