import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { fixed } from '../words/numbers.ts';
import { ORDER_LOOKS } from './draw-orders.ts';

/** The curves as numbers, one row for each number of concepts. */
export function OrdersTable({ orders }: { orders: NonNullable<Evaluation['conceptOrders']> }) {
  return (
    <details class="as-table">
      <summary>The curves as a table</summary>
      <ScrollRegion label="Table: score as concepts are removed and added">
        <table>
          <thead>
            <tr>
              <th scope="col">Concepts</th>
              {orders.flatMap(({ order }) =>
                (['removed', 'added'] as const).map((way) => (
                  <th key={`${order}-${way}`} scope="col" class="number">
                    {ORDER_LOOKS[order].name}, {way}
                  </th>
                )),
              )}
            </tr>
          </thead>
          <tbody>
            {orders[0].deletion.values.map((_, k) => (
              <tr key={k}>
                <th scope="row">{k}</th>
                {orders.flatMap(({ order, deletion, insertion }) =>
                  [deletion, insertion].map(({ values }, way) => (
                    <td key={`${order}-${way}`} class="number">
                      {fixed(values[k] ?? Number.NaN)}
                    </td>
                  )),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
