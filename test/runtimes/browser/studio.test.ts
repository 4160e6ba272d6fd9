// The studio from files to a report, by keyboard and for everyone, and that nothing leaves it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explanationFromJson } from '../../../src/store/explanation.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { type Toy, writeToy } from '../../cli/toy.ts';
import { axeViolations } from './axe.ts';
import { openPage, type ServedStudio, serveStudio, type WatchedPage } from './open-studio.ts';
import { look } from './pictures.ts';

const chromium = findChromium();
const attack = '<img src=x onerror=alert(1)>';

describe.skipIf(chromium === null)('the studio', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let toy: Toy;
  let watched: WatchedPage;

  beforeAll(async () => {
    [browser, studio, toy] = await Promise.all([launchChromium(chromium!), serveStudio(), writeToy(8)]);
    writeFileSync(join(toy.folder, 'labels.txt'), `disk\n${attack}\ntriangle\ncross\n`);
    writeFileSync(join(toy.images, 'shape-99.png'), 'not a picture');
    watched = await openPage(browser, studio.url);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  const choose = (page: Page, label: string, files: string | string[]): Promise<void> =>
    page.getByLabel(label).setInputFiles(files);

  async function giveToy(page: Page): Promise<void> {
    const names = ['shapes.onnx', 'labels.txt', 'preprocessor_config.json'];
    await choose(
      page,
      'Choose model files',
      names.map((name) => join(toy.folder, name)),
    );
    await choose(page, 'Choose a folder of images', toy.images);
    await page.getByRole('radio').first().waitFor();
  }

  it('says what is wrong with a broken model, and what is still needed', { timeout: 120_000 }, async () => {
    const { page } = watched;
    const broken = join(toy.folder, 'broken.onnx');
    writeFileSync(broken, readFileSync(toy.model).subarray(0, 500));
    await choose(page, 'Choose model files', broken);
    await page.getByText('[MODEL_FORMAT]').waitFor();
    expect(await page.getByText('Drop images too.').count()).toBe(1);
  });

  it('proposes a cut that the keyboard can change', { timeout: 120_000 }, async () => {
    const { page } = watched;
    await giveToy(page);
    expect(await page.getByText('[MODEL_FORMAT]').count()).toBe(0);
    const chosen = page.getByRole('radio', { checked: true });
    const suggested = await chosen.getAttribute('aria-label');
    expect(suggested).toContain('suggested');
    await chosen.focus();
    await page.keyboard.press('Home');
    await page.getByRole('radio', { checked: true, name: /features\.0\.0/ }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('radio', { checked: true, name: /features\.0\.2/ }).waitFor();
    await page.getByRole('radio', { name: suggested as string }).click();
    await page.getByText('Suggested: the last feature map').waitFor();
    await look(page, 'chosen');
  });

  it('stops a run at once, and says which class is not there', { timeout: 120_000 }, async () => {
    const { page } = watched;
    await page.getByLabel('Class', { exact: true }).fill('octagon');
    await page.getByLabel('Concepts').fill('3');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stopped.').waitFor();
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('[CLASS_NOT_FOUND]').waitFor();
  });

  it('makes the report, with markup in a name shown as text', { timeout: 180_000 }, async () => {
    const { page, complaints } = watched;
    await page.getByLabel('Class', { exact: true }).fill(attack);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: `The report for ${attack}` }).waitFor({ timeout: 150_000 });
    const report = page.frameLocator('iframe');
    expect(await report.locator('h1').textContent()).toContain(attack);
    expect(await report.locator('.card img').first().getAttribute('src')).toMatch(/^data:image\/jpeg/);
    expect(await report.locator('img[src="x"]').count()).toBe(0);
    await page.locator('iframe').scrollIntoViewIfNeeded();
    await look(page, 'report', false);
    expect(complaints).toEqual([]);
  });

  it('tries another image, and says which cannot be', { timeout: 120_000 }, async () => {
    const { page, complaints } = watched;
    await choose(page, 'Choose an image to try', join(toy.images, 'shape-02.png'));
    const table = page.getByRole('region', { name: 'Concepts of shape-02.png' });
    await table.waitFor({ timeout: 60_000 });
    expect(await table.locator('tbody tr').count()).toBe(3);
    const shown = page.getByAltText('shape-02.png, as the model saw it');
    expect(await shown.evaluate((img) => (img as HTMLImageElement).decode().then(() => true))).toBe(true);
    await look(page, 'tried');
    await choose(page, 'Choose an image to try', join(toy.images, 'shape-99.png'));
    await page.locator('.failure', { hasText: '[NO_INPUTS]' }).waitFor();
    expect(await table.count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('gives the files of the explanation', { timeout: 60_000 }, async () => {
    const { page } = watched;
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'explanation.json' }).click(),
    ]);
    const explanation = explanationFromJson(readFileSync(await download.path(), 'utf8'));
    expect(explanation.concepts).toHaveLength(3);
    expect(explanation.inputs.items).toHaveLength(8);
    expect(explanation.inputs.source).toBe('images');
    expect(explanation.inputs.skipped.map(({ name }) => name)).toEqual(['shape-99.png']);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe-core objects to when %s',
    { timeout: 120_000 },
    async (colorScheme) => {
      const { page } = watched;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      expect(await axeViolations(page)).toEqual([]);
      await look(page, `wide-${colorScheme}`);
    },
  );

  it('has no sideways scroll on a phone', { timeout: 60_000 }, async () => {
    const { page } = watched;
    await page.setViewportSize({ width: 360, height: 800 });
    const [scrollWidth, clientWidth] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(scrollWidth).toBe(clientWidth);
    await look(page, 'narrow');
  });

  it('asked for nothing but its own files', () => {
    const { origin } = new URL(studio.url);
    const foreign = watched.requests.filter(
      (url) =>
        !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`) && !url.startsWith('data:'),
    );
    expect(foreign).toEqual([]);
    expect(watched.requests.some((url) => url.endsWith('.wasm'))).toBe(true);
  });
});
