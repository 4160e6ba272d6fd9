import { useCallback } from 'preact/hooks';
import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { PlotBox } from '../charts/plot-box.tsx';
import { fixed } from '../words/numbers.ts';
import { alikeOrders, orderSentence } from '../words/order-words.ts';
import { drawOrders, ORDER_LOOKS, ORDERS_HEIGHT } from './draw-orders.ts';
import { OrdersTable } from './orders-table.tsx';

type Orders = NonNullable<Evaluation['conceptOrders']>;

/** The class score as concepts are removed and added, in several orders. */
export function ConceptOrders({ evaluation }: { evaluation: Evaluation }) {
  const orders = evaluation.conceptOrders;
  if (!orders) {
    return (
      <p>
        The concepts together do not raise the mean score of the class, so the order in which they are removed
        cannot be tested.
      </p>
    );
  }
  const groups = alikeOrders(orders);
  const drawn = groups.map(([first]) => first);
  return (
    <>
      <h3>Do the important concepts carry the score?</h3>
      <p class="lead">
        {orderSentence(orders)} The mean class score goes from 1 with all concepts to 0 with none. The better
        the order, the sooner it falls when concepts are removed and the sooner it is back when they are
        added.
      </p>
      <div class="orders">
        <OrdersChart orders={drawn} kind="deletion" title="Concepts removed" />
        <OrdersChart orders={drawn} kind="insertion" title="Concepts added" />
      </div>
      <ul class="order-legend">
        {groups.map(([{ order, deletion, insertion }, ...same]) => (
          <li key={order}>
            <svg width="34" height="10" aria-hidden="true">
              <line x1="0" x2="34" y1="5" y2="5" {...strokeOf(order)} />
            </svg>
            <span>
              {[order, ...same.map((other) => other.order)].map((name) => ORDER_LOOKS[name].name).join(' = ')}
              <span class="muted">
                {' '}
                area {fixed(deletion.auc)} removed, {fixed(insertion.auc)} added
              </span>
            </span>
          </li>
        ))}
      </ul>
      <OrdersTable orders={orders} />
    </>
  );
}

function strokeOf(order: Orders[number]['order']) {
  const { stroke, dash, width } = ORDER_LOOKS[order];
  return { stroke, 'stroke-dasharray': dash, 'stroke-width': width };
}

interface ChartProps {
  orders: Orders;
  kind: 'deletion' | 'insertion';
  title: string;
}

function OrdersChart({ orders, kind, title }: ChartProps) {
  const draw = useCallback((width: number) => drawOrders(orders, kind, width), [orders, kind]);
  const areas = orders.map((o) => `${ORDER_LOOKS[o.order].name} ${fixed(o[kind].auc)}`).join(', ');
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <PlotBox draw={draw} height={ORDERS_HEIGHT} label={`${title}: area under the curve, ${areas}`} />
    </figure>
  );
}
