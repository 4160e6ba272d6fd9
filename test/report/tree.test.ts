// Sub-concepts in the report, in a real browser.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explanationFromJson, explanationToJson } from '../../src/store/explanation.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { makeExplanation } from './fixture.ts';
import { type OpenReport, openReport } from './open-report.ts';
import { withTree } from './tree.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('sub-concepts in the report', () => {
  let browser: Browser;
  let report: OpenReport;
  // read as a reader of the file reads it, so that the fixture is a valid tree
  const explanation = explanationFromJson(explanationToJson(withTree(makeExplanation())));

  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    report = await openReport(browser, explanation, null);
  }, 60_000); // a browser on a busy machine
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  it('stand below the concept that they are of, with numbers, layer and crops', async () => {
    const card = report.page.locator('#card-1');
    const first = card.locator('.sub-concept').first();
    expect(await card.locator('.split > summary').first().textContent()).toContain(
      'Made of two sub-concepts',
    );
    expect(await card.locator('.split-reason').first().textContent()).toBe(
      'At layer3, they explain 62% of what one direction leaves of its 39 rows, against 8% by chance, and both halves of the rows agree on them (correlation 0.94).',
    );
    expect(await first.locator('h4').textContent()).toBe('Sub-concept 1.1');
    expect(await first.locator('.sub-numbers').first().textContent()).toContain(
      '0.70 of the concept’s importance (0.61 to 0.78)',
    );
    expect(await first.locator('.sub-numbers').first().textContent()).toContain('crops 1, 3 and 6 above');
    expect(await first.locator('> .crops .crop').count()).toBe(5);
    expect(await first.locator('h5').allTextContents()).toEqual(['Sub-concept 1.1.1', 'Sub-concept 1.1.2']);
    expect(report.complaints).toEqual([]);
  });

  it('say why a concept has none', async () => {
    const { page } = report;
    const reasons = await page.locator('.card > .split > .split-reason').allTextContents();
    expect(reasons).toHaveLength(explanation.concepts.length);
    expect(reasons[1]).toMatch(/^At each of two earlier layers, one direction explains all but 30%/);
    expect(reasons[4]).toBe('Only 5 rows stand for it: too few to tell groups from chance.');
    expect(reasons[6]).toContain('Too unimportant');
    expect(await page.locator('#card-2 .split').getAttribute('open')).toBeNull();
  });

  it('open and close by keyboard, and show a crop in its image under their own name', async () => {
    const { page } = report;
    const split = page.locator('#card-2 > .split');
    await split.locator('> summary').focus();
    await page.keyboard.press('Enter');
    expect(await split.getAttribute('open')).not.toBeNull();
    await split.locator('.tried > summary').focus();
    await page.keyboard.press('Enter');
    expect(await split.locator('.tried-table tbody tr').count()).toBe(2);
    const crop = page.getByRole('button', { name: /^Best crop 2 of Sub-concept 1\.2,/ });
    await crop.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.lightbox h2').textContent()).toContain('Sub-concept 1.2');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.lightbox h2').textContent()).toContain('crop 3 of');
    await page.keyboard.press('Escape');
    expect(report.complaints).toEqual([]);
  });

  it('name no two crops alike for a screen reader', async () => {
    const names = await report.page
      .locator('#card-1 .crop')
      .evaluateAll((all) => all.map((crop) => crop.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(names.length);
  });
});
