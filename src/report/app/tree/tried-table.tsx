import type { Split } from '../../../craft/recursion/split-schema.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { fixed, percent } from '../words/numbers.ts';
import { layerName } from './split-words.ts';

/** The layers that a concept was looked at from, with the numbers that the verdict rests on. */
export function TriedTable({ split, name }: { split: Split; name: string }) {
  return (
    <details class="tried">
      <summary>
        Layers tried<span class="sr-only"> for {name}</span>
      </summary>
      <ScrollRegion label={`Layers tried for ${name}`}>
        <table class="tried-table">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col" title="1 − the mean cosine between two rows">
                Spread
              </th>
              <th scope="col">Parts</th>
              <th scope="col" title="Share of what one direction leaves that the parts explain">
                Explained
              </th>
              <th scope="col" title="The same in rows with shuffled channels">
                By chance
              </th>
              <th scope="col" title="Correlation between the parts that both halves of the rows give">
                Agreement
              </th>
            </tr>
          </thead>
          <tbody>
            {split.tried.map((tried, k) => {
              const { layer, spread, curve, elbow } = tried;
              const point = curve[(elbow?.concepts ?? 2) - 1] ?? curve[curve.length - 1];
              return (
                <tr key={layer.tensor}>
                  <th scope="row">
                    {layerName(tried)}
                    {k === split.chosen && ' (chosen)'}
                  </th>
                  <td>{fixed(spread)}</td>
                  <td>{elbow ? elbow.concepts : 'not stable'}</td>
                  <td>{percent(point.gain)}</td>
                  <td>{percent(point.chance)}</td>
                  <td>{fixed(point.stability ?? Number.NaN)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
