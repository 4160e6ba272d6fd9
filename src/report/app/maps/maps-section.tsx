import { useState } from 'preact/hooks';
import type { Concept } from '../../../craft/explanation.ts';
import { manyOf } from '../many.ts';
import { type MapLook, useReport } from '../report-context.ts';
import { methodWords } from '../words/map-methods.ts';
import { ConceptChips } from './concept-chips.tsx';
import { type Drawn, MapControls } from './map-controls.tsx';
import { MapLegend } from './map-legend.tsx';
import { MapTile } from './map-tile.tsx';
import { MethodSwitch } from './method-switch.tsx';

/** Draws the maps of these concepts, by id. */
export type ShowOnMaps = (ids: number[]) => void;

interface Props {
  ranked: readonly Concept[];
  /** Gets what changes the concepts that are drawn, for the rest of the page, which is not made again by it. */
  control: { current: ShowOnMaps | null };
}

/** Concepts that are drawn at first. */
const AT_FIRST = 3;

export function MapsSection({ ranked, control }: Props) {
  const { maps, method } = useReport();
  const [shown, show] = useState<number[]>(() => ranked.slice(0, AT_FIRST).map((c) => c.id));
  control.current = show;
  const [drawn, setDrawn] = useState<Drawn>({ opacity: 100, smooth: true, cells: false });
  const [single, setSingle] = useState(false);
  const change = (one: boolean): void => {
    setSingle(one);
    if (one && shown.length > 1) show([ranked.find((c) => shown.includes(c.id))!.id]);
  };
  if (!maps) return null;
  const look: MapLook = { ...drawn, shown };
  return (
    <section id="maps" aria-labelledby="maps-title">
      <h2 id="maps-title" tabIndex={-1}>
        Where the concepts are in the images
      </h2>
      <p class="lead">
        {methodWords(method, maps.h, maps.w)} The stronger, the denser; a line surrounds the strongest tenth
        of a concept’s active cells.
      </p>
      <MethodSwitch />
      <div class="map-panel">
        <ConceptChips ranked={ranked} shown={shown} single={single} show={show} />
        <MapControls
          drawn={drawn}
          setDrawn={setDrawn}
          single={single}
          setSingle={change}
          showAll={() => show(ranked.map((c) => c.id))}
          showNone={() => show([])}
        />
      </div>
      <MapLegend ranked={ranked} shown={shown} />
      <ul class={`map-grid ${manyOf(maps.inputs)}`}>
        {maps.inputs.map((input, example) => (
          <MapTile key={`${example}-${input}`} example={example} look={look} />
        ))}
      </ul>
    </section>
  );
}
