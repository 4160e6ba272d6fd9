// The second half of a model in the page: ONNX Runtime for browsers, opened from files.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/craft/explanation.ts';
import { CraftError } from '../../src/errors.ts';
import { engineScript } from '../../src/report/engine-fs.ts';
import { liveHead } from '../../src/report/live-head.ts';
import { renderReport } from '../../src/report/render.ts';
import { random } from '../../src/tensor/random.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { goldenPath } from '../golden/npy.ts';
import { makeExplanation, makeMatrices, writeImages } from './fixture.ts';
import { type OpenReport, openHtml } from './open-report.ts';

const chromium = findChromium();
const [r, E, width, side] = [4, 3, 64, 8];
const rng = random(5);
const tensor = (dims: number[]) => ({
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => rng.uniform()),
  dims,
});

/** Of the network of test/golden: its features [N, 64, 8, 8], then convolution, pooling and a hidden layer. */
function explanationOfCnn(): Explanation {
  const explanation = makeExplanation({ concepts: r, inputs: 5, examples: E });
  explanation.layer.dims = [null, width, side, side];
  explanation.factorization.width = width;
  explanation.class = { id: 2, label: 'triangle' };
  return explanation;
}

describe('liveHead', () => {
  const explanation = explanationOfCnn();
  const W = tensor([r, width]);
  const coefficients = tensor([E, side, side, r]);
  const head = new Uint8Array(8);

  it('gives one script of one call, for the examples', () => {
    const { live, script } = liveHead({ explanation, head, W, coefficients });
    expect(live).toEqual({
      head: 'report/head.js',
      engine: 'report/engine.js',
      inputs: [0, 1, 2],
      bytes: script.length,
    });
    expect(script).toMatch(
      /^craftXai\.receive\("head", \{"model":"AAAAAAAAAAA=","W":"[\w+/=]*","u":"[\w+/=]*"\}\);\n$/,
    );
  });

  it.each([
    ['W of another width', { W: tensor([r, 3]) }, 'SHAPE'],
    ['coefficients of other inputs', { coefficients: tensor([E, 7, 7, r]) }, 'SHAPE'],
    ['a head that is too large', { head: new Uint8Array(128e6 + 1) }, 'MODEL_UNSUPPORTED'],
    [
      'tokens before the grid',
      {
        explanation: {
          ...explanation,
          layer: { ...explanation.layer, layout: 'NTC' as const, dims: [null, 65, width], prefixTokens: 1 },
        },
      },
      'MODEL_UNSUPPORTED',
    ],
  ])('refuses %s', (_, wrong, code) => {
    const make = () => liveHead({ explanation, head, W, coefficients, ...wrong });
    expect(make).toThrow(CraftError);
    expect(make).toThrow(expect.objectContaining({ code }));
  });
});

describe.skipIf(chromium === null)('the sliders with the model in the page', () => {
  let browser: Browser;
  let report: OpenReport;
  const explanation = explanationOfCnn();
  const W = tensor([r, width]);
  const coefficients = tensor([E, side, side, r]);
  let head: Uint8Array;

  beforeAll(async () => {
    head = await readFile(goldenPath('models/cnn.h.onnx'));
    const { live, script } = liveHead({ explanation, head, W, coefficients });
    const { importance_per_input } = makeMatrices(explanation);
    const html = renderReport({ explanation, maps: coefficients, importance_per_input, live });
    browser = await launchChromium(chromium!);
    const engine = await engineScript();
    report = await openHtml(browser, html, async (folder) => {
      await writeImages(explanation, folder);
      await mkdir(join(folder, 'report'));
      await writeFile(join(folder, live.head), script);
      await writeFile(join(folder, live.engine), engine);
    });
  }, 120_000); // packs 14 MB, starts a browser
  afterAll(async () => {
    await report?.close();
    await browser?.close();
  });

  /** h((u ⊙ m) W) in Node, for the class. */
  async function scoreOf(input: number, mask: number[]): Promise<number> {
    const latent = new Float32Array(width * side * side);
    for (let t = 0; t < side * side; t++) {
      for (let i = 0; i < r; i++) {
        const u = coefficients.data[(input * side * side + t) * r + i] * mask[i];
        for (let c = 0; c < width; c++) latent[c * side * side + t] += u * W.data[i * width + c];
      }
    }
    const session = await ort.InferenceSession.create(head, { intraOpNumThreads: 1 });
    const feed = new ort.Tensor('float32', latent, [1, width, side, side]);
    const results = await session.run({ [session.inputNames[0]]: feed });
    await session.release();
    return Number(results[session.outputNames[0]].data[explanation.class.id]);
  }
  const shown = async (): Promise<number> =>
    Number((await report.page.locator('.live output').textContent())!.replace('−', '-'));
  // two decimals are shown; float32 in two engines differs by far less than that
  const near = (score: number) => expect.closeTo(score, 2);

  it('are off until the reader asks for the model, then give its scores', async () => {
    const { page } = report;
    await page.goto(`${page.url().split('#')[0]}#input-2`);
    const sliders = page.locator('.local-slider input');
    expect(await sliders.evaluateAll((all) => all.every((s) => (s as HTMLInputElement).disabled))).toBe(true);
    expect(await page.locator('script[src]').count()).toBe(0);
    await page.getByRole('button', { name: /^Run it here \([\d.]+ MB\)$/ }).click();
    await page.locator('.live output').waitFor();
    expect(await shown()).toEqual(near(await scoreOf(1, [1, 1, 1, 1])));
    await sliders.first().focus();
    await page.keyboard.press('Home');
    const first = (await page.locator('.local-row .swatch').first().textContent())!;
    const mask = [1, 1, 1, 1];
    mask[Number(first) - 1] = 0;
    await expect.poll(shown).toEqual(near(await scoreOf(1, mask)));
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(shown).toEqual(near(await scoreOf(1, [1, 1, 1, 1])));
    expect(report.complaints).toEqual([]);
    expect(report.requests).toEqual([]);
  });

  it('are on at once for the next example, and off for an image that is none', async () => {
    const { page } = report;
    await page.getByRole('link', { name: 'Next image' }).click();
    await expect.poll(() => page.locator('.live output').count()).toBe(1);
    await expect.poll(shown).toEqual(near(await scoreOf(2, [1, 1, 1, 1])));
    await page.getByRole('link', { name: 'Next image' }).click();
    await page.getByText('The sliders are off').waitFor();
    expect(await page.locator('.local-slider input:enabled').count()).toBe(0);
    expect(report.complaints).toEqual([]);
  });

  it('say why they are off where the model reads tokens whose coefficients a run does not keep', async () => {
    const tokens = explanationOfCnn();
    tokens.layer = { ...tokens.layer, layout: 'NTC', dims: [null, 50, width], prefixTokens: 1 };
    const { importance_per_input } = makeMatrices(tokens);
    const html = renderReport({ explanation: tokens, importance_per_input });
    const lone = await openHtml(browser, html, (folder) => writeImages(tokens, folder));
    await lone.page.goto(`${lone.page.url()}#input-1`);
    await lone.page.getByText('the model reads tokens beside the places of the image').waitFor();
    expect(await lone.page.locator('.local-slider input:enabled').count()).toBe(0);
    await lone.close();
  });

  it('say so where the files are missing', async () => {
    const { live } = liveHead({ explanation, head, W, coefficients });
    const { importance_per_input } = makeMatrices(explanation);
    const html = renderReport({ explanation, maps: coefficients, importance_per_input, live });
    const lone = await openHtml(browser, html, (folder) => writeImages(explanation, folder));
    await lone.page.goto(`${lone.page.url()}#input-1`);
    await lone.page.getByRole('button', { name: /^Run it here/ }).click();
    await lone.page.getByText('The sliders are off: report/head.js is not beside this page.').waitFor();
    await lone.close();
  });
});
