// What a reader without a mouse, without colours or without sight needs of the report.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeOf } from '../../src/report/app/route.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { makeExplanation, makeMaps } from './fixture.ts';
import { type OpenReport, openReport } from './open-report.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('the report for everyone', () => {
  let browser: Browser;
  let report: OpenReport;
  const explanation = makeExplanation();
  explanation.preprocess.origin = 'guess'; // so that the warnings are there too

  beforeAll(async () => {
    browser = await launchChromium(chromium!);
    report = await openReport(browser, explanation, makeMaps(explanation), { reducedMotion: 'reduce' });
    for (const summary of await report.page.locator('summary').all()) await summary.click();
  }, 60_000); // a browser on a busy machine
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  it('has one main, one banner, a named navigation, and headings that skip no level', async () => {
    const { page } = report;
    expect(await page.getByRole('main').count()).toBe(1);
    expect(await page.getByRole('banner').count()).toBe(1);
    expect(await page.getByRole('contentinfo').count()).toBe(1);
    expect(await page.getByRole('navigation', { name: 'Sections' }).count()).toBe(1);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map((h) => Number(h.tagName[1])));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, i) => {
      expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });

  it('names every control and every image', async () => {
    const { page } = report;
    expect(await page.locator('img:not([alt])').count()).toBe(0);
    for (const role of [
      'button',
      'link',
      'textbox',
      'slider',
      'radio',
      'checkbox',
      'switch',
      'region',
    ] as const) {
      const all = await page.getByRole(role).count();
      expect(all, role).toBeGreaterThan(0);
      expect(await page.getByRole(role, { name: /\S/ }).count(), role).toBe(all);
    }
  });

  it('has no id twice and no reference to an id that is not there', async () => {
    const { ids, targets } = await report.page.evaluate(() => ({
      ids: [...document.querySelectorAll('[id]')].map((e) => e.id),
      targets: [
        ...[...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href')!.slice(1)),
        ...[...document.querySelectorAll('section[aria-labelledby]')].map(
          (e) => e.getAttribute('aria-labelledby')!,
        ),
      ],
    }));
    expect(new Set(ids).size).toBe(ids.length);
    const { concepts, inputs } = explanation;
    // a page of a concept or an input is made when its address is opened
    const isPage = (id: string): boolean =>
      routeOf(id, concepts.length, inputs.items.length).page !== 'report';
    expect(targets.filter((id) => !ids.includes(id) && !isPage(id))).toEqual([]);
  });

  // WCAG 2.2 AA: 4.5, and 3 for large text (24 px, or 18.66 px bold)
  it.each(['light', 'dark'] as const)(
    'has text that stands out from its ground when %s',
    async (colorScheme) => {
      await report.page.emulateMedia({ colorScheme });
      expect(await weakTexts(report.page)).toEqual([]);
    },
  );

  it('reaches every control with Tab, and shows where the focus is', async () => {
    const { page } = report;
    const seen = new Set<string>();
    await page.locator('a.skip').focus();
    seen.add('a.skip');
    for (let i = 0; i < 400; i++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const e = document.activeElement!;
        const outline = getComputedStyle(e).outlineStyle !== 'none';
        return {
          kind: `${e.tagName.toLowerCase()}.${e.classList[0] ?? e.getAttribute('type') ?? ''}`,
          outline,
        };
      });
      if (here.kind.startsWith('body')) break;
      seen.add(here.kind);
      const hidden = /radio|concept-name/.test(here.kind); // the label beside it, or its border, shows the focus
      if (!hidden) expect(here.outline, here.kind).toBe(true);
    }
    for (const kind of [
      'a.skip',
      'button.theme-switch',
      'button.chart-row',
      'button.crop',
      'input.concept-name',
    ]) {
      expect([...seen]).toContain(kind);
    }
    for (const kind of [
      'button.chip',
      'input.range',
      'input.checkbox',
      'input.radio',
      'button.primary',
      'section.scroll',
    ]) {
      expect([...seen]).toContain(kind);
    }
  });

  it('moves nothing when motion is reduced', async () => {
    const moving = await report.page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).transitionDuration !== '0s')
          .length + Number(getComputedStyle(document.documentElement).scrollBehavior !== 'auto'),
    );
    expect(moving).toBe(0);
  });
});

/** Texts with less contrast than they need, with the contrast; those on images or in a faded chip are not measured. */
function weakTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    // as the browser paints it, whatever notation the style uses; over the colours below it
    const paint = (colours: string[]): number[] => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]: number[]): number => {
      const [x, y, z] = [r, g, b].map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const weak: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent!.trim());
      if (!text || element.closest('script, noscript, svg, .sr-only, .skip')) continue;
      const chain: string[] = [];
      for (let e: HTMLElement | null = element; e; e = e.parentElement)
        chain.unshift(getComputedStyle(e).backgroundColor);
      const style = getComputedStyle(element);
      const [a, b] = [luminance(paint(chain)), luminance(paint([...chain, style.color]))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
      if (contrast < (large ? 3 : 4.5))
        weak.push(`${element.className || element.tagName} ${contrast.toFixed(2)}`);
    }
    return [...new Set(weak)];
  });
}
