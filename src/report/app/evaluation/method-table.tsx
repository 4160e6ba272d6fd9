import type { Evaluation, MapMethodScore } from '../../../craft/attribution/evaluation.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { type Against, againstChance, chanceSentence } from '../words/against-chance.ts';
import { methodName } from '../words/map-methods.ts';
import { fixed, significant } from '../words/numbers.ts';

interface Props {
  evaluation: Evaluation;
  of: 'concept' | 'class';
  caption: string;
}

const HEADS = [
  ['Deletion', 'lower is better'],
  ['Insertion', 'higher is better'],
  ['μFidelity', 'higher is better'],
] as const;

/** One row a method, the best insertion minus deletion first; chance stands among them. */
export function MethodTable({ evaluation, of, caption }: Props) {
  const rows = evaluation.maps.filter((row) => row.of === of).sort((a, b) => gain(b) - gain(a));
  if (rows.length === 0) return null;
  const chance = rows.find(({ method }) => method === 'random');
  return (
    <>
      <h3>{caption}</h3>
      <p class="muted">{chanceSentence(rows)}</p>
      <ScrollRegion label={`Table: ${caption}`}>
        <table class="method-table" aria-label={caption}>
          <thead>
            <tr>
              <th scope="col">Method</th>
              {HEADS.map(([name, better]) => (
                <th key={name} scope="col" class="number">
                  {name}, <br />
                  {better}
                </th>
              ))}
              <th scope="col" class="number">
                Seconds a map
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.method} class={row.method === 'random' ? 'chance' : undefined}>
                <th scope="row">{methodName(row.method)}</th>
                {(['deletion', 'insertion', 'muFidelity'] as const).map((measure) => (
                  <Cell
                    key={measure}
                    interval={row[measure]}
                    against={chance ? againstChance(row, chance, measure) : 'level'}
                  />
                ))}
                <td class="number">{row.method === 'random' ? '–' : significant(row.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  );
}

const gain = ({ insertion, deletion }: MapMethodScore): number =>
  (insertion?.mean ?? 0) - (deletion?.mean ?? 0);

const MARKS = { better: '✓', worse: '✗' };

/** The mean, its 95% interval over the images, and whether that is clear of chance's. */
function Cell({ interval, against }: { interval: MapMethodScore['deletion']; against: Against }) {
  if (!interval) return <td class="number">–</td>;
  return (
    <td class="number">
      {fixed(interval.mean)}{' '}
      <span class="muted">
        {fixed(interval.lower)} … {fixed(interval.upper)}
      </span>{' '}
      <span class={`against-chance against-chance-${against}`}>
        {against !== 'level' && (
          <>
            <span aria-hidden="true">{MARKS[against]}</span>
            <span class="sr-only">{against} than chance</span>
          </>
        )}
      </span>
    </td>
  );
}
