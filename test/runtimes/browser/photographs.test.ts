// A TFLite model on photographs, in Chromium and in Node: importance is the same.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '../../../src/cli/serve-http.ts';
import { explain } from '../../../src/craft/explain.ts';
import { parseRequest } from '../../../src/craft/request.ts';
import { openImageFolder } from '../../../src/inputs/image-folder-fs.ts';
import { readLabels } from '../../../src/inputs/labels-fs.ts';
import { loadClassifier } from '../../../src/runtimes/load-classifier-fs.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { HARNESS, type Harness } from './harness.ts';
import { openPage, type ServedStudio, serveStudio } from './open-studio.ts';

const data = join(import.meta.dirname, '../../../../shared/data');
const model = join(data, 'models/mobilenet_v2_1.0_224_quant.tflite');
const labelFile = join(data, 'models/imagenet_labels.txt');
const folder = join(data, 'grocery/granny-smith');
const COUNT = 8;

const chromium = findChromium();
const isThere = [model, labelFile, folder].every(existsSync);
if (!isThere) console.warn('SKIPPED: no photographs and no TFLite model in ../shared/data');

describe.skipIf(chromium === null || !isThere)('a TFLite model on photographs in a browser', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let page: Page;
  let images: string[];

  beforeAll(async () => {
    images = readdirSync(folder).sort().slice(0, COUNT);
    const files: Served = new Map<string, { file: string } | { text: string }>([
      ['/test/model.tflite', { file: model }],
      ...images.map((name): [string, { file: string }] => [`/test/${name}`, { file: join(folder, name) }]),
      ['/harness.html', { text: HARNESS }],
      ['/favicon.ico', { text: '' }],
    ]);
    [browser, studio] = await Promise.all([launchChromium(chromium!), serveStudio(files)]);
    ({ page } = await openPage(browser, `${studio.url}harness.html`));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  it('gives the importance of Node', { timeout: 300_000 }, async () => {
    const labels = await readLabels(labelFile);
    const request = { class: 'Granny Smith', concepts: 6, patchSize: 96, nbDesign: 32 };
    const seen = await page.evaluate(
      async ({ images, labels, request }) => {
        const { web } = globalThis as unknown as Harness;
        const files = await web.fetchedFiles(images.map((name) => `/test/${name}`));
        const job = { model: '/test/model.tflite', images: files, labels, request };
        const { matrices, explanation } = await web.explainInWorker(job);
        return {
          importance: Array.from(matrices.importance.data, Number),
          names: explanation.inputs.items.map(({ name }) => name),
          format: explanation.model.format,
        };
      },
      { images, labels, request },
    );
    const classifier = await loadClassifier(model, { labels });
    const { preprocess } = classifier;
    const opened = await openImageFolder(folder, { preprocess, limit: COUNT });
    const source = Object.assign(opened, { source: folder });
    const node = await explain(parseRequest(request), { classifier, source, limit: COUNT });
    await classifier.release();
    expect(seen.names).toEqual(node.explanation.inputs.items.map(({ name }) => name));
    expect(seen.format).toBe('tflite');
    const expected = Array.from(node.matrices.importance.data, Number);
    const worst = Math.max(...seen.importance.map((value, k) => Math.abs(value - expected[k])));
    console.info(`importance on photographs, browser against Node: ${worst} apart; values`, expected);
    // the same pixels; 8-bit steps of the model turn last bits of its sums into whole steps here and there
    expect(worst).toBeLessThan(1e-3);
  });
});
