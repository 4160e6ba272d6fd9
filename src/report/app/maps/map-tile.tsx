import { type MapLook, useReport } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { baseName, shorten } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { MapStack } from './map-stack.tsx';

export function MapTile({ example, look }: { example: number; look: MapLook }) {
  const { explanation, maps, open } = useReport();
  const input = maps!.inputs[example];
  const item = explanation.inputs.items[input];
  const name = item ? baseName(item.name) : `input ${input}`;
  const other = item && item.predicted.id !== explanation.class.id;
  return (
    <li class="map-tile">
      <button
        type="button"
        aria-label={`${name}: show larger`}
        onClick={() => open({ kind: 'map', example, look })}
      >
        <MapStack example={example} look={look} detail={192} alt="" />
      </button>
      <p class="map-name" title={item?.name}>
        <a href={inputLink(input)}>{name}</a>
      </p>
      {item && (
        <p class="map-note">
          score {fixed(item.logit)}
          {other && <span class="other"> · model says {shorten(item.predicted.label, 48)}</span>}
        </p>
      )}
    </li>
  );
}
