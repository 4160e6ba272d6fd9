// Time and peak memory of `craft-xai explain` over the number of images, with a straight line through CPU time and memory.
//
//   npm run build && node bench/growth.mjs [--sizes 50,100,200,400,800] [--rows crops,dense] [--threads 1] [--svg docs/growth.svg]
//
// The photographs are repeated under other names, each time encoded at another quality, so that no two files are the same.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withFolder } from './data.mjs';
import { growthPlot } from './growth-plot.mjs';
import { cli, machine, runExplain, settings, table } from './measure.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '../shared/data/models/mobilenet_v2_1.0_224_quant.tflite' },
    images: { type: 'string', default: '../shared/data/grocery/granny-smith' },
    class: { type: 'string', default: '949' },
    sizes: { type: 'string', default: '50,100,200,400,800' },
    rows: { type: 'string', default: 'crops,dense' },
    threads: { type: 'string', default: '1' },
    svg: { type: 'string', default: 'docs/growth.svg' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const threads = Number(values.threads);

const absent = [cli, values.model, values.images].filter((path) => !existsSync(path));
if (absent.length > 0) console.error(`SKIPPED bench/growth.mjs: no ${absent.join(', no ')}`);
else await withFolder(measureGrowth);

async function measureGrowth(folder) {
  const images = join(folder, 'images');
  await repeatPhotographs(values.images, images, Math.max(...sizes));
  console.log(`${machine()}, ${threads} thread${threads === 1 ? '' : 's'}`);
  console.log(`r = ${settings.concepts}, patch ${settings.patchSize}; one run a row\n`);
  const points = [];
  for (const rows of values.rows.split(',')) {
    for (const count of sizes) points.push(await measureOne(folder, images, rows, count));
  }
  const head = ['rows', 'images', 'rows of A', 'wall', 'CPU', 'peak memory'];
  console.log(table([head, ...points.map(rowOf)]));
  const series = [...new Set(points.map((point) => point.rows))].map((rows) => seriesOf(rows, points));
  console.log(`\n${table([['rows', 'line', 'R²'], ...series.flatMap(linesOf)])}`);
  writeFileSync(values.svg, growthPlot(series, { caption: `${machine()}, ${threads} thread(s)` }));
  console.log(`\n${values.svg}`);
}

/** `count` pictures; names in the order of the rounds, so that the first k are spread over all photographs. */
async function repeatPhotographs(source, target, count) {
  const { default: sharp } = await import('sharp');
  mkdirSync(target);
  const names = readdirSync(source)
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .sort();
  if (names.length === 0) throw new Error(`growth.mjs: no photographs in ${source}`);
  for (let k = 0; k < count; k++) {
    const round = Math.floor(k / names.length);
    const name = `${String(k).padStart(5, '0')}.jpg`;
    const quality = Math.max(60, 95 - round);
    await sharp(join(source, names[k % names.length]))
      .jpeg({ quality })
      .toFile(join(target, name));
  }
}

async function measureOne(folder, images, rows, count) {
  const run = { model: values.model, classId: values.class, images, rows, count, threads };
  const { wall, cpu, peak, explanation } = await runExplain(folder, run);
  return { rows, count, activations: explanation.factorization.rows, wall, cpu, mebibytes: peak / 2 ** 20 };
}

function rowOf({ rows, count, activations, wall, cpu, mebibytes }) {
  return [
    rows,
    count,
    activations,
    `${wall.toFixed(1)} s`,
    `${cpu.toFixed(1)} s`,
    `${mebibytes.toFixed(0)} MiB`,
  ];
}

function seriesOf(rows, points) {
  const own = points.filter((point) => point.rows === rows);
  return { rows, points: own, cpu: lineThrough(own, 'cpu'), mebibytes: lineThrough(own, 'mebibytes') };
}

/** Least squares y = intercept + slope · count. R² is 1 less the share of the variance that the line leaves. */
function lineThrough(points, key) {
  const n = points.length;
  const meanX = points.reduce((sum, { count }) => sum + count, 0) / n;
  const meanY = points.reduce((sum, point) => sum + point[key], 0) / n;
  let [xx, xy, yy] = [0, 0, 0];
  for (const point of points) {
    const [dx, dy] = [point.count - meanX, point[key] - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = xx === 0 ? 0 : xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: xx === 0 || yy === 0 ? 1 : (xy * xy) / (xx * yy) };
}

function linesOf({ rows, cpu, mebibytes }) {
  return [
    [
      rows,
      `CPU = ${cpu.intercept.toFixed(2)} s + ${(cpu.slope * 1000).toFixed(1)} ms an image`,
      cpu.r2.toFixed(4),
    ],
    [
      rows,
      `peak memory = ${mebibytes.intercept.toFixed(0)} MiB + ${mebibytes.slope.toFixed(3)} MiB an image`,
      mebibytes.r2.toFixed(4),
    ],
  ];
}
