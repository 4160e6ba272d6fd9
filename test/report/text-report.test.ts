// The report of a run on texts, and the pages of concepts and inputs, in a real browser.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTextReport } from '../../src/report/render.ts';
import { textExplanationFromJson, textExplanationToJson } from '../../src/store/text-explanation.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { violations, visit } from './checks.ts';
import { makeExplanation, makeMaps } from './fixture.ts';
import { type OpenReport, openHtml, openReport } from './open-report.ts';
import { ATTACK, makeTextRun } from './text-fixture.ts';

const chromium = findChromium();
const START = 60_000; // a browser on a busy machine

describe.skipIf(chromium === null)('the report of texts', () => {
  let browser: Browser;
  let report: OpenReport;
  const run = makeTextRun();
  // read as a reader of the file reads it, so that the fixture is a valid explanation
  const explanation = textExplanationFromJson(textExplanationToJson(run.explanation));

  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    report = await openHtml(browser, renderTextReport({ ...run, explanation }), async () => undefined, {
      reducedMotion: 'reduce',
    });
  }, START);
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  }, 60_000); // a browser on a busy machine

  it('shows units in their texts, under draft names that can be changed', async () => {
    const { page } = report;
    const card = page.locator('#card-1');
    const { bestUnits, draft } = explanation.concepts[0];
    const [start, end] = bestUnits[0].span;
    const words = explanation.inputs.items[bestUnits[0].input].text!.slice(start, end);
    expect(await card.locator('.unit-words').first().textContent()).toBe(words);
    const field = page.getByLabel('Name of concept 1', { exact: true });
    expect(await field.getAttribute('placeholder')).toBe(draft.text);
    expect(await card.locator('.draft-note').count()).toBe(1);
    await field.fill('Bait');
    expect(await card.locator('.draft-note').count()).toBe(0);
    expect(await page.locator('.chart-name').first().textContent()).toBe('Bait');
    await field.fill('');
    expect(await page.locator('.chart-name').first().textContent()).toBe(draft.text);
  });

  it('tints the words that a concept needs and no others, one switch a concept', async () => {
    const { page } = report;
    await page.locator('#maps').getByRole('button', { name: 'None' }).click();
    expect(await page.locator('.text-tile mark').count()).toBe(0);
    const { id } = explanation.concepts[1];
    await page.locator('.chip').nth(1).focus();
    await page.keyboard.press('Space');
    const { spans, scores, input } = explanation.heatmaps[0];
    const text = explanation.inputs.items[input].text!;
    const largest = Math.max(...explanation.heatmaps.flatMap((map) => map.scores.map((row) => row[id])));
    const needed = spans.filter((_, k) => scores[k][id] >= 0.08 * largest).map(([a, b]) => text.slice(a, b));
    expect(needed.length).toBeGreaterThan(0);
    expect(await page.locator('.text-tile').first().locator('mark').allTextContents()).toEqual(needed);
    const tint = await page
      .locator('.text-tile mark')
      .first()
      .evaluate((m) => getComputedStyle(m).backgroundColor);
    expect(tint).not.toMatch(/, 0\)$|transparent/);
  });

  it('says how many texts it does not list', async () => {
    const many = makeTextRun({ texts: 40 });
    const html = renderTextReport({ ...many, leftOut: { texts: 1_999_960, agreeing: 1_234_567 } });
    const large = await openHtml(browser, html, async () => undefined);
    const fact = await large.page.locator('.fact', { hasText: 'Inputs' }).first().textContent();
    expect(fact).toContain('2,000,000 texts used');
    expect(fact).toContain('says this class for 1,234,567 of them');
    expect(fact).toContain('40 of them have a page here');
    expect(large.complaints).toEqual([]);
    await large.close();
  });

  it('shows texts as they are: markup as text, right to left, long ones folded', async () => {
    const { page, complaints, requests } = report;
    expect(await page.locator('.heat-text').nth(3).textContent()).toContain(ATTACK);
    expect(await page.locator('img').count()).toBe(0);
    const direction = await page
      .locator('.heat-text')
      .nth(2)
      .evaluate((p) => getComputedStyle(p).direction);
    expect(direction).toBe('rtl');
    const long = page.locator('.text-tile').nth(5);
    await long.locator('summary').focus();
    await page.keyboard.press('Enter');
    await long.locator('.heat-text').nth(1).waitFor();
    const shown = await long.locator('.heat-text').allTextContents();
    expect(shown.join('')).toBe(explanation.inputs.items[5].text);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('compares the groups as a drawing, in words and as a table', async () => {
    const { page } = report;
    expect(await page.locator('.compare-chart [aria-label=dot] path').count()).toBe(8);
    const used = page.locator('.readings div').first();
    expect(await used.textContent()).toContain('Tells apart and is used');
    expect(await used.textContent()).toContain(explanation.concepts[4].draft.text);
    const before = await page.locator('.compare-chart svg').innerHTML();
    await page.locator('.compare-controls').getByLabel('ham').check();
    expect(await page.locator('.compare-chart svg').innerHTML()).not.toBe(before);
    expect(await page.locator('#compare tbody tr').count()).toBe(8);
  });

  it('has a page for a concept, with examples, counter-examples and links to others', async () => {
    const { page } = report;
    await visit(page, '#concept-3');
    expect(await page.locator('.example-group h3').allTextContents()).toEqual([
      'Strongest',
      'Typical',
      'Without it',
    ]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page-title');
    expect(await page.locator('.histogram-bars span').count()).toBe(24);
    expect(await page.locator('.similar li').count()).toBe(5);
    await page.locator('.similar a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash !== '#concept-3');
    expect(await page.locator('.sub-page').count()).toBe(1);
    await page.goBack();
    await page.locator('.page-nav a').first().click();
    await page.locator('.verdict').waitFor();
  });

  it('changes the score of a text by closed form when a concept is turned down', async () => {
    const { page } = report;
    await visit(page, '#input-1');
    const output = page.locator('.live output');
    const { logit } = explanation.inputs.items[0];
    expect(await output.textContent()).toBe(logit.toFixed(2));
    const parts = run.U_texts.data;
    const id = 0;
    const slider = page.getByLabel(`Keep of ${explanation.concepts[id].draft.text}`);
    await slider.focus();
    await page.keyboard.press('Home'); // removed
    // 16 bits hold a part to 5e-5; two decimals are shown
    expect(Number((await output.textContent())!.replace('−', '-'))).toBeCloseTo(logit - 3 * parts[id], 1);
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await output.textContent()).toBe(logit.toFixed(2));
    await visit(page, '#report');
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe-core complains of when %s',
    async (colorScheme) => {
      const { page } = report;
      await page.emulateMedia({ colorScheme });
      for (const hash of ['#report', '#concept-2', '#input-3']) {
        await visit(page, hash);
        expect(await violations(page), hash).toEqual([]);
      }
      await visit(page, '#report');
    },
  );

  it('does not scroll sideways on a phone', async () => {
    const { page } = report;
    await page.setViewportSize({ width: 390, height: 800 });
    for (const hash of ['#concept-1', '#input-6', '#report']) {
      await visit(page, hash);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over, hash).toBeLessThanOrEqual(0);
    }
  });
});

describe.skipIf(chromium === null)('the pages of a report on images', () => {
  let browser: Browser;
  let report: OpenReport;
  const explanation = makeExplanation();
  const r = explanation.concepts.length;
  const N = explanation.inputs.items.length;
  const perInput = Float32Array.from({ length: N * r }, (_, k) => ((k * 7) % 11) / 20);

  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    explanation.class.label = '<img onerror>';
    report = await openReport(
      browser,
      explanation,
      makeMaps(explanation),
      {},
      {
        importance_per_input: { data: perInput, dims: [N, r] },
      },
    );
  }, START);
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  it('show a class of markup as text, an input with its maps, and why the sliders are off', async () => {
    const { page, complaints } = report;
    expect(await page.locator('h1').first().textContent()).toContain('<img onerror>');
    await visit(page, '#input-2');
    expect(await page.locator('.sub-page canvas').count()).toBe(1);
    expect(await page.locator('.local').textContent()).toContain('The sliders are off');
    expect(await page.locator('.local input[type=range]:disabled').count()).toBe(r);
    const first = await page.locator('.local-importance').first().textContent();
    expect(first).toContain(Math.max(...perInput.subarray(r, 2 * r)).toFixed(2));
    expect(complaints).toEqual([]);
  });

  it('lead from a group of inputs to an input, and from a concept to its maps', async () => {
    const { page } = report;
    await visit(page, '#report');
    await page.locator('.input-group summary').first().click();
    await page.locator('.input-group .thumb a').first().click();
    await page.locator('.sub-page').waitFor();
    await visit(page, '#concept-4');
    await page.getByRole('button', { name: 'Show it on the images' }).click();
    await page.locator('.verdict').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'maps-title');
    expect(await page.locator('.chip[aria-pressed=true]').allTextContents()).toEqual(['4Concept 4']);
  });

  it.each(['light', 'dark'] as const)(
    'have nothing that axe-core complains of when %s',
    async (colorScheme) => {
      const { page } = report;
      await page.emulateMedia({ colorScheme });
      for (const hash of ['#report', '#concept-2', '#input-3']) {
        await visit(page, hash);
        expect(await violations(page), hash).toEqual([]);
      }
    },
  );
});
