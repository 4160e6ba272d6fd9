import { useState } from 'preact/hooks';
import type { Concept } from '../../../craft/explanation.ts';
import { Picture } from '../concepts/picture.tsx';
import { ConceptChips } from '../maps/concept-chips.tsx';
import { MapLegend } from '../maps/map-legend.tsx';
import { MapStack } from '../maps/map-stack.tsx';
import { MethodSwitch } from '../maps/method-switch.tsx';
import { useReport } from '../report-context.ts';

/** Concepts that are drawn at first. */
const SHOWN = 3;

/** An image with the maps of its concepts, one switch a concept; alone where it has no maps. */
export function ImageView({ input, ranked }: { input: number; ranked: readonly Concept[] }) {
  const { explanation, maps, details } = useReport();
  const { perInput } = details;
  const [shown, show] = useState<number[]>(() => {
    // those that matter most on this image
    const share = (id: number): number => perInput?.at(input, id) ?? 0;
    const order = ranked.map(({ id }) => id).sort((a, b) => share(b) - share(a));
    return order.slice(0, SHOWN);
  });
  const { name } = explanation.inputs.items[input];
  const { width, height } = explanation.preprocess;
  const example = maps?.inputs.indexOf(input) ?? -1;
  if (example < 0) {
    return (
      <div class="input-image">
        <span class="frame" style={{ aspectRatio: `${width} / ${height}` }}>
          <Picture input={input} alt={`${name}, as the model saw it`} />
        </span>
        <p class="muted">This image is not one of the examples, so it has no maps.</p>
      </div>
    );
  }
  const look = { shown, opacity: 100, smooth: true, cells: false };
  return (
    <div class="input-image">
      <MapStack example={example} look={look} detail={336} alt={`${name} with the maps of its concepts`} />
      <MethodSwitch />
      <ConceptChips ranked={ranked} shown={shown} single={false} show={show} />
      <MapLegend ranked={ranked} shown={shown} />
    </div>
  );
}
