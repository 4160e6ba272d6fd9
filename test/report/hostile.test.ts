// Reports that nobody hopes for: strings made to break out, missing parts, very long names, small screens.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/craft/explanation.ts';
import { warningsOf } from '../../src/craft/warnings.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { makeExplanation, makeMaps } from './fixture.ts';
import { type OpenReport, openReport } from './open-report.ts';

const chromium = findChromium();
const attack = '</script><img src=x onerror="alert(1)"><!--<script>$& {{ }} \u2028\u2029';

/** Puts `text` at the place of every string that a file may bring. */
function withStrings(text: string): Explanation {
  const e = makeExplanation({ concepts: 3, inputs: 4 });
  e.model.name = `${text}.onnx`;
  e.class.label = text;
  e.layer.name = text;
  e.inputs.source = text;
  e.inputs.items.forEach((item) => {
    item.name = `${text}/${text}.jpg`;
    item.predicted = { ...item.predicted, id: 3, label: text };
  });
  e.inputs.skipped = [{ name: text, reason: text }];
  e.concepts.forEach((concept) => {
    concept.label = text;
  });
  e.warnings = [text];
  e.versions = { [text]: text };
  return e;
}

const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

describe.skipIf(chromium === null)('the report with what it should survive', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(chromium!);
  }, 60_000); // a browser on a busy machine
  afterAll(() => browser?.close());

  async function withReport(
    explanation: Explanation,
    width: number,
    check: (report: OpenReport) => Promise<void>,
  ): Promise<void> {
    const maps = explanation.examples.length > 0 ? makeMaps(explanation) : null;
    const report = await openReport(browser, explanation, maps, { viewport: { width, height: 800 } });
    try {
      await check(report);
    } finally {
      await report.close();
    }
  }

  it('shows strings of markup as text', async () => {
    await withReport(withStrings(attack), 1280, async ({ page, complaints, requests }) => {
      await page.locator('.card .crop').first().click();
      await page.getByRole('dialog').waitFor();
      expect(await page.locator('.card h3').first().textContent()).toContain(
        '</script><img src=x onerror="alert(1)">',
      );
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });
  });

  it('asks for no image outside of its folder, and shows a placeholder with the name', async () => {
    const e = makeExplanation({ concepts: 2, inputs: 5 });
    const paths = [
      'https://example.com/a.png',
      '//example.com/a.png',
      '../a.png',
      'javascript:alert(1)',
      null,
    ];
    e.inputs.items.forEach((item, i) => {
      item.image = paths[i];
    });
    await withReport(e, 1280, async ({ page, complaints, requests }) => {
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('.map-tile .no-picture').allTextContents()).toEqual(
        e.inputs.items.map(({ name }) => name.replace('shelf/', '')),
      );
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });
  });

  it('shows a placeholder where a file is missing', async () => {
    const e = makeExplanation({ concepts: 2, inputs: 2, examples: 0 });
    e.inputs.items[0].image = 'other/gone #1?.png';
    await withReport(e, 1280, async ({ page }) => {
      await page.locator('.card .no-picture').first().waitFor();
      expect(await page.locator('.card .no-picture').first().textContent()).toBe('IMG_2040.jpg');
    });
  });

  it('warns where the concepts do not rebuild the score, and does without maps', async () => {
    const e = makeExplanation({ concepts: 1, inputs: 2, examples: 0 });
    e.completeness.r2 = 0.31;
    e.warnings = warningsOf(e);
    await withReport(e, 1280, async ({ page, complaints }) => {
      expect(await page.getByRole('complementary', { name: 'Warnings' }).textContent()).toContain('R² 0.31');
      expect(await page.locator('#maps').count()).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  it('says so where its data are damaged', async () => {
    const e = makeExplanation({ concepts: 1, inputs: 1, examples: 0 });
    const other = { ...e, format: 'another' } as unknown as Explanation;
    await withReport(other, 1280, async ({ page, complaints }) => {
      expect(await page.locator('h1').textContent()).toBe('This report cannot be read');
      expect(complaints).toEqual([]);
    });
  });

  it.each([390, 360])('has no sideways scroll at %i pixels, also with long names', async (width) => {
    await withReport(withStrings('Wide'.repeat(250)), width, async ({ page }) => {
      expect(await scrollsSideways(page)).toBe(false);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await scrollsSideways(page)).toBe(false);
    });
  });

  it('takes thirty concepts', async () => {
    await withReport(makeExplanation({ concepts: 30, inputs: 6 }), 390, async ({ page, complaints }) => {
      await expect.poll(() => page.locator('.card').count()).toBe(30); // a dozen a frame
      await page.getByRole('button', { name: 'All', exact: true }).click();
      expect(await page.locator('.chip[aria-pressed=true]').count()).toBe(30);
      expect(await scrollsSideways(page)).toBe(false);
      expect(complaints).toEqual([]);
    });
  });
});
