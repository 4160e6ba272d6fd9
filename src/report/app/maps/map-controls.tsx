import type { MapLook } from '../report-context.ts';
import { Segmented } from './segmented.tsx';

export type Drawn = Omit<MapLook, 'shown'>;

interface Props {
  drawn: Drawn;
  setDrawn(drawn: Drawn): void;
  single: boolean;
  setSingle(single: boolean): void;
}

export function MapControls({ drawn, setDrawn, single, setSingle }: Props) {
  return (
    <div class="map-controls">
      <Segmented
        legend="Concepts at once"
        name="at-once"
        choices={['Several', 'One']}
        on={single}
        set={setSingle}
      />
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
