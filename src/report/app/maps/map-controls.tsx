import type { MapLook } from '../report-context.ts';
import { Segmented } from './segmented.tsx';

export type Drawn = Omit<MapLook, 'shown'>;

interface Props {
  drawn: Drawn;
  setDrawn(drawn: Drawn): void;
  single: boolean;
  setSingle(single: boolean): void;
  showAll(): void;
  showNone(): void;
}

/** How many concepts at once, and how they are drawn. */
export function MapControls({ drawn, setDrawn, single, setSingle, showAll, showNone }: Props) {
  return (
    <div class="map-controls">
      <Segmented
        legend="Concepts at once"
        name="at-once"
        choices={['Several', 'One']}
        on={single}
        set={setSingle}
      />
      <span class="all-or-none">
        {!single && (
          <button type="button" class="link" onClick={showAll}>
            All
          </button>
        )}
        <button type="button" class="link" onClick={showNone}>
          None
        </button>
      </span>
      <Segmented
        legend="Drawing"
        name="drawing"
        choices={['Smooth', 'Raw']}
        on={!drawn.smooth}
        set={(raw) => setDrawn({ ...drawn, smooth: !raw })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={drawn.cells}
          onChange={(event) => setDrawn({ ...drawn, cells: event.currentTarget.checked })}
        />
        <span>Cells</span>
      </label>
      <label class="slider">
        <span>Opacity</span>
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          value={drawn.opacity}
          aria-valuetext={`${drawn.opacity} percent`}
          onInput={(event) => setDrawn({ ...drawn, opacity: Number(event.currentTarget.value) })}
        />
        <output>{drawn.opacity}%</output>
      </label>
    </div>
  );
}
