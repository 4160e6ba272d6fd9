import type { Evaluation, MapMethodScore } from '../../../craft/attribution/evaluation.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { methodName } from '../words/map-methods.ts';
import { fixed, significant } from '../words/numbers.ts';

interface Props {
  evaluation: Evaluation;
  of: 'concept' | 'class';
  caption: string;
}

/** One row a method, the best insertion minus deletion first; chance stands among them. */
export function MethodTable({ evaluation, of, caption }: Props) {
  const rows = evaluation.maps.filter((row) => row.of === of).sort((a, b) => gain(b) - gain(a));
  if (rows.length === 0) return null;
  return (
    <ScrollRegion label={`Table: ${caption}`}>
      <table class="method-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col" class="number">
              Deletion, lower is better
            </th>
            <th scope="col" class="number">
              Insertion, higher is better
            </th>
            <th scope="col" class="number">
              μFidelity
            </th>
            <th scope="col" class="number">
              Seconds a map
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.method} class={row.method === 'random' ? 'chance' : undefined}>
              <th scope="row">{methodName(row.method)}</th>
              <Cell interval={row.deletion} />
              <Cell interval={row.insertion} />
              <Cell interval={row.muFidelity} />
              <td class="number">{row.method === 'random' ? '–' : significant(row.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

const gain = ({ insertion, deletion }: MapMethodScore): number =>
  (insertion?.mean ?? 0) - (deletion?.mean ?? 0);

/** The mean, and its 95% interval over the images. */
function Cell({ interval }: { interval: MapMethodScore['deletion'] }) {
  if (!interval) return <td class="number">–</td>;
  return (
    <td class="number">
      {fixed(interval.mean)}{' '}
      <span class="muted">
        {fixed(interval.lower)} … {fixed(interval.upper)}
      </span>
    </td>
  );
}
