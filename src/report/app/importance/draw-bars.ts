// The drawing of the importance chart: bars, interval lines and the axis. Names stand in the rows beside it.

import { axisX, barX, gridX, link, plot, ruleX, text, tickX } from '@observablehq/plot';
import type { AnyConcept } from '../../report-data.ts';
import { colourOf } from '../palette.ts';
import { index } from '../words/numbers.ts';
import { direction } from '../words/verdict.ts';

/** Height of a row in pixels; the rows in HTML have the same. */
export const ROW_HEIGHT = 40;
const AXIS_HEIGHT = 28;
/** Room at the right for the number of the longest bar. */
const NUMBER_WIDTH = 46;

/** @param width - of the drawing in pixels. */
export function drawBars(ranked: readonly AnyConcept[], width: number): SVGSVGElement | HTMLElement {
  const largest = Math.max(...ranked.map((c) => Math.max(c.importance.value, c.importance.upper)), 1e-9);
  const y = (c: AnyConcept): number => c.id;
  const lower = (c: AnyConcept): number => Math.max(0, c.importance.lower);
  const upper = (c: AnyConcept): number => c.importance.upper;
  const drawing = plot({
    width,
    height: ranked.length * ROW_HEIGHT + AXIS_HEIGHT,
    marginTop: 0,
    marginBottom: AXIS_HEIGHT,
    marginLeft: 1,
    marginRight: NUMBER_WIDTH,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    x: { domain: [0, largest], label: null },
    y: { domain: ranked.map(y), axis: null, padding: 0, round: false },
    marks: [
      gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      axisX({
        ticks: Math.max(2, Math.min(5, Math.floor(width / 70))),
        tickSize: 0,
        fill: 'var(--muted)',
        label: null,
      }),
      barX(ranked, { x: (c) => c.importance.value, y, fill: fillOf, insetTop: 10, insetBottom: 10, rx2: 3 }),
      link(ranked, {
        x1: lower,
        x2: upper,
        y,
        stroke: 'var(--surface)',
        strokeWidth: 5,
        strokeOpacity: 0.75,
      }),
      link(ranked, { x1: lower, x2: upper, y, stroke: 'var(--text)', strokeWidth: 1.5 }),
      tickX(ranked, { x: lower, y, stroke: 'var(--text)', strokeWidth: 1.5, insetTop: 15, insetBottom: 15 }),
      tickX(ranked, { x: upper, y, stroke: 'var(--text)', strokeWidth: 1.5, insetTop: 15, insetBottom: 15 }),
      ruleX([0], { stroke: 'var(--muted)' }),
      text(ranked, {
        x: (c) => Math.max(c.importance.value, upper(c)),
        y,
        text: (c) => index(c.importance.value),
        textAnchor: 'start',
        dx: 8,
        fill: 'var(--text)',
        fontVariant: 'tabular-nums',
      }),
    ],
  });
  drawing.setAttribute('preserveAspectRatio', 'none'); // for paper, which may be narrower
  drawing.prepend(stripes(ranked));
  return drawing;
}

const fillOf = ({ id, effect }: AnyConcept): string =>
  direction(effect) === 'against' ? `url(#stripes-${id})` : colourOf(id);

/** Diagonal stripes in the colour of each concept that speaks against the class. */
function stripes(ranked: readonly AnyConcept[]): SVGDefsElement {
  const defs = svg('defs', {});
  for (const { id, effect } of ranked) {
    if (direction(effect) !== 'against') continue;
    const pattern = svg('pattern', {
      id: `stripes-${id}`,
      width: '8',
      height: '8',
      patternUnits: 'userSpaceOnUse',
      patternTransform: 'rotate(45)',
    });
    pattern.append(
      svg('rect', { width: '8', height: '8', fill: colourOf(id), 'fill-opacity': '0.3' }),
      svg('rect', { width: '4', height: '8', fill: colourOf(id) }),
    );
    defs.append(pattern);
  }
  return defs;
}

function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
