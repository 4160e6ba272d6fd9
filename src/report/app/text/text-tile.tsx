import { useTexts } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { shorten } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { HeatText } from './heat-text.tsx';

export function TextTile({ input, shown }: { input: number; shown: readonly number[] }) {
  const { explanation } = useTexts();
  const { name, label, logit, predicted } = explanation.inputs.items[input];
  const other = predicted.id !== explanation.class.id;
  return (
    <li class="text-tile">
      <p class="text-tile-head">
        <a href={inputLink(input)} dir="auto">
          {shorten(name, 60)}
        </a>
        <span class="map-note">
          score {fixed(logit)}
          {label !== null && ` · labelled ${shorten(label, 32)}`}
          {other && <span class="other"> · model says {shorten(predicted.label, 32)}</span>}
        </span>
      </p>
      <HeatText input={input} shown={shown} />
    </li>
  );
}
