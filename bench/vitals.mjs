// Figures of the report page as Lighthouse takes them, in Chromium, and what axe-core finds wrong with it.
//
//   npm run build && node bench/vitals.mjs [PAGE.html …]
//
// First and largest contentful paint; layout shift from the opening until the page has been scrolled to its end; blocking
// time: what tasks take beyond 50 ms each, from the first paint until all is drawn. Nothing is throttled. Without a page:
// the made-up one of 1,000 inputs and 50 concepts. Chromium is taken from $CHROME_PATH or /usr/bin/chromium.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { withFolder } from './data.mjs';
import { machine, table } from './measure.mjs';
import { writePage } from './report-page.mjs';

const windows = [
  ['1440 × 900', { viewport: { width: 1440, height: 900 } }],
  ['390 × 844, touch', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

await withFolder(async (folder) => {
  const pages = process.argv.slice(2).map((page) => resolve(page));
  if (pages.length === 0) {
    await writePage(folder, { inputs: 1000, concepts: 50, isAffine: true });
    pages.push(join(folder, 'index.html'));
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  console.log(`${machine()}, Chromium ${browser.version()}\n`);
  const rows = [];
  for (const page of pages) {
    for (const [name, options] of windows)
      rows.push([page, name, ...(await measure(browser, page, options))]);
  }
  await browser.close();
  const paints = ['first paint, ms', 'largest paint, ms', 'blocking time, ms', 'layout shift'];
  const rest = ['page, kB', 'files beside it, kB', 'wider than the window, px', 'axe light', 'axe dark'];
  console.log(table([['page', 'window', ...paints, ...rest], ...rows]));
});

async function measure(browser, path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.addInitScript(watch);
  const files = new Set();
  page.on('request', (request) => files.add(request.url()));
  const url = pathToFileURL(path).href;
  await page.goto(url);
  await page.locator('#take-away').waitFor({ state: 'attached' });
  await page.waitForTimeout(2000); // until all is drawn
  const { first, largest, blocking } = await page.evaluate(() => globalThis.vitals());
  await page.evaluate(scrollThrough);
  const { shift } = await page.evaluate(() => globalThis.vitals());
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const found = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    // colours on their way to others have other contrasts
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    found.push(await complaints(page));
  }
  await context.close();
  files.delete(url);
  const beside = [...files].filter((file) => file.startsWith('file:'));
  const bytes = beside.reduce((sum, file) => sum + statSync(fileURLToPath(file)).size, 0);
  const ms = [first, largest, blocking].map((time) => time.toFixed(0));
  const sizes = [statSync(path).size, bytes].map((size) => (size / 1000).toFixed(0));
  return [...ms, shift.toFixed(3), ...sizes, Math.max(0, wide), ...found];
}

/** Runs in the page, before its own script. */
function watch() {
  const seen = { 'largest-contentful-paint': [], longtask: [], 'layout-shift': [] };
  for (const [type, entries] of Object.entries(seen)) {
    new PerformanceObserver((list) => entries.push(...list.getEntries())).observe({ type, buffered: true });
  }
  globalThis.vitals = () => {
    const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    const late = seen.longtask.filter(({ startTime, duration }) => startTime + duration > first);
    return {
      first,
      largest: seen['largest-contentful-paint'].at(-1)?.startTime ?? first,
      blocking: late.reduce((sum, { duration }) => sum + duration - 50, 0),
      shift: seen['layout-shift'].reduce(
        (sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value),
        0,
      ),
    };
  };
}

/** Runs in the page: to its end, a screen at a time. */
async function scrollThrough() {
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
    scrollTo({ top, behavior: 'instant' });
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Names of the rules that the page breaks, and at how many places. */
async function complaints(page) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  return violations.map(({ id, nodes }) => `${id} (${nodes.length})`).join(', ') || 'nothing';
}
