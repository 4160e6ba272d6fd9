// The drawing of concept deletion and insertion: one line an order.

import { axisX, axisY, gridY, line, plot, ruleY } from '@observablehq/plot';
import type { Evaluation } from '../../../craft/attribution/evaluation.ts';

type Orders = NonNullable<Evaluation['conceptOrders']>;

export const ORDERS_HEIGHT = 240;

/** Told apart by dashes as well as by colour. */
export const ORDER_LOOKS: Record<
  Orders[number]['order'],
  { name: string; stroke: string; dash: string; width: number }
> = {
  importance: { name: 'By importance', stroke: 'var(--accent)', dash: 'none', width: 3 },
  'gradient-activation': { name: 'By gradient × activation', stroke: 'var(--for)', dash: '7 3', width: 2 },
  tcav: { name: 'By TCAV', stroke: 'var(--against)', dash: '2 3', width: 2 },
  random: { name: 'By chance', stroke: 'var(--muted)', dash: '1 5', width: 2 },
};

/** @param width - of the drawing in pixels. */
export function drawOrders(
  orders: Orders,
  kind: 'deletion' | 'insertion',
  width: number,
): SVGSVGElement | HTMLElement {
  const most = orders[0][kind].values.length - 1;
  const all = orders.flatMap((order) => order[kind].values);
  return plot({
    width,
    height: ORDERS_HEIGHT,
    marginLeft: 36,
    marginBottom: 40,
    marginTop: 12,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    x: { domain: [0, most] },
    y: { domain: [Math.min(0, ...all), Math.max(1, ...all)] },
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      axisX({
        label: kind === 'deletion' ? 'concepts removed' : 'concepts added',
        labelArrow: 'none',
        tickSize: 0,
        ticks: Math.min(most, 8),
        tickFormat: (k: number) => (Number.isInteger(k) ? String(k) : ''),
        fill: 'var(--muted)',
      }),
      axisY({ tickSize: 0, label: null, ticks: 5, fill: 'var(--muted)' }),
      ruleY([0], { stroke: 'var(--muted)' }),
      // the first is drawn last, over the others
      ...[...orders].reverse().map(({ order, [kind]: { values } }) => {
        const { stroke, dash, width: strokeWidth } = ORDER_LOOKS[order];
        const points = values.map((value, k) => [k, value] as const);
        return line(points, { x: '0', y: '1', stroke, strokeWidth, strokeDasharray: dash });
      }),
    ],
  });
}
