// The studio as it is built, served as `craft-xai serve` does, in Chromium.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { studioFiles } from '../../../src/cli/serve-files-fs.ts';
import { type RunningServer, type Served, serveFiles } from '../../../src/cli/serve-http.ts';

export interface ServedStudio {
  readonly folder: string;
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the studio into a folder of its own and serves it, with more files where a test needs them. */
export async function serveStudio(more: Served = new Map()): Promise<ServedStudio> {
  const folder = mkdtempSync(join(tmpdir(), 'craft-studio-'));
  execFileSync(process.execPath, ['scripts/build-studio.mjs', folder], { stdio: 'ignore' });
  const none: Served = new Map([['/demo/examples.json', { text: '[]' }]]);
  const server: RunningServer = await serveFiles(
    new Map([...(await studioFiles(folder)), ...none, ...more]),
    0,
  );
  return {
    folder,
    url: server.url,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface WatchedPage {
  readonly page: Page;
  /** What the console, uncaught errors and a violated policy said. */
  readonly complaints: string[];
  /** URLs that the page and its workers asked for. */
  readonly requests: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests };
}
