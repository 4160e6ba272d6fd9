import { useEffect, useRef, useState } from 'preact/hooks';
import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { groupName } from './compare-words.ts';
import { drawCompare } from './draw-compare.ts';

export function CompareChart({ compare, group }: { compare: GroupComparison; group: number }) {
  const figure = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(figure.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) figure.current!.replaceChildren(drawCompare(compare, group, width));
  }, [compare, group, width]);
  return (
    <div
      class="compare-chart"
      role="img"
      aria-label={`Importance against the difference of ${groupName(compare, 0)} and ${groupName(compare, 1)}, one mark for each of ${compare.concepts.length} concepts; the table has the numbers`}
    >
      {/* the drawing names its groups for nobody */}
      <div ref={figure} aria-hidden="true" />
    </div>
  );
}
