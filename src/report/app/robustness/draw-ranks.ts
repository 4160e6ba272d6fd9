// The drawings of what other numbers of concepts give.

import { axisX, axisY, dot, gridY, line, link, plot, ruleX, ruleY } from '@observablehq/plot';
import type { Robustness } from '../../../craft/robustness-schema.ts';
import { colourOf } from '../palette.ts';

type Rank = Robustness['ranks'][number];

export const RANKS_HEIGHT = 220;

const frame = (
  width: number,
  ranks: readonly { concepts: number }[],
  [bottom, top]: readonly [number, number],
) => ({
  width,
  height: RANKS_HEIGHT,
  ...{ marginLeft: 40, marginBottom: 40, marginTop: 12 },
  style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
  x: { domain: [0, Math.max(...ranks.map(({ concepts }) => concepts)) * 1.05] },
  y: { domain: [bottom, top] },
});

const axes = (own: number) => [
  gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
  axisX({ label: 'number of concepts', labelArrow: 'none', tickSize: 0, ticks: 6, fill: 'var(--muted)' }),
  axisY({ label: null, tickSize: 0, ticks: 5, fill: 'var(--muted)' }),
  ruleY([0], { stroke: 'var(--muted)' }),
  ruleX([own], { stroke: 'var(--accent)', strokeDasharray: '2 3' }),
];

/** What is drawn over r: the share of the rows that is left over, or R² of the class score. */
export type RankQuantity = 'relativeError' | 'r2';

const STROKES = { relativeError: 'var(--against)', r2: 'var(--for)' };

/** One quantity over r, down to its least value where that is below 0. @param own - r of the explanation. */
export function drawRanks(
  ranks: readonly Rank[],
  quantity: RankQuantity,
  own: number,
  width: number,
): SVGSVGElement | HTMLElement {
  const points = ranks.filter((rank) => rank[quantity] !== null);
  const values = points.map((rank) => rank[quantity] ?? 0);
  const stroke = STROKES[quantity];
  return plot({
    ...frame(width, ranks, [Math.min(0, ...values) * 1.05, Math.max(1, ...values)]),
    marks: [
      ...axes(own),
      line(points, { x: 'concepts', y: quantity, stroke, strokeWidth: 2 }),
      dot(points, { x: 'concepts', y: quantity, fill: stroke, r: 3.5 }),
    ],
  });
}

export interface Found {
  /** r of the other fit. */
  concepts: number;
  /** Cosine with the concept of the explanation. */
  cosine: number;
  /** Place in the other fit, from 0. */
  place: number;
  importance: { value: number; lower: number; upper: number };
}

/** Importance of one concept over r, with intervals: filled where it is found again, hollow where it is another. */
export function drawFound(
  found: readonly Found[],
  { id, own, same }: { id: number; own: number; same: number },
  width: number,
): SVGSVGElement | HTMLElement {
  const x = 'concepts';
  const top = Math.max(...found.map(({ importance }) => importance.upper), 1e-9) * 1.08;
  return plot({
    ...frame(width, found, [0, top]),
    marks: [
      ...axes(own),
      line(found, { x, y: (f: Found) => f.importance.value, stroke: 'var(--muted)', strokeDasharray: '1 4' }),
      link(found, {
        x1: x,
        x2: x,
        y1: (f: Found) => Math.max(0, f.importance.lower),
        y2: (f: Found) => f.importance.upper,
        stroke: 'var(--text)',
        strokeWidth: 1.5,
      }),
      dot(found, {
        x,
        y: (f: Found) => f.importance.value,
        r: 5,
        stroke: colourOf(id),
        strokeWidth: 2,
        fill: (f: Found) => (f.cosine >= same ? colourOf(id) : 'var(--surface)'),
      }),
    ],
  });
}
