// Texts in Chromium against Node on the same files: rows of tables, concepts, importance; and the studio with texts.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '../../../src/cli/serve-http.ts';
import { explainText } from '../../../src/craft/text/explain-text.ts';
import { parseTextRequest } from '../../../src/craft/text/text-request.ts';
import type { CraftError } from '../../../src/errors.ts';
import { openTextFile } from '../../../src/inputs/text/text-file-fs.ts';
import { loadTextClassifier } from '../../../src/runtimes/text/load-text-classifier-fs.ts';
import { textExplanationFromJson } from '../../../src/store/text-explanation.ts';
import type * as Web from '../../../src/web.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { HARNESS, type Harness } from './harness.ts';
import { openPage, type ServedStudio, serveStudio } from './open-studio.ts';
import { look } from './pictures.ts';
import { ATTACK, type TextToy, writeTextToy } from './text-toy.ts';

const chromium = findChromium();
const request = { class: 'good', concepts: 3, nbDesign: 16, examples: 4 };

describe.skipIf(chromium === null)('texts in a browser', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let toy: TextToy;
  let page: Page;

  beforeAll(async () => {
    toy = writeTextToy();
    const files: Served = new Map<string, { file: string } | { text: string }>([
      ...readdirSync(toy.folder).map((name): [string, { file: string }] => [
        `/test/${name}`,
        { file: join(toy.folder, name) },
      ]),
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

  it.each(['reviews.csv', 'reviews.tsv', 'reviews.jsonl', 'reviews.txt', 'utf16.txt', 'reviews.parquet'])(
    'reads %s as Node reads it',
    { timeout: 60_000 },
    async (name) => {
      const found = await page.evaluate(rowsIn, `/test/${name}`);
      const file = await openTextFile(join(toy.folder, name));
      const items = [];
      for await (const batch of file) items.push(...batch);
      expect(items.map(({ text }) => text)).toEqual(toy.texts);
      expect(found).toEqual({
        items,
        source: name,
        skipped: file.skipped,
        duplicates: file.duplicates,
        warnings: file.warnings,
      });
    },
  );

  it('finds the concepts that Node finds, with the same importance', { timeout: 120_000 }, async () => {
    const seen = await page.evaluate(explainInPage, { request, table: 'reviews.csv' });
    const classifier = await loadTextClassifier(toy.modelFiles[0]);
    const source = await openTextFile(join(toy.folder, 'reviews.csv'));
    const node = await explainText(parseTextRequest(request), { classifier, source, limit: null });
    await classifier.release();
    expect(seen.names).toEqual(node.explanation.inputs.items.map(({ name }) => name));
    expect(seen.units).toEqual([...node.matrices.units.data]);
    expect(seen.layer).toBe(node.explanation.layer.tensor);
    expect([seen.stages[0], seen.stages.at(-1)]).toEqual(['load', 'draw']);
    // the engines differ in the last bits of g, about 1e-7 of its values; all after it is the same code
    for (const name of ['W', 'U', 'U_texts', 'importance'] as const) {
      const expected = node.matrices[name].data;
      const largest = Math.max(...Array.from(expected, (v) => Math.abs(Number(v))));
      const worst = Math.max(...seen[name].map((v, k) => Math.abs(v - Number(expected[k]))));
      console.info(`texts, browser against Node: ${name} differs by ${worst} of ${largest}`);
      expect(worst, name).toBeLessThan(1e-4 * largest);
    }
  });

  it.each<[string, Partial<Web.ExplainTextJob>, string, string]>([
    ['a table that is damaged', {}, 'open.csv', 'FILE_FORMAT'],
    ['a class that is not there', { request: { class: 'octagon' } }, 'reviews.csv', 'CLASS_NOT_FOUND'],
    ['a column that is not there', { table: { name: 'a.csv', textColumn: 'b' } }, 'reviews.csv', 'OPTION'],
    ['too little memory', { memoryLimit: 2 ** 10 }, 'reviews.csv', 'OPTION'],
    ['a model of images', { model: '/test/tokenizer.json' }, 'reviews.csv', 'MODEL_FORMAT'],
  ])('says what is wrong with %s', { timeout: 60_000 }, async (_, change, table, code) => {
    const outcome = await page.evaluate(failureInPage, { request, table, change });
    expect(outcome).toEqual({ code, message: expect.stringMatching(/: expected /) });
  });

  it('makes the report of texts in the studio', { timeout: 180_000 }, async () => {
    const watched = await openPage(browser, studio.url);
    const { page } = watched;
    // the second lot comes while the first is read: neither may be lost
    await Promise.all([
      page.getByLabel('Choose a table of texts').setInputFiles(join(toy.folder, 'reviews.txt')),
      page.getByLabel('Choose model files').setInputFiles(toy.modelFiles[0]),
    ]);
    await page.getByText('Drop the model’s tokenizer.json too.').waitFor();
    await page.getByLabel('Choose model files').setInputFiles(toy.modelFiles.slice(1));
    await page.getByLabel('Choose a table of texts').setInputFiles(join(toy.folder, 'reviews.csv'));
    await page.getByRole('radio').first().waitFor();
    await look(page, 'text-chosen');
    await page.getByLabel('Class', { exact: true }).fill(ATTACK);
    await page.getByLabel('Concepts').fill('2');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: `The report for ${ATTACK}` }).waitFor({ timeout: 150_000 });
    const report = page.frameLocator('iframe');
    expect(await report.locator('h1').textContent()).toContain(ATTACK);
    expect(await report.locator('img[src="x"]').count()).toBe(0);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'explanation.json' }).click(),
    ]);
    const explanation = textExplanationFromJson(readFileSync(await download.path(), 'utf8'));
    expect(explanation.concepts).toHaveLength(2);
    expect(explanation.inputs.items).toHaveLength(toy.texts.length);
    expect(explanation.inputs.source).toBe('reviews.csv');
    await look(page, 'text-report');
    const { origin } = new URL(studio.url);
    const foreign = watched.requests.filter((url) => !/^(blob:|data:)/.test(url) && !url.startsWith(origin));
    expect(foreign).toEqual([]);
    expect(watched.complaints).toEqual([]);
    await page.context().close();
  });
});

/** In the page: all of a table. */
async function rowsIn(url: string) {
  const { web } = globalThis as unknown as Harness;
  const [{ name, blob }] = await web.fetchedFiles([url]);
  const file = await web.openTextFile(blob, { name });
  const items = [];
  for await (const batch of file) items.push(...batch);
  const { source, skipped, duplicates, warnings } = file;
  return { items, source, skipped: [...skipped], duplicates, warnings: [...warnings] };
}

interface PageJob {
  request: Web.ExplainTextJob['request'];
  table: string;
}

/** In the page: one run from URLs, and what it gave as plain numbers. */
async function explainInPage({ request, table }: PageJob) {
  const { web } = globalThis as unknown as Harness;
  const stages: string[] = [];
  const [{ name, blob }] = await web.fetchedFiles([`/test/${table}`]);
  const job = { model: '/test/model.onnx', texts: blob, table: { name }, request };
  const result = await web.explainTextInWorker(job, { onProgress: ({ stage }) => stages.push(stage) });
  const numbers = ({ data }: { data: ArrayLike<number | bigint> }): number[] => Array.from(data, Number);
  const { W, U, U_texts, importance, units } = result.matrices;
  return {
    ...{ W: numbers(W), U: numbers(U), U_texts: numbers(U_texts), importance: numbers(importance), stages },
    units: numbers(units),
    names: result.explanation.inputs.items.map(({ name }) => name),
    layer: result.explanation.layer.tensor,
  };
}

/** In the page: the error of a run that cannot be. */
async function failureInPage({ request, table, change }: PageJob & { change: object }) {
  const { web } = globalThis as unknown as Harness;
  const [{ name, blob }] = await web.fetchedFiles([`/test/${table}`]);
  const json = async (path: string) => (await fetch(path)).json();
  const tokenizer = await json('/test/tokenizer.json');
  const config = await json('/test/config.json');
  const job = {
    model: '/test/model.onnx',
    texts: blob,
    table: { name },
    tokenizer,
    config,
    request,
    ...change,
  };
  return web.explainTextInWorker(job).then(
    () => ({ code: 'none', message: '' }),
    ({ code, message }: CraftError) => ({ code: String(code), message }),
  );
}
