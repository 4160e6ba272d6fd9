// A report that has everything: sub-concepts, maps by several methods, other fits and an evaluation.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/craft/attribution/evaluation.ts';
import { explanationFromJson, explanationToJson } from '../../src/store/explanation.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { noteShifts, shifts, sideways, violations, visit } from './checks.ts';
import { makeExplanation, makeMaps, makeMatrices } from './fixture.ts';
import { type OpenReport, openReport } from './open-report.ts';
import { withRobustness } from './robustness.ts';
import { withTree } from './tree.ts';

const chromium = findChromium();
const CONCEPTS = 6;

// read as a reader of the file reads it, so that the fixture is valid
const explanation = explanationFromJson(
  explanationToJson(withRobustness(withTree(makeExplanation({ concepts: CONCEPTS })))),
);
const maps = makeMaps(explanation);
const falling = Array.from({ length: CONCEPTS + 1 }, (_, k) => 0.5 ** k);
const evaluation: Evaluation = {
  format: 'craft-xai/evaluation',
  version: 1,
  versions: {},
  model: explanation.model.sha256,
  class: explanation.class,
  settings: { methods: ['latent'], concepts: [0, 1], steps: 16, subsets: 32, baseline: 0, seed: 0 },
  images: [0, 1],
  maps: [],
  skipped: [],
  conceptOrders: [
    {
      order: 'importance',
      deletion: { values: falling, auc: 0.3 },
      insertion: { values: falling.map((v) => 1 - v), auc: 0.7 },
    },
  ],
  stability: null,
  sparsity: { hoyer: 0.5, l0: 2 },
  timings: {},
};

describe.skipIf(chromium === null)('a report with everything', () => {
  let browser: Browser;
  let report: OpenReport;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    const mapsBy = { 'grad-cam': makeMaps(explanation, 8), occlusion: makeMaps(explanation, 9) };
    report = await openReport(
      browser,
      explanation,
      maps,
      {},
      {
        mapsBy,
        evaluation,
        ...makeMatrices(explanation),
      },
    );
    page = report.page;
  }, 60_000); // a browser on a busy machine
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  it('shows what other numbers of concepts give, as a curve and as a table', async () => {
    const curve = page.locator('.rank-curve');
    expect(await curve.locator('svg [aria-label=dot] circle').count()).toBe(2 * 4);
    // R² is drawn where it is: below the line of 0
    const kept = curve.locator('figure', { hasText: 'What is kept' });
    const zero = await kept.locator('svg [aria-label=rule] line').first().boundingBox();
    const least = await kept.locator('svg [aria-label=dot] circle').first().boundingBox();
    expect(least!.y).toBeGreaterThan(zero!.y + 40);
    await curve.locator('summary').click();
    const rows = await curve.locator('tbody tr').evaluateAll((all) => all.map((row) => row.textContent));
    expect(rows).toHaveLength(4);
    // 0.6 · 0.92⁶ = 0.364; 1 − 0.7 · 0.8⁶ = 0.816; the same fit matches itself
    expect(rows[2]).toBe('6 this report36%0.821.00');
  });

  it('says how well each concept is found again, in the report and on its page', async () => {
    const { seeds, halves } = explanation.robustness!.stability;
    const cells = page.locator('.stability-table tbody tr').first().locator('td');
    expect(await cells.allTextContents()).toEqual(
      [seeds, halves].map(({ perConcept }) => perConcept[0].toFixed(2)),
    );
    await visit(page, '#concept-5');
    const found = page.locator('section', { has: page.getByRole('heading', { name: 'Is it found again?' }) });
    // concept 5 is in the fits with 5, 6 and 10 concepts, and not in that with 3; its cosine is 0.98 − 0.2 there
    await expect.poll(() => found.locator('svg [aria-label=dot] circle').count()).toBe(3);
    const hollow = 'svg [aria-label=dot] circle[fill="var(--surface)"]';
    expect(await found.locator(hollow).count()).toBe(2);
    await found.locator('summary').click();
    expect(await found.locator('tbody th').allTextContents()).toEqual(['5', '6 this report', '10']);
  });

  it('shows a concept by each method that has maps, and changes the method on an image too', async () => {
    await visit(page, '#concept-1');
    const methods = page.locator('.sub-page .method-maps');
    expect(await methods.count()).toBe(3);
    expect(await methods.first().locator('canvas').count()).toBe(4);
    await visit(page, '#input-1');
    const gradCam = page.locator('.input-image').getByRole('radio', { name: 'Grad-CAM' });
    await gradCam.check();
    await visit(page, '#report');
    expect(await page.locator('#maps').getByRole('radio', { name: 'Grad-CAM' }).isChecked()).toBe(true);
  });

  it('gives the matrices, the citation and the groups of like concepts', async () => {
    await visit(page, '#report');
    const link = page.getByRole('link', { name: 'concepts.safetensors' });
    expect(await link.getAttribute('href')).toBe('concepts.safetensors');
    await page.getByText('Cite the method').click();
    expect(await page.locator('#method pre').last().textContent()).toContain(String.raw`B{\'e}thune, Louis`);
    // the made-up directions have nothing in common
    await page.getByText('each is an idea of its own').waitFor();
  });

  it('has a table behind each drawing', async () => {
    for (const hash of ['#report', '#concept-1']) {
      await visit(page, hash);
      const bare = await page.evaluate(() =>
        [...document.querySelectorAll('main [role=img] svg, .chart-plot svg, .histogram, .cosine-map canvas')]
          .map((drawing) => drawing.closest('section')!)
          .filter((section) => !section.querySelector('details table, .scroll table'))
          .map((section) => section.id),
      );
      expect(bare, hash).toEqual([]);
    }
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe-core complains of when %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const hash of ['#report', '#concept-1', '#input-2']) {
        await visit(page, hash);
        expect(await violations(page), hash).toEqual([]);
      }
    },
  );

  it('does not move while its images come, nor when it is scrolled', async () => {
    await noteShifts(page);
    let late = 0;
    await page.route(/\.png$/, async (route) => {
      late++;
      await new Promise((done) => setTimeout(done, 200));
      await route.continue();
    });
    for (const hash of ['', '#concept-1', '#input-1']) {
      await page.goto('about:blank');
      await page.goto(`${report.home}index.html${hash}`);
      await page.locator('#take-away').waitFor({ state: 'attached' });
      for (let screen = 0; screen < 4; screen++) {
        await page.evaluate(() => scrollBy({ top: 800, behavior: 'instant' }));
        await page.waitForTimeout(100);
      }
      expect(await shifts(page), hash).toEqual([]);
    }
    expect(late).toBeGreaterThan(0);
    await page.unroute(/\.png$/);
  });

  it('reads pictures when they come near, and all of them to be printed', async () => {
    const context = await browser.newContext(); // with nothing in memory
    const fresh = await context.newPage();
    await fresh.goto(`${report.home}index.html`);
    await fresh.locator('#take-away').waitFor({ state: 'attached' });
    await fresh.waitForTimeout(500);
    const waiting = () =>
      fresh.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).length);
    expect(await waiting()).toBeGreaterThan(0);
    await fresh.pdf();
    expect(await waiting()).toBe(0);
    await context.close();
  });

  it('does not scroll sideways on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const hash of ['#concept-1', '#input-1', '#report']) {
      await visit(page, hash);
      expect(await sideways(page), hash).toBeLessThanOrEqual(0);
    }
    expect(report.complaints).toEqual([]);
  });
});
