// The report in a real browser, opened from a file.

import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../chromium.ts';
import { makeExplanation, makeMaps } from './fixture.ts';
import { type OpenReport, openReport } from './open-report.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('the report in Chromium', () => {
  let browser: Browser;
  let report: OpenReport;
  const explanation = makeExplanation();
  const maps = makeMaps(explanation);

  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    report = await openReport(browser, explanation, maps, { acceptDownloads: true });
  }, 60_000); // a browser on a busy machine
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  it('opens from a file without a complaint and asks for nothing but its images', async () => {
    const images = await report.page.locator('img').evaluateAll((all) =>
      Promise.all(
        (all as HTMLImageElement[]).map((image) => {
          image.loading = 'eager'; // those far below would wait for the reader
          return image.decode(); // waits for an image and fails for a broken one
        }),
      ),
    );
    expect(images.length).toBeGreaterThan(explanation.examples.length);
    expect(report.complaints).toEqual([]);
    expect(report.requests).toEqual([]);
  });

  it('says what the numbers say', async () => {
    const { page } = report;
    expect(await page.locator('h1').textContent()).toBe('Why does resnet18-fruit say Granny Smith?');
    // values fall by 0.66 a concept: the first four hold 1 − 0.66⁴ = 81%, the first three 71%
    expect(await page.locator('.headline').textContent()).toMatch(/^Four of eight concepts hold 8\d% /);
    expect(await page.locator('.facts').textContent()).toContain('R² 0.87');
  });

  it('shows every concept in the chart, the table, the cards and the chips', async () => {
    const { page } = report;
    for (const selector of ['.chart-row', '.as-table tbody tr', '.card', '.chip']) {
      expect(await page.locator(selector).count(), selector).toBe(explanation.concepts.length);
    }
    // one bar in the drawing for each
    expect(
      await page.locator('.chart-plot [aria-label=bar] path, .chart-plot [aria-label=bar] rect').count(),
    ).toBe(explanation.concepts.length);
    expect(await page.locator('.card').first().locator('.crop').count()).toBe(10);
    expect(await page.locator('.map-tile').count()).toBe(explanation.examples.length);
  });

  it('puts the part of the image in the box into a crop', async () => {
    const { page } = report;
    const { box } = explanation.concepts[0].bestRows[0];
    const crop = await page.locator('.card .crop').first().boundingBox();
    const place = await page.locator('.card .crop .crop-place').first().boundingBox();
    const scale = crop!.width / box.width;
    // the browser lays out in 1/64 pixel
    expect(place!.width).toBeCloseTo(224 * scale, 0);
    expect(crop!.x - place!.x).toBeCloseTo(box.x * scale, 0);
    expect(crop!.y - place!.y).toBeCloseTo(box.y * scale, 0);
  });

  it('selects a concept of the chart with the keyboard', async () => {
    const { page } = report;
    await page.locator('.chart-row').nth(1).focus();
    await page.keyboard.press('Tab');
    expect(await page.locator('.peek-name').textContent()).toBe('Concept 3');
    expect(await page.locator('.chart-row').nth(2).getAttribute('aria-pressed')).toBe('true');
  });

  it('opens, steps through and closes the dialog with the keyboard, and gives the focus back', async () => {
    const { page } = report;
    const crop = page.locator('.card').nth(1).locator('.crop').first();
    await crop.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('crop 1 of 10');
    await page.keyboard.press('ArrowRight');
    expect(await dialog.textContent()).toContain('crop 2 of 10');
    const { input } = explanation.concepts[1].bestRows[1];
    expect(await dialog.locator('.lightbox-name').textContent()).toBe(explanation.inputs.items[input].name);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await crop.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('draws the maps of the chosen concepts, chosen with the keyboard', async () => {
    const { page } = report;
    const inked = () =>
      page.locator('.map-tile canvas').evaluateAll((all) =>
        all.map((element) => {
          const canvas = element as HTMLCanvasElement;
          const { width, height } = canvas;
          const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, width, height);
          return data.some((value, i) => i % 4 === 3 && value > 0);
        }),
      );
    await page.setViewportSize({ width: 1280, height: 6000 }); // maps are drawn when they are in sight
    await page.getByRole('button', { name: 'None' }).click();
    await expect.poll(inked).not.toContain(true);
    await page.locator('.chip').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    expect(await page.locator('.chip').nth(1).getAttribute('aria-pressed')).toBe('true');
    // where a map of the second concept has a value, its image is tinted, and no other
    const [E, h, w, r] = maps.dims;
    const present = Array.from({ length: E }, (_, e) =>
      Array.from({ length: h * w }, (_, cell) => maps.data[(e * h * w + cell) * r + 1]).some((v) => v > 0.3),
    );
    await expect.poll(inked).toEqual(present);
    await page.getByLabel('Raw').check();
    await page.getByLabel('Cells').check();
    expect(await page.locator('.cells').count()).toBe(E);
    await page.getByLabel('Opacity').fill('30');
    expect(
      await page
        .locator('.map-tile canvas')
        .first()
        .evaluate((c) => getComputedStyle(c).opacity),
    ).toBe('0.3');
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('gives the explanation back as a file, then with the names that a reader gave', async () => {
    const { page } = report;
    const download = async (): Promise<unknown> => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download JSON' }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('explanation.json');
      return JSON.parse(await readFile(await file.path(), 'utf8'));
    };
    expect(await download()).toEqual(explanation);
    await page.getByLabel('Name of concept 2').fill('Cardboard edge');
    expect(await page.locator('.chart-name').nth(1).textContent()).toBe('Cardboard edge');
    expect(await page.getByLabel('Summary as text').inputValue()).toContain('2. Cardboard edge: importance');
    const concepts = explanation.concepts.map((c) => (c.id === 1 ? { ...c, label: 'Cardboard edge' } : c));
    expect(await download()).toEqual({ ...explanation, concepts });
    await page.reload();
    expect(await page.getByLabel('Name of concept 2').inputValue()).toBe('Cardboard edge');
  });

  it('keeps names in the link, for a browser that has never seen them, on every page of it', async () => {
    const { page } = report;
    const name = '</script><b>ear & tail</b> ½';
    await page.getByLabel('Name of concept 2').fill('Cardboard edge');
    await page.getByLabel('Name of concept 3').fill(name);
    await page.waitForURL(/&name3=/);
    await page.locator('#card-1 .card-link a').click();
    await page.waitForURL(/#concept-1&name2=Cardboard%20edge&name3=/);
    const url = page.url();
    await page.goBack();
    await page.evaluate(() => localStorage.clear());
    await page.goto('about:blank');
    await page.goto(url);
    expect(await page.locator('.sub-page h1').textContent()).toBe('Concept 1');
    await page.getByRole('link', { name: 'Next concept' }).click();
    await expect.poll(() => page.locator('.sub-page h1').textContent()).toBe('Cardboard edge');
    await page.getByRole('link', { name: 'The whole report' }).click();
    expect(await page.locator('#card-3 .concept-name').inputValue()).toBe(name);
    // a link to a section of the report, opened while the page is there
    await page.evaluate(() => {
      location.hash = '#maps&name3=tail';
    });
    await expect.poll(() => page.locator('#card-3 .concept-name').inputValue()).toBe('tail');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('maps-title');
    expect(report.complaints).toEqual([]);
  });

  it('switches to dark and stays there', async () => {
    const { page } = report;
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    // the page takes the theme on in an effect, after the click has returned
    const isDark = () => page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.getByRole('switch', { name: 'Dark theme' }).click();
    await isDark();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    await isDark();
    expect(await ground()).toBe(dark);
  });
});
