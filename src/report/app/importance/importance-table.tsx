import type { AnyConcept } from '../../report-data.ts';
import { Effect } from '../concepts/effect.tsx';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { fixed, percent } from '../words/numbers.ts';
import { rankOf, rankText } from '../words/ranks.ts';

const columns = ['Importance', 'Lower', 'Upper', 'Rank', 'Effect', 'Found in', 'Sparsity', 'Above next'];

/** The chart as a table, to read with a screen reader or to copy. */
export function ImportanceTable({ ranked }: { ranked: readonly AnyConcept[] }) {
  const { labels } = useRun();
  return (
    <details class="as-table">
      <summary>The numbers as a table</summary>
      <ScrollRegion label="Table of concepts">
        <table>
          <thead>
            <tr>
              <th scope="col">Concept</th>
              {columns.map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ranked.map((c) => {
              const rank = rankOf(c, ranked);
              return (
                <tr key={c.id}>
                  <th scope="row">
                    <a href={conceptLink(c.id)} dir="auto">
                      {labels.nameOf(c)}
                    </a>
                  </th>
                  <td class="number">{fixed(c.importance.value, 3)}</td>
                  <td class="number">{fixed(c.importance.lower, 3)}</td>
                  <td class="number">{fixed(c.importance.upper, 3)}</td>
                  <td class="number">
                    {rankText(rank)}
                    {rank.tied.length > 0 && <span class="muted"> tied</span>}
                  </td>
                  <td class="number">
                    <Effect effect={c.effect} />
                  </td>
                  <td class="number">{percent(c.prevalence)}</td>
                  <td class="number">{fixed(c.sparsity)}</td>
                  <td class="number">{c.aboveNext === null ? '–' : percent(c.aboveNext)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
