import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { Effect } from '../concepts/effect.tsx';
import { Swatch } from '../concepts/swatch.tsx';
import { useRun } from '../report-context.ts';
import { index, indexInterval } from '../words/numbers.ts';
import { isOrderUncertain } from '../words/verdict.ts';
import { drawBars, ROW_HEIGHT } from './draw-bars.ts';

interface Props {
  ranked: readonly AnyConcept[];
  selected: number;
  select(id: number): void;
}

/** Bars with intervals. Each row is a button under the drawing, so that a keyboard and a screen reader have it. */
export function ImportanceChart({ ranked, selected, select }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(plot.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) plot.current!.replaceChildren(drawBars(ranked, width));
  }, [ranked, width]);

  return (
    <div class="chart" style={{ '--row': `${ROW_HEIGHT}px` }}>
      <ol class="chart-rows">
        {ranked.map((concept) => (
          <ChartRow key={concept.id} concept={concept} selected={concept.id === selected} select={select} />
        ))}
      </ol>
      <div class="chart-plot" ref={plot} aria-hidden="true" />
      <p class="chart-axis">Importance (total Sobol index)</p>
    </div>
  );
}

function ChartRow({
  concept,
  selected,
  select,
}: {
  concept: AnyConcept;
  selected: boolean;
  select(id: number): void;
}) {
  const { labels } = useRun();
  const { id, importance, effect } = concept;
  const name = labels.nameOf(concept);
  const unsure = isOrderUncertain(concept);
  const choose = (): void => select(id);
  return (
    <li>
      <button
        type="button"
        class="chart-row"
        aria-pressed={selected}
        onClick={choose}
        onFocus={choose}
        onMouseEnter={choose}
      >
        <Swatch id={id} />
        <span class="chart-name" title={name}>
          {name}
        </span>
        <span class="sr-only">
          importance {index(importance.value)}, interval {indexInterval(importance)},
        </span>
        <Effect effect={effect} number={false} />
        {unsure && <span class="sr-only">, order uncertain</span>}
      </button>
      {unsure && (
        <span
          class="order-mark"
          title="The order of this concept and the next is not certain"
          aria-hidden="true"
        >
          ≈
        </span>
      )}
    </li>
  );
}
