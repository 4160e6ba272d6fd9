// What tests of several reports look for.

import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Opens a page of the report by its address, as a link from elsewhere does. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.locator(hash === '#report' ? '.verdict' : '.sub-page').waitFor();
}

/** What axe-core finds wrong with the page as it is. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: here } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const { violations: found } = await here.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`);
  });
}
interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** Pixels by which the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Has the browser note layout shifts from the next page on. Read them with {@link shifts}. */
export async function noteShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const noted: string[] = [];
    (window as unknown as { shifts: string[] }).shifts = noted;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[])
        noted.push(...entry.sources.map(({ node }) => `${entry.value} ${node?.nodeName} ${node?.className}`));
    }).observe({ type: 'layout-shift', buffered: true });
  });
}
interface Shift {
  value: number;
  sources: { node: { nodeName: string; className: string } | null }[];
}

export const shifts = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
