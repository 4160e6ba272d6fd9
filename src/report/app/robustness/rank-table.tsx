import type { Robustness } from '../../../craft/robustness-schema.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { fixed, percent } from '../words/numbers.ts';
import { meanCosine } from './found-again.ts';

/** The curves over the number of concepts as numbers. @param own - r of the explanation. */
export function RankTable({ ranks, own }: { ranks: Robustness['ranks']; own: number }) {
  return (
    <details class="as-table">
      <summary>The curves as a table</summary>
      <ScrollRegion label="Table of numbers of concepts">
        <table>
          <thead>
            <tr>
              <th scope="col">Concepts</th>
              <th scope="col" class="number">
                Left over
              </th>
              <th scope="col" class="number">
                R² of the class score
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
  );
}
