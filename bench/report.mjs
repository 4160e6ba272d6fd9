// The report page with many inputs and concepts, in Chromium: its weight, first paint, and what it does after a reader
// has done something.
//
//   npm run build && node bench/report.mjs [INPUTS] [CONCEPTS] [REPEATS]
//
// The explanation is the made-up one of the tests: numbers and names of the size of a real run. What is measured is the
// page of an affine head, the heavier kind. Chromium is taken from $CHROME_PATH or /usr/bin/chromium.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { withFolder } from './data.mjs';
import { machine, median, table } from './measure.mjs';
import { kB, writePage } from './report-page.mjs';

const [inputs, concepts, repeats] = [1000, 50, 5].map((usual, k) => Number(process.argv[k + 2] ?? usual));

/** What a reader does: name, where, how. */
const steps = [
  ['choose a concept in the chart', '.chart-rows li:nth-child(5) button', 'click'],
  ['type a name', '.card .concept-name', 'type'],
  ['switch a concept on the maps', '.chip:nth-of-type(5)', 'click'],
  ['all concepts on the maps', '.map-controls .all-or-none button', 'click'],
  ['no concept on the maps', '.map-controls .all-or-none button:last-child', 'click'],
  ['open a group of inputs', '.input-group summary', 'click'],
  ['open the list of inputs', '.fact summary', 'click'],
  ['open a concept', '.card .card-link a', 'click'],
  ['back to the report', '.page-nav a', 'click'],
  ['open an image', '.map-name a', 'click'],
  ['switch a concept on the image', '.input-image .chip:nth-of-type(5)', 'click'],
];

await withFolder(async (folder) => {
  const other = await writePage(folder, { inputs, concepts, isAffine: false });
  const html = await writePage(folder, { inputs, concepts, isAffine: true });
  console.log(`${machine()}\n`);
  console.log(
    `page of ${inputs} inputs and ${concepts} concepts: ${kB(html)}; where the head is not affine ${kB(other)}\n`,
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
    const columns = [0, 1, 2].map((column) => runs.map((run) => run[name][column]));
    const spread = (times) => `${Math.min(...times).toFixed(0)} / ${median(times).toFixed(0)}`;
    return [name, ...columns.map(spread)];
  });
  const head = ['to the frame by the clock', 'processor until then', 'processor until all is drawn'];
  console.log(table([['ms, least / median', ...head], ...rows]));
});

/** Milliseconds to the frame, of processor until then, and until all is drawn: of the first paint, and of each step. */
async function measure(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  // the processor time of the page's thread, which other work on the machine hardly lengthens
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const rest = () => page.waitForTimeout(700);
  const start = await busy();
  await session.send('Page.enable');
  await session.send('Page.setLifecycleEventsEnabled', { enabled: true });
  const painted = firstPaint(session).then(busy);
  await page.goto(url);
  const atPaint = await painted;
  await page.locator('#take-away').waitFor({ state: 'attached' });
  await rest();
  const first = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0].startTime,
  );
  const times = { 'first paint': [first, atPaint - start, (await busy()) - start] };
  for (const [name, selector, how] of steps) {
    await page.evaluate(bringIntoView, selector);
    await rest();
    const before = await busy();
    const wall = await page.evaluate(act, { selector, how });
    const atFrame = await busy();
    await rest();
    times[name] = [wall, atFrame - before, (await busy()) - before];
  }
  await context.close();
  return times;
}

function firstPaint(session) {
  return new Promise((done) => {
    session.on('Page.lifecycleEvent', ({ name }) => name === 'firstContentfulPaint' && done());
  });
}

/** Runs in the page. */
function bringIntoView(selector) {
  document.querySelector(selector).scrollIntoView({ block: 'center', behavior: 'instant' });
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
