import type { ComponentChildren } from 'preact';
import { useCallback } from 'preact/hooks';
import type { Robustness } from '../../../craft/robustness-schema.ts';
import { PlotBox } from '../charts/plot-box.tsx';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { countOf } from '../words/numbers.ts';
import { drawRanks, RANKS_HEIGHT, type RankQuantity } from './draw-ranks.ts';
import { RankTable } from './rank-table.tsx';

/** What is gained by more concepts: two curves, and their numbers. */
export function RankCurve({ robustness }: { robustness: Robustness }) {
  const { explanation } = useRun();
  const { ranks, inputs } = robustness;
  const own = explanation.concepts.length;
  if (ranks.length < 2) return null;
  const isBelow = ranks.some(({ r2 }) => r2 !== null && r2 < 0);
  return (
    <div class="rank-curve">
      <h3>How many concepts?</h3>
      <p class="muted lead">
        Where the curves flatten, more concepts explain little more. The dotted line is at {own}, as in this
        report.
      </p>
      <div class="orders">
        <RankChart robustness={robustness} quantity="relativeError" title="What is left over">
          Share of the rows that the concepts do not rebuild; lower is better.
        </RankChart>
        {ranks.some(({ r2 }) => r2 !== null) && (
          <RankChart robustness={robustness} quantity="r2" title="What is kept of the class score">
            R² over {countOf(inputs, inputNoun(explanation))}; 1 is all of it.
            {isBelow &&
              ' Below 0 the score from the concepts is further off than the same mean score for all would be.'}
          </RankChart>
        )}
      </div>
      <RankTable ranks={ranks} own={own} />
    </div>
  );
}

interface ChartProps {
  robustness: Robustness;
  quantity: RankQuantity;
  title: string;
  children: ComponentChildren;
}

function RankChart({ robustness: { ranks }, quantity, title, children }: ChartProps) {
  const own = useRun().explanation.concepts.length;
  const draw = useCallback((width: number) => drawRanks(ranks, quantity, own, width), [ranks, quantity, own]);
  const numbers = ranks.map(({ concepts }) => concepts).join(', ');
  return (
    <figure>
      <figcaption>
        {title}
        <p class="muted">{children}</p>
      </figcaption>
      <PlotBox
        draw={draw}
        height={RANKS_HEIGHT}
        label={`${title}, with ${numbers} concepts; the table has the numbers`}
      />
    </figure>
  );
}
