// The built command from a classifier of texts to its page, where concepts are turned down in Chromium.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headOfModel } from '../../src/runtimes/head-of-model-fs.ts';
import { loadTextExplanation } from '../../src/store/text-explanation-fs.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { craft } from '../cli/run.ts';
import { writeTextModel } from '../models/text-model-files.ts';

const chromium = findChromium();
const texts = [
  'the film was very good, the cafe was good',
  'the cafe was bad and the film was not good',
  'unbelievable film! the film was good, very good',
  'bad, bad, very bad film. the cafe was not bad',
  'the cafe was not very good. the film was not good',
];

describe.skipIf(chromium === null)('the sliders of a text, with the model in the page', () => {
  let browser: Browser;
  let folder: string;
  const model = (): string => join(folder, 'model.onnx');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'craft-text-live-'));
    writeTextModel(folder, 'bert', ['bad', 'good', 'neither']);
    await writeFile(join(folder, 'texts.txt'), texts.join('\n'));
    browser = await launchChromium(chromium!);
  }, 60_000); // a browser on a busy machine
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** h((u ⊙ m) W) of a text in Node; where signs are split, W is [W⁺, W⁻]. */
  async function scoreOf(out: string, input: number, mask: number[]): Promise<number> {
    const { explanation, matrices } = await loadTextExplanation(join(folder, out));
    const { W, U_texts } = matrices;
    const [r, width] = W.dims;
    const p = Number(explanation.layer.dims[1]);
    const latent = new Float32Array(p);
    for (let i = 0; i < r; i++) {
      const u = Number(U_texts.data[input * r + i]) * mask[i];
      for (let c = 0; c < width; c++) latent[c % p] += (c < p ? 1 : -1) * u * Number(W.data[i * width + c]);
    }
    const session = await ort.InferenceSession.create(await headOfModel(model(), explanation));
    const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', latent, [1, p]) });
    await session.release();
    return Number(results[session.outputNames[0]].data[explanation.class.id]);
  }

  it('follow the model where its head is not affine and signs are split', async () => {
    const factorizer = 'split';
    const layer = ['--layer', 'first', '--factorizer', factorizer];
    const run = ['--class', 'good', '--concepts', '3', '--nb-design', '8', '--out', factorizer];
    const explained = await craft(['explain', 'model.onnx', 'texts.txt', ...run, ...layer], folder);
    expect(explained.stderr + explained.code).toMatch(/0$/);
    const made = await craft(['report', factorizer, '--model', 'model.onnx'], folder);
    expect(made).toMatchObject({ code: 0, stdout: `${join(factorizer, 'index.html')}\n` });
    expect(await readFile(join(folder, factorizer, 'report/head.js'), 'utf8')).toMatch(/^craftXai/);

    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // that a test looked for something in a page that is kept out of sight
      if (!message.text().includes('hidden by content-visibility')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${pathToFileURL(join(folder, factorizer, 'index.html'))}#input-2`);
    await page.getByRole('button', { name: /^Run it here/ }).click();
    const output = page.locator('.live output');
    await output.waitFor();
    const shown = async (): Promise<number> => Number((await output.textContent())!.replace('−', '-'));
    // two decimals are shown; float32 in two engines differs by far less than that
    expect(await shown()).toBeCloseTo(await scoreOf(factorizer, 1, [1, 1, 1]), 2);
    for (const [key, kept] of [
      ['Home', 0],
      ['End', 2],
    ] as const) {
      const row = page.locator('.local-row').first();
      const mask = [1, 1, 1];
      mask[Number(await row.locator('.swatch').textContent()) - 1] = kept;
      await row.locator('input').press(key);
      const expected = await scoreOf(factorizer, 1, mask);
      await expect.poll(shown).toBeCloseTo(expected, 2);
    }
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000); // packs the engine
});
