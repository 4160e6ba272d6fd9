// Makes a report in a folder of its own and opens it from the file system, as a reader does.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Explanation } from '../../src/craft/explanation.ts';
import { type ReportSource, renderReport } from '../../src/report/render.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { writeImages } from './fixture.ts';

export interface OpenReport {
  page: Page;
  /** URL of the report's folder. */
  home: string;
  /** What the console, uncaught errors and a violated policy said. */
  complaints: string[];
  /** URLs that the page asked for and that are not files of the report's folder. */
  requests: string[];
  close(): Promise<void>;
}

export async function openReport(
  browser: Browser,
  explanation: Explanation,
  maps: Tensor | null,
  options: BrowserContextOptions = {},
  more: Omit<ReportSource, 'explanation' | 'maps'> = {},
): Promise<OpenReport> {
  const html = renderReport({ explanation, maps, ...more });
  return openHtml(browser, html, (folder) => writeImages(explanation, folder), options);
}

/** As {@link openReport}, with the text of index.html; `fill` puts what else it needs beside it. */
export async function openHtml(
  browser: Browser,
  html: string,
  fill: (folder: string) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<OpenReport> {
  const folder = await mkdtemp(join(tmpdir(), 'craft-report-'));
  await fill(folder);
  await writeFile(join(folder, 'index.html'), html);
  const home = `${pathToFileURL(folder)}/`;

  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    // that a test looked for something in a page that is kept out of sight
    if (message.text().includes('hidden by content-visibility')) return;
    complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) requests.push(request.url());
  });
  await page.goto(`${home}index.html`);
  // the page's last part; a page that cannot be read has only its title
  await page.locator('#take-away, h1:text("cannot be read")').first().waitFor({ state: 'attached' });
  return {
    page,
    home,
    complaints,
    requests,
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
