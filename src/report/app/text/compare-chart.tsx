import { useCallback } from 'preact/hooks';
import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { PlotBox } from '../charts/plot-box.tsx';
import { groupName } from './compare-words.ts';
import { COMPARE_HEIGHT, drawCompare } from './draw-compare.ts';

export function CompareChart({ compare, group }: { compare: GroupComparison; group: number }) {
  const draw = useCallback((width: number) => drawCompare(compare, group, width), [compare, group]);
  return (
    <PlotBox
      class="compare-chart"
      draw={draw}
      height={COMPARE_HEIGHT}
      label={`Importance against the difference of ${groupName(compare, 0)} and ${groupName(compare, 1)}, one mark for each of ${compare.concepts.length} concepts; the table has the numbers`}
    />
  );
}
