// The kernels in headless Chromium: the bits of Node, on one thread in any page and on several in a page that
// is cross-origin isolated.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endIdle } from '../../src/math/kernels/crew.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { hashes } from './hashes.ts';

const executable = findChromium();
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

describe.skipIf(executable === null)('kernels in Chromium', () => {
  let browser: Browser;
  let server: Server;
  let script = '';

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: "import { hashes } from './hashes.ts'; globalThis.hashes = hashes;",
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
    });
    script = outputFiles[0].text;
    server = createServer(({ url }, response) => {
      const headers = url === '/isolated' ? isolation : {};
      response.writeHead(200, { 'content-type': 'text/html', ...headers });
      response.end('<!doctype html><title>kernels</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium(executable as string);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    endIdle();
  });

  async function inPage(path: string, threads: number): Promise<{ isolated: boolean; result: object }> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    await page.addScriptTag({ content: script });
    const answer = await page.evaluate(async (count) => {
      const run = (globalThis as unknown as { hashes: typeof hashes }).hashes;
      return { isolated: globalThis.crossOriginIsolated, result: await run(count) };
    }, threads);
    await page.close();
    return answer;
  }

  it('gives the bits of Node, alone and with threads', { timeout: 180_000 }, async () => {
    const expected = await hashes(1);
    expect(Object.keys(expected).every((name) => name.endsWith('fast'))).toBe(true);
    expect(await hashes(3)).toEqual(expected);
    expect(await inPage('/', 2)).toEqual({ isolated: false, result: expected }); // falls back to one thread
    expect(await inPage('/isolated', 3)).toEqual({ isolated: true, result: expected });
  });
});
