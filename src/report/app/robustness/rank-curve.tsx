import { useCallback } from 'preact/hooks';
import type { Robustness } from '../../../craft/robustness-schema.ts';
import { PlotBox } from '../charts/plot-box.tsx';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { countOf, fixed, percent } from '../words/numbers.ts';
import { drawRanks, RANK_LOOKS, RANKS_HEIGHT } from './draw-ranks.ts';
import { meanCosine } from './found-again.ts';

/** What is gained by more concepts: a curve, and its numbers. */
export function RankCurve({ robustness }: { robustness: Robustness }) {
  const { explanation } = useRun();
  const { ranks, inputs } = robustness;
  const own = explanation.concepts.length;
  const draw = useCallback((width: number) => drawRanks(ranks, own, width), [ranks, own]);
  if (ranks.length < 2) return null;
  const numbers = ranks.map(({ concepts }) => concepts).join(', ');
  return (
    <figure class="rank-curve">
      <figcaption>
        <h3>How many concepts?</h3>
        <p class="muted">
          Where the curves flatten, more concepts explain little more. The dotted line is at {own}, as in this
          report. R² is over {countOf(inputs, inputNoun(explanation))}.
        </p>
      </figcaption>
      <PlotBox
        draw={draw}
        height={RANKS_HEIGHT}
        label={`Error and R² with ${numbers} concepts; the table has the numbers`}
      />
      <ul class="order-legend">
        {Object.values(RANK_LOOKS).map(({ name, stroke, dash }) => (
          <li key={name}>
            <svg width="34" height="10" aria-hidden="true">
              <line x1="0" x2="34" y1="5" y2="5" stroke={stroke} stroke-dasharray={dash} stroke-width="2" />
            </svg>
            {name}
          </li>
        ))}
      </ul>
      <details class="as-table">
        <summary>The curve as a table</summary>
        <ScrollRegion label="Table of numbers of concepts">
          <table>
            <thead>
              <tr>
                <th scope="col">Concepts</th>
                <th scope="col" class="number">
                  Relative error
                </th>
                <th scope="col" class="number">
                  R²
                </th>
                <th scope="col" class="number">
                  Mean cosine with those here
                </th>
              </tr>
            </thead>
            <tbody>
              {ranks.map((rank) => (
                <tr key={rank.concepts}>
                  <th scope="row">
                    {rank.concepts}
                    {rank.concepts === own && <span class="muted"> this report</span>}
                  </th>
                  <td class="number">{percent(rank.relativeError)}</td>
                  <td class="number">{fixed(rank.r2 ?? Number.NaN)}</td>
                  <td class="number">{fixed(meanCosine(rank))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </details>
    </figure>
  );
}
