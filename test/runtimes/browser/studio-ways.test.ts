// The ways into the studio and out of a run: drops, the example, cancel; hosted in a folder of a plain server; every
// state for everyone, and nothing moves.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '../../../src/cli/serve-http.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { type Toy, writeToy } from '../../cli/toy.ts';
import { axeViolations } from './axe.ts';
import { openPage, type ServedStudio, serveStudio } from './open-studio.ts';
import { look } from './pictures.ts';

const chromium = findChromium();
const example = {
  title: 'shapes',
  class: 'disk',
  settings: { concepts: 3, rows: 'crops', patchSize: 24, limit: 6, resizeMode: 'stretch' },
};

describe.skipIf(chromium === null)('ways through the studio', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let toy: Toy;

  beforeAll(async () => {
    toy = await writeToy(24);
    const images = readdirSync(toy.images);
    const files = ['shapes.onnx', 'labels.txt', ...images];
    const pathOf = (name: string): string => join(images.includes(name) ? toy.images : toy.folder, name);
    const served: Served = new Map<string, { file: string } | { text: string }>([
      ...files.map((name): [string, { file: string }] => [`/demo/${name}`, { file: pathOf(name) }]),
      [
        '/demo/examples.json',
        { text: JSON.stringify([{ ...example, files: files.map((name) => `demo/${name}`) }]) },
      ],
    ]);
    [browser, studio] = await Promise.all([launchChromium(chromium!), serveStudio(served)]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  /** Drops files and folders of the disk on the page, as a person does. */
  async function drop(page: Page, paths: string[]): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }

  it('takes a model, and a folder in a folder, from a drop', { timeout: 120_000 }, async () => {
    const { page, complaints } = await openPage(browser, studio.url);
    await drop(page, [toy.model, join(toy.folder, 'labels.txt')]);
    await page.getByRole('radio', { checked: true }).waitFor();
    writeFileSync(join(toy.images, '.hidden.png'), '');
    await drop(page, [toy.folder]); // the model again, and with it all below
    await page.getByText('24 images').waitFor();
    expect(await page.getByText('shapes.onnx').count()).toBe(1);
    expect(await page.locator('.drop.is-over').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('takes what is dropped without a file system behind it', { timeout: 60_000 }, async () => {
    const { page } = await openPage(browser, studio.url);
    await page.evaluate(
      (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], 'dropped.onnx'));
        transfer.items.add(new File(['a\nb'], 'labels.txt'));
        const event = { dataTransfer: transfer, bubbles: true, cancelable: true };
        dispatchEvent(new DragEvent('dragover', event));
        dispatchEvent(new DragEvent('drop', event));
      },
      [...readFileSync(toy.model)],
    );
    await page.getByText('dropped.onnx').waitFor();
    await page.getByRole('radio', { checked: true }).waitFor();
    await page.context().close();
  });

  it('loads the example and is cancelled in the middle; then runs', { timeout: 180_000 }, async () => {
    const { page, complaints } = await openPage(browser, studio.url);
    await page.getByRole('button', { name: 'Example: shapes' }).click();
    await page.getByText('24 images').waitFor();
    await page.getByRole('radio', { checked: true }).waitFor();
    expect(await page.getByLabel('Class', { exact: true }).inputValue()).toBe('disk');
    expect(await page.getByLabel('Images', { exact: true }).inputValue()).toBe('6');
    await page.evaluate(() => {
      const cancel = [...document.querySelectorAll('button')].find((b) => b.textContent === 'Cancel');
      const watch = new MutationObserver(() => {
        if (!document.body.textContent?.includes('Running the model on crops')) return;
        watch.disconnect();
        cancel?.click();
      });
      watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Stopped.').waitFor();
    await expect.poll(() => page.workers().length).toBe(0);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: 'The report for disk' }).waitFor({ timeout: 120_000 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('keeps nothing of an example when another model comes', { timeout: 120_000 }, async () => {
    const { page, complaints } = await openPage(browser, studio.url);
    const label = (name: string) => page.getByLabel(name, { exact: true });
    await page.getByRole('button', { name: 'Example: shapes' }).click();
    await expect.poll(() => label('Images').inputValue()).toBe('6');
    await drop(page, [toy.model]);
    await expect.poll(() => label('Images').inputValue()).toBe('');
    expect(await label('Class').inputValue()).toBe('');
    expect(await label('Concepts').inputValue()).toBe('10');
    expect(await page.locator('.notes').textContent()).not.toContain('--');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['wide, light', { colorScheme: 'light' }, 1280],
    ['narrow, dark', { colorScheme: 'dark', reducedMotion: 'reduce' }, 360],
  ] as const)('is for everyone in every state, %s', { timeout: 180_000 }, async (name, media, width) => {
    const { page } = await openPage(browser, studio.url, { viewport: { width, height: 900 } });
    await page.emulateMedia(media);
    const check = async (state: string): Promise<void> => {
      expect(await axeViolations(page), state).toEqual([]);
      const root = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(root, `${state} scrolls sideways`).toBeLessThanOrEqual(width);
      await look(page, `${name.replace(', ', '-')}-${state}`);
    };
    await check('start');
    const broken = { name: 'broken.onnx', mimeType: '', buffer: Buffer.from('no model') };
    await page.getByLabel('Choose model files').setInputFiles(broken);
    await page.getByText('[MODEL_FORMAT]').waitFor();
    await check('error');
    await page.getByRole('button', { name: 'Example: shapes' }).click();
    await page.getByRole('radio', { checked: true }).waitFor();
    await check('inspected');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText(/^(Starting|Opening|Running)/).waitFor();
    await check('running');
    await page.getByRole('heading', { name: 'The report for disk' }).waitFor({ timeout: 120_000 });
    await check('done');
    await page.context().close();
  });

  it('moves nothing by itself', { timeout: 180_000 }, async () => {
    const { page } = await openPage(browser, 'about:blank');
    await page.addInitScript(() => {
      const shifts: Shift[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
            value: number;
            hadRecentInput: boolean;
            sources: { node: Element | null }[];
          };
          const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 60) ?? node?.nodeName);
          if (!hadRecentInput) shifts.push({ value, moved });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(studio.url);
    await page.getByRole('button', { name: 'Example: shapes' }).waitFor();
    await drop(page, [toy.folder]);
    await page.getByRole('radio', { checked: true }).waitFor();
    await page.waitForTimeout(600); // after it a shift is nobody's doing
    await page.getByLabel('Class', { exact: true }).fill('disk');
    await page.getByRole('button', { name: 'Explain' }).press('Enter');
    await page.getByRole('heading', { name: 'The report for disk' }).waitFor({ timeout: 120_000 });
    await page.waitForTimeout(200);
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts);
    const total = shifts.reduce((sum, { value }) => sum + value, 0);
    console.info(`layout shift from start to report: ${total}`, shifts);
    expect(total).toBeLessThan(0.02); // 0.1 counts as good, https://web.dev/cls
    await page.context().close();
  });

  it('runs in a folder of any static server, without isolation', { timeout: 180_000 }, async () => {
    const { server, url } = await plainServer(studio.folder, '/some/where/');
    const { page, complaints, requests } = await openPage(browser, url);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    await drop(page, [toy.folder]);
    await page.getByRole('radio', { checked: true }).waitFor();
    await page.getByLabel('Class', { exact: true }).fill('disk');
    await page.getByLabel('Images', { exact: true }).fill('6');
    await page.getByLabel('Concepts').fill('3');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: 'The report for disk' }).waitFor({ timeout: 120_000 });
    await page.frameLocator('iframe').locator('.card').first().waitFor();
    // it asks for examples, which a host without them does not have
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    const foreign = requests.filter((asked) => !/^(blob:|data:)/.test(asked) && !asked.startsWith(url));
    expect(foreign).toEqual([]);
    await page.context().close();
    server.close();
  });
});

/** Something moved, and nobody had touched anything for half a second. */
interface Shift {
  readonly value: number;
  readonly moved: (string | undefined)[];
}

/** Files of one folder below a path, and nothing else: no header but the type. */
async function plainServer(folder: string, below: string): Promise<{ server: Server; url: string }> {
  const types: Record<string, string> = {
    html: 'text/html',
    js: 'text/javascript',
    mjs: 'text/javascript',
    css: 'text/css',
    wasm: 'application/wasm',
  };
  const names = readdirSync(folder);
  const server = createServer(({ url = '' }, response) => {
    const name = url === below ? 'index.html' : url.slice(below.length);
    const isThere = url.startsWith(below) && names.includes(name);
    const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain';
    response.writeHead(isThere ? 200 : 404, { 'content-type': isThere ? type : 'text/plain' });
    response.end(isThere ? readFileSync(join(folder, name)) : 'none');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${below}` };
}
