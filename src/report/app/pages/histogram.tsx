import type { AnyConcept } from '../../report-data.ts';
import { colourOf } from '../palette.ts';
import { useRun } from '../report-context.ts';
import { rowNoun } from '../words/nouns.ts';
import { countOf, percent, significant } from '../words/numbers.ts';

/** A concept counts as present above this share of its largest coefficient, as in `prevalence`. */
const PRESENT = 0.1;

/** How many rows have how much of the concept. The axis of counts is by square roots: most rows are near 0. */
export function Histogram({ concept }: { concept: AnyConcept }) {
  const { explanation, details } = useRun();
  const histogram = details.concepts[concept.id]?.histogram;
  if (!histogram || histogram.largest === 0) return null;
  const { counts, largest } = histogram;
  const most = Math.max(...counts);
  const rows = rowNoun(explanation);
  const total = counts.reduce((sum, n) => sum + n, 0);
  return (
    <section>
      <h2>How strong it is</h2>
      <p class="muted">
        All {countOf(total, rows)} by the coefficient u of this concept. It counts as present to the right of
        the line, at {significant(PRESENT * largest)}, a tenth of its largest: in{' '}
        {percent(concept.prevalence)} of them. Heights are square roots of counts.
      </p>
      <div class="histogram" aria-hidden="true">
        <div class="histogram-bars" style={{ '--colour': colourOf(concept.id) }}>
          {counts.map((n, k) => (
            <span key={k} title={`${n} ${rows}s`} style={{ height: `${100 * Math.sqrt(n / most)}%` }} />
          ))}
          <i style={{ left: `${100 * PRESENT}%` }} />
        </div>
        <div class="histogram-axis">
          <span>0</span>
          <span>u</span>
          <span>{significant(largest)}</span>
        </div>
      </div>
      <details class="as-table">
        <summary>The counts as a table</summary>
        <table class="narrow">
          <thead>
            <tr>
              <th scope="col">u from</th>
              <th scope="col">to</th>
              <th scope="col" class="number">
                {rows}s
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.map((n, k) => (
              <tr key={k}>
                <td>{significant((k / counts.length) * largest)}</td>
                <td>{significant(((k + 1) / counts.length) * largest)}</td>
                <td class="number">{n}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
