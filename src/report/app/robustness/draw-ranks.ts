// The drawings of what other numbers of concepts give.

import { axisX, axisY, dot, gridY, line, link, plot, ruleX, ruleY } from '@observablehq/plot';
import type { Robustness } from '../../../craft/robustness-schema.ts';
import { colourOf } from '../palette.ts';

type Rank = Robustness['ranks'][number];

export const RANKS_HEIGHT = 220;

/** Told apart by dashes as well as by colour. */
export const RANK_LOOKS = {
  error: { name: 'Relative error of the rows', stroke: 'var(--against)', dash: '6 3' },
  r2: { name: 'R² of the class score', stroke: 'var(--for)', dash: 'none' },
} as const;

const frame = (width: number, ranks: readonly Rank[], top: number) => ({
  width,
  height: RANKS_HEIGHT,
  ...{ marginLeft: 40, marginBottom: 40, marginTop: 12 },
  style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
  x: { domain: [0, Math.max(...ranks.map(({ concepts }) => concepts)) * 1.05] },
  y: { domain: [0, top] },
});

const axes = (own: number) => [
  gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
  axisX({ label: 'number of concepts', labelArrow: 'none', tickSize: 0, ticks: 6, fill: 'var(--muted)' }),
  axisY({ label: null, tickSize: 0, ticks: 5, fill: 'var(--muted)' }),
  ruleY([0], { stroke: 'var(--muted)' }),
  ruleX([own], { stroke: 'var(--accent)', strokeDasharray: '2 3' }),
];

/** Error and R² over r. @param own - r of the explanation. */
export function drawRanks(ranks: readonly Rank[], own: number, width: number): SVGSVGElement | HTMLElement {
  const series = [
    [RANK_LOOKS.error, ranks.map((rank) => [rank.concepts, rank.relativeError])],
    // below 0 it is worse than the mean: no higher line would show how much
    [RANK_LOOKS.r2, ranks.flatMap(({ concepts, r2 }) => (r2 === null ? [] : [[concepts, Math.max(0, r2)]]))],
  ] as const;
  return plot({
    ...frame(width, ranks, 1),
    marks: [
      ...axes(own),
      ...series.flatMap(([{ stroke, dash }, points]) => [
        line(points, { x: '0', y: '1', stroke, strokeWidth: 2, strokeDasharray: dash }),
        dot(points, { x: '0', y: '1', fill: stroke, r: 3.5 }),
      ]),
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
    ...frame(width, found as unknown as Rank[], top),
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
