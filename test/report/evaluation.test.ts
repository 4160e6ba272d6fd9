// The evaluation and the switch between methods in the report, in a real browser.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/craft/attribution/evaluation.ts';
import { renderReport } from '../../src/report/render.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { makeExplanation, makeMaps, writeImages } from './fixture.ts';

const chromium = findChromium();
const explanation = makeExplanation({ concepts: 4, inputs: 6 });
const agreement = { fits: 2, mean: 0.9, least: 0.6, perConcept: [1, 0.6, 1, 1] };
const interval = (mean: number) => ({ mean, lower: mean - 0.1, upper: mean + 0.1, count: 6 });
const evaluation: Evaluation = {
  format: 'craft-xai/evaluation',
  version: 1,
  versions: {},
  model: explanation.model.sha256,
  class: explanation.class,
  settings: { methods: ['grad-cam', 'rise'], concepts: [0, 1], steps: 16, subsets: 32, baseline: 0, seed: 0 },
  images: [0, 1],
  maps: (['rise', 'random', 'grad-cam'] as const).map((method, k) => ({
    method,
    of: 'concept',
    deletion: interval(0.7 - 0.15 * k * k),
    insertion: interval(0.5 + 0.1 * k),
    muFidelity: null,
    seconds: k,
  })),
  skipped: [{ method: 'saliency', reason: 'no gradient of Mod' }],
  conceptOrders: (['importance', 'random'] as const).map((order) => ({
    order,
    deletion: { values: [1, 0.4, 0.2, 0.1, 0], auc: 0.3 },
    insertion: { values: [0, 0.6, 0.8, 0.9, 1], auc: 0.7 },
  })),
  stability: { seeds: agreement, halves: agreement },
  sparsity: { hoyer: 0.5, l0: 2 },
  timings: {},
};

describe.skipIf(chromium === null)('the evaluation in the report', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  const complaints: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'craft-evaluation-'));
    await writeImages(explanation, folder);
    const maps = makeMaps(explanation);
    const [E, , , r] = maps.dims;
    const fine = { data: new Float32Array(E * 20 * 30 * r).fill(0.5), dims: [E, 20, 30, r] };
    const html = renderReport({ explanation, maps, mapsBy: { 'grad-cam': fine }, evaluation });
    await writeFile(join(folder, 'index.html'), html);
    browser = await launchChromium(chromium!);
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${pathToFileURL(folder)}/index.html`);
    // the page's last part
    await page.locator('#take-away').waitFor({ state: 'attached' });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  it('lists the best method first, chance among them, and what was not tested', async () => {
    const rows = page.getByRole('table', { name: 'Maps of the concepts' }).locator('tbody th');
    expect(await rows.allTextContents()).toEqual(['Grad-CAM', 'Chance', 'RISE']);
    const section = page.locator('#evaluation');
    await expect(section.getByText('saliency (no gradient of Mod)').count()).resolves.toBe(1);
    await expect(section.getByText('mean cosine of 0.90').count()).resolves.toBe(1);
    expect(await section.getByRole('img', { name: /By importance 0\.30/ }).count()).toBe(1);
    expect(await section.locator('figure svg').count()).toBe(2);
  });

  it('marks what is clear of chance, in words too', async () => {
    const table = page.getByRole('table', { name: 'Maps of the concepts' });
    const cells = (name: string) => table.getByRole('row', { name }).locator('td').allTextContents();
    // the intervals of Grad-CAM, ± 0.1, touch those of chance in one test and leave them in the other
    expect((await cells('Grad-CAM')).slice(0, 2).map((text) => /better|worse/.exec(text)?.[0])).toEqual([
      'better',
      undefined,
    ]);
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await wide()).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('switches the maps', async () => {
    const width = () =>
      page
        .locator('#maps canvas')
        .first()
        .evaluate((c) => (c as HTMLCanvasElement).width / (c as HTMLCanvasElement).height);
    expect(await width()).toBe(1);
    await page.getByRole('radio', { name: 'Grad-CAM' }).check();
    await expect.poll(width).toBe(1.5);
    expect(complaints).toEqual([]);
  });
});
