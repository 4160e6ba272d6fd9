// The report page with many inputs and concepts, in Chromium: its weight, first paint, and time to the next frame after
// what a reader does.
//
//   npm run build && node bench/report.mjs [INPUTS] [CONCEPTS] [REPEATS]
//
// The explanation is made up: numbers and names of the size of a real run, 16 examples with maps of 7 × 7. Chromium is
// taken from $CHROME_PATH or /usr/bin/chromium.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { renderReport } from '../dist/node.js';
import { random } from '../dist/tensor/random.js';
import { withFolder } from './data.mjs';
import { machine, median, table } from './measure.mjs';

const inputs = Number(process.argv[2] ?? 1000);
const concepts = Number(process.argv[3] ?? 50);
const repeats = Number(process.argv[4] ?? 5);
const [SIZE, PATCH, STRIDE, GRID, EXAMPLES, WIDTH] = [224, 64, 51, 7, 16, 512];
/** Images that stand beside the page: a run writes those that it shows. */
const IMAGES = 64;
const CROPS = 16;

await withFolder(async (folder) => {
  const { html, explanation } = make();
  writeFileSync(join(folder, 'index.html'), html);
  mkdirSync(join(folder, 'assets/inputs'), { recursive: true });
  for (let k = 0; k < IMAGES; k++) writeFileSync(join(folder, `assets/inputs/${k}.webp`), await picture(k));
  console.log(`${machine()}\n`);
  console.log(
    `page of ${inputs} inputs and ${concepts} concepts: ${kB(html)}, of it data ${kB(JSON.stringify(explanation))} of explanation\n`,
  );
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const runs = [];
  for (let k = 0; k < repeats; k++)
    runs.push(await measure(browser, pathToFileURL(join(folder, 'index.html')).href));
  await browser.close();
  const rows = Object.keys(runs[0]).map((name) => {
    const columns = [0, 1].map((column) => runs.map((run) => run[name][column]));
    return [
      name,
      ...columns.flatMap((times) => [Math.min(...times), median(times)].map((t) => t.toFixed(0))),
    ];
  });
  console.log(table([['ms', 'least', 'median', 'processor, least', 'median'], ...rows]));
});

function make() {
  const rng = random(0);
  const r = concepts;
  const fill = (n, of = () => rng.uniform()) => Float32Array.from({ length: n }, of);
  const rows = inputs * CROPS;
  const perSide = Math.sqrt(CROPS);
  const boxOf = (k) => ({
    x: STRIDE * (k % perSide),
    y: STRIDE * Math.floor(k / perSide),
    width: PATCH,
    height: PATCH,
  });
  const explanation = {
    format: 'craft-xai/explanation',
    version: 1,
    versions: { 'craft-xai': '0.1.0' },
    model: {
      name: 'made-up.onnx',
      format: 'onnx',
      sha256: '0'.repeat(64),
      bytes: 1e8,
      input: { name: 'x', dims: [null, 3, SIZE, SIZE] },
      output: { name: 'y', dims: [null, 1000] },
      classes: 1000,
    },
    layer: {
      tensor: 'relu',
      name: 'relu',
      op: 'Relu',
      dims: [null, WIDTH, GRID, GRID],
      layout: 'NCHW',
      prefixTokens: 0,
      chosenBy: 'suggestion',
      nonNegative: true,
      head: 'affine',
      cutCheck: { inputs: 4, maxAbsDifference: 0, maxAbsLogit: 10 },
    },
    class: { id: 7, label: 'Granny Smith' },
    preprocess: {
      width: SIZE,
      height: SIZE,
      channels: 3,
      channelOrder: 'RGB',
      layout: 'NCHW',
      resizeMode: 'shortest-edge',
      shortestEdge: 256,
      interpolation: 'bilinear',
      rescale: 1 / 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      origin: 'file',
      notes: [],
    },
    settings: {
      numberOfConcepts: r,
      rows: 'crops',
      patchSize: PATCH,
      stride: STRIDE,
      batchSize: 64,
      factorizer: 'auto',
      nbDesign: 32,
      sampler: 'sobol',
      estimator: 'jansen',
      confidence: 0.95,
      seed: 0,
      limit: null,
    },
    inputs: {
      kind: 'image',
      source: 'images',
      items: Array.from({ length: inputs }, (_, n) => ({
        name: `shelf/IMG_${10000 + n}.jpg`,
        logit: 10 * rng.uniform(),
        predicted: { id: n % 9 ? 7 : 8, label: n % 9 ? 'Granny Smith' : 'Golden Delicious', logit: 10 },
        image: `assets/inputs/${n % IMAGES}.webp`,
      })),
      skipped: [],
    },
    factorization: {
      method: 'nmf',
      rows,
      width: WIDTH,
      iterations: 100,
      converged: true,
      loss: 1,
      relativeError: 0.3,
    },
    importance: { method: 'sobol', degenerate: 0, sum: 1, headEvaluations: 1 },
    completeness: { r2: 0.9, correlation: 0.95, bias: 0, top1Agreement: 0.95, relativeError: 0.3 },
    concepts: Array.from({ length: r }, (_, id) => {
      const value = 0.3 * 0.9 ** id;
      return {
        id,
        importance: { value, lower: 0.9 * value, upper: 1.1 * value },
        effect: (id % 3 ? 1 : -1) * value,
        prevalence: rng.uniform(),
        sparsity: rng.uniform(),
        aboveNext: id + 1 < r ? 0.9 : null,
        label: null,
        bestRows: Array.from({ length: 10 }, () => {
          const row = rng.below(rows);
          return { row, input: Math.floor(row / CROPS), box: boxOf(row % CROPS), value: rng.uniform() };
        }),
      };
    }),
    examples: Array.from({ length: EXAMPLES }, (_, n) => n),
    warnings: [],
    timings: {},
  };
  const html = renderReport({
    explanation,
    maps: { data: fill(EXAMPLES * GRID * GRID * r), dims: [EXAMPLES, GRID, GRID, r] },
    W: { data: fill(r * WIDTH), dims: [r, WIDTH] },
    U: { data: fill(rows * r, () => Math.max(0, rng.uniform() - 0.5)), dims: [rows, r] },
    importance_per_input: { data: fill(inputs * r), dims: [inputs, r] },
  });
  return { html, explanation };
}

function picture(k) {
  const background = `hsl(${(360 * k) / IMAGES} 50% 50%)`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}"><rect width="100%" height="100%" fill="${background}"/><circle cx="${k * 3}" cy="100" r="40" fill="#fff"/></svg>`;
  return sharp(Buffer.from(svg)).webp().toBuffer();
}

/** Milliseconds to the first paint, and from what a reader does to the frame after it: by the clock, of the processor. */
async function measure(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('.card').first().waitFor();
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  const first = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0].startTime,
  );
  // the processor time of the page's thread, which other work on the machine does not lengthen
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const steps = [
    ['choose a concept in the chart', '.chart-row:nth-of-type(1)', 'click'],
    ['type a name', '.card .concept-name', 'type'],
    ['switch a concept on the maps', '.chip:nth-of-type(5)', 'click'],
    ['open a group of inputs', '.input-group summary', 'click'],
    ['open the list of inputs', '.fact summary', 'click'],
    ['open a concept', '.card .card-link a', 'click'],
    ['back to the report', '.page-nav a', 'click'],
    ['open an image', '.map-name a', 'click'],
  ];
  const times = { 'first paint': [first, await busy()] };
  for (const [name, selector, how] of steps) {
    const before = await busy();
    const wall = await page.evaluate(act, { selector, how });
    times[name] = [wall, (await busy()) - before];
    await page.waitForTimeout(300);
  }
  await context.close();
  return times;
}

/** Runs in the page. The second frame begins when the first one, with the change, has been drawn. */
async function act({ selector, how }) {
  const element = document.querySelector(selector);
  const start = performance.now();
  if (how === 'click') element.click();
  else {
    element.value = 'A name';
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }
  if (how === 'click' && element.tagName === 'A')
    await new Promise((done) => addEventListener('hashchange', done, { once: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}

function kB(text) {
  return `${(Buffer.byteLength(text) / 1000).toFixed(0)} kB`;
}
