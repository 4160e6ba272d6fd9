// Two panels over the number of images: seconds and MiB, points and the line through them, as SVG text.

const panel = { width: 330, height: 240, left: 58, right: 14, top: 34, bottom: 42 };
const colours = ['#2563a8', '#c2570c', '#4d7c0f'];

/**
 * @param {{ rows: string, points: { count: number, cpu: number, mebibytes: number }[], cpu: Line, mebibytes: Line }[]} series
 * @typedef {{ slope: number, intercept: number }} Line
 * @returns {string} an SVG document.
 */
export function growthPlot(series, { caption }) {
  const [width, height] = [2 * panel.width, panel.height + 26];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="#222" role="img" aria-label="Time and peak memory over the number of images">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    panelOf(series, 'cpu', 'CPU time, s', 0),
    panelOf(series, 'mebibytes', 'Peak memory, MiB', panel.width),
    `<text x="${width / 2}" y="${height - 9}" text-anchor="middle" fill="#666">${escaped(caption)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function panelOf(series, key, title, offset) {
  const all = series.flatMap(({ points }) => points);
  const x = scale(Math.max(...all.map(({ count }) => count)), panel.left, panel.width - panel.right);
  const y = scale(Math.max(...all.map((point) => point[key])), panel.height - panel.bottom, panel.top);
  return [
    `<g transform="translate(${offset} 0)">`,
    `<text x="${panel.left}" y="16" font-weight="600">${title}</text>`,
    ...y.ticks.map(
      (v) =>
        `<path d="M${panel.left} ${y.at(v)}H${panel.width - panel.right}" stroke="#ddd"/><text x="${panel.left - 6}" y="${y.at(v)}" dy="0.32em" text-anchor="end">${v}</text>`,
    ),
    ...x.ticks.map(
      (v) => `<text x="${x.at(v)}" y="${panel.height - panel.bottom + 16}" text-anchor="middle">${v}</text>`,
    ),
    `<text x="${(panel.left + panel.width - panel.right) / 2}" y="${panel.height - 8}" text-anchor="middle">images</text>`,
    ...series.map((one, k) => seriesOf(one, key, k, x, y)),
    '</g>',
  ].join('\n');
}

function seriesOf(series, key, k, x, y) {
  const { rows, points, [key]: line } = series;
  const colour = colours[k % colours.length];
  const end = x.top;
  const labelX = panel.left + 8 + k * 60;
  return [
    `<path d="M${x.at(0)} ${y.at(line.intercept)}L${x.at(end)} ${y.at(line.intercept + line.slope * end)}" stroke="${colour}" fill="none"/>`,
    ...points.map(
      (point) => `<circle cx="${x.at(point.count)}" cy="${y.at(point[key])}" r="3" fill="${colour}"/>`,
    ),
    `<text x="${labelX}" y="${panel.top - 5}" fill="${colour}">● ${escaped(rows)}</text>`,
  ].join('\n');
}

/** 0 … a round number ≥ largest, onto pixels `from` … `to`. */
function scale(largest, from, to) {
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((size) => size >= rough);
  const steps = Math.ceil(largest / step);
  const top = steps * step;
  return {
    top: largest,
    ticks: Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(6))),
    at: (v) => Number((from + (v / top) * (to - from)).toFixed(1)),
  };
}

function escaped(text) {
  return text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
}
