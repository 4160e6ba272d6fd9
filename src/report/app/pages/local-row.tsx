import type { AnyConcept } from '../../report-data.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { colourOf } from '../palette.ts';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { index, signed } from '../words/numbers.ts';

interface Props {
  concept: AnyConcept;
  /** S_T on this input. */
  importance: number;
  /** What the concept adds to the score; null if that is not known. */
  part: number | null;
  /** Largest size of a part. */
  most: number;
  /** The slider cannot be moved. */
  isOff: boolean;
  /** Share of the concept that is kept, 0 … 2. */
  kept: number;
  setKept(share: number): void;
}

export function LocalRow({ concept, importance, part, most, isOff, kept, setKept }: Props) {
  const { labels } = useRun();
  const { id } = concept;
  const name = labels.nameOf(concept);
  const percentKept = Math.round(100 * kept);
  return (
    <li class="local-row" style={{ '--colour': colourOf(id) }}>
      <Swatch id={id} />
      <a class="local-name" href={conceptLink(id)} dir="auto">
        {name}
      </a>
      <span class="local-importance">
        <span class="muted">importance </span>
        {index(importance)}
        <span class="local-bar" aria-hidden="true">
          <span style={{ width: `${100 * Math.min(1, Math.max(0, importance))}%` }} />
        </span>
      </span>
      {part !== null && <Part size={part * kept} most={most} />}
      <label class="local-slider">
        <span class="sr-only">Keep of {name}</span>
        <input
          type="range"
          min="0"
          max="200"
          step="5"
          value={percentKept}
          disabled={isOff}
          aria-valuetext={`${percentKept} percent`}
          onInput={(event) => setKept(Number(event.currentTarget.value) / 100)}
        />
        <span aria-hidden="true">{percentKept}%</span>
      </label>
    </li>
  );
}

/** A part of the score as a bar from the middle: to the right for the class, to the left against it. */
function Part({ size, most }: { size: number; most: number }) {
  const width = Math.min(50, (50 * Math.abs(size)) / (2 * most)) * 2;
  return (
    <span class="local-part">
      <span class="muted">adds </span>
      {signed(size)}
      <span class="part-bar" aria-hidden="true">
        <span
          class={size < 0 ? 'part-against' : 'part-for'}
          style={{ width: `${width / 2}%`, [size < 0 ? 'right' : 'left']: '50%' }}
        />
      </span>
    </span>
  );
}
