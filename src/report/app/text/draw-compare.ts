// The drawing of two groups compared: one mark a concept, its intervals as bars.

import { axisX, axisY, dot, gridX, gridY, link, plot, ruleX, ruleY, text } from '@observablehq/plot';
import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { moreIn, READINGS, sizeOf } from './compare-words.ts';

type Compared = GroupComparison['concepts'][number];

/** Told apart by shape and colour: which group has more of the concept. */
export const GROUP_LOOKS = [
  { rotate: 0, mark: '▲', colour: 'var(--for)' },
  { rotate: 180, mark: '▼', colour: 'var(--against)' },
] as const;

export const COMPARE_HEIGHT = 420;
/** Share of the axes that is left free beyond the largest value. */
const AIR = 1.14;

/**
 * @param group - whose class importance is for.
 * @param width - of the drawing in pixels.
 */
export function drawCompare(
  comparison: GroupComparison,
  group: number,
  width: number,
): SVGSVGElement | HTMLElement {
  const { concepts } = comparison;
  const x = (c: Compared): number => sizeOf(c).value;
  const y = (c: Compared): number => c.importance[group].value;
  const colour = (c: Compared): string => GROUP_LOOKS[moreIn(c)].colour;
  const isUsed = ({ reading }: Compared): boolean => reading === 'discriminating' || reading === 'shared';
  const right = Math.max(...concepts.map((c) => sizeOf(c).upper), 1e-9) * AIR;
  const top = Math.max(...concepts.map((c) => c.importance[group].upper), 1e-9) * AIR;
  return plot({
    width,
    height: COMPARE_HEIGHT,
    marginLeft: 44,
    marginBottom: 66,
    marginTop: 44,
    marginRight: 12,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    // most concepts are near 0: the square root sets them apart
    x: { type: 'sqrt', domain: [0, right] },
    y: { type: 'sqrt', domain: [0, top] },
    marks: [
      gridX({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
      gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
      axisX({
        label: 'difference of the groups |Δ| (square-root scale)',
        labelOffset: 60,
        labelArrow: 'none',
        tickSize: 0,
        ticks: 5,
        fill: 'var(--muted)',
      }),
      axisY({
        label: 'importance (total Sobol index, square-root scale)',
        labelOffset: 44,
        labelArrow: 'none',
        tickSize: 0,
        ticks: 5,
        fill: 'var(--muted)',
      }),
      ruleX([0], { stroke: 'var(--muted)' }),
      ruleY([0], { stroke: 'var(--muted)' }),
      ...regionNames(right, top, width),
      link(concepts, {
        x1: (c) => sizeOf(c).lower,
        x2: (c) => sizeOf(c).upper,
        y1: y,
        y2: y,
        stroke: colour,
        strokeWidth: 1.5,
        strokeOpacity: 0.7,
      }),
      link(concepts, {
        x1: x,
        x2: x,
        y1: (c) => Math.max(0, c.importance[group].lower),
        y2: (c) => c.importance[group].upper,
        stroke: colour,
        strokeWidth: 1.5,
        strokeOpacity: 0.7,
      }),
      dot(concepts, {
        x,
        y,
        r: 7,
        symbol: 'triangle',
        rotate: (c) => GROUP_LOOKS[moreIn(c)].rotate,
        // hollow where it is hardly used
        fill: (c) => (isUsed(c) ? colour(c) : 'var(--surface)'),
        stroke: colour,
        strokeWidth: 2,
      }),
      text(concepts, {
        x,
        y,
        text: (c) => String(c.id + 1),
        dx: 11,
        dy: -10,
        textAnchor: 'start',
        fill: 'var(--text)',
        stroke: 'var(--surface)',
        strokeWidth: 4,
        fontWeight: 650,
        fontSize: 13,
      }),
    ],
  });
}

/** What each corner means; on a narrow drawing only the ends of the main diagonal have room. */
function regionNames(right: number, top: number, width: number) {
  const corner = (x: number, y: number, name: string) =>
    text([name], {
      x: () => x,
      y: () => y,
      textAnchor: x === 0 ? 'start' : 'end',
      lineAnchor: y === 0 ? 'top' : 'bottom',
      dx: x === 0 ? 8 : -4,
      dy: y === 0 ? 26 : -6, // outside of the frame, as there are marks inside
      fill: 'var(--muted)',
      fontStyle: 'italic',
    });
  const all = [
    corner(0, top, READINGS.shared.name),
    corner(right, top, READINGS.discriminating.name),
    corner(right, 0, READINGS.unused.name),
    corner(0, 0, READINGS.negligible.name),
  ];
  return width < 340 ? [all[1], all[3]] : all;
}
