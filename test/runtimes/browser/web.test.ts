// craft-xai/web in Chromium against craft-xai/node on the same files: pixels, concepts, importance.

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '../../../src/cli/serve-http.ts';
import { explain } from '../../../src/craft/explain.ts';
import { parseRequest } from '../../../src/craft/request.ts';
import type { CraftError } from '../../../src/errors.ts';
import { openImageFolder } from '../../../src/inputs/image-folder-fs.ts';
import type { Preprocess } from '../../../src/inputs/preprocess.ts';
import { loadClassifier } from '../../../src/runtimes/load-classifier-fs.ts';
import type * as Web from '../../../src/web.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { type Toy, writeToy } from '../../cli/toy.ts';
import { HARNESS, type Harness } from './harness.ts';
import { openPage, type ServedStudio, serveStudio } from './open-studio.ts';

const chromium = findChromium();
const request = { class: 'disk', concepts: 3, patchSize: 24, nbDesign: 16 };
const LABELS = ['disk', 'square', 'triangle', 'cross'];

/** What a page is told: paths of files on its server. */
interface Told {
  model: string;
  images: string[];
  config: unknown;
}

describe.skipIf(chromium === null)('craft-xai/web', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let toy: Toy;
  let page: Page;
  let told: Told;

  beforeAll(async () => {
    toy = await writeToy(8);
    await writePhotographs(toy.images);
    const images = readdirSync(toy.images);
    const files: Served = new Map<string, { file: string } | { text: string }>([
      ['/test/shapes.onnx', { file: toy.model }],
      ...images.map((name): [string, { file: string }] => [
        `/test/${name}`,
        { file: join(toy.images, name) },
      ]),
      ['/harness.html', { text: HARNESS }],
      ['/favicon.ico', { text: '' }], // browsers ask for one
      [
        '/example.html',
        { text: readFileSync('examples/web/index.html', 'utf8').replace('./craft-xai/', './') },
      ],
    ]);
    const config = JSON.parse(readFileSync(join(toy.folder, 'preprocessor_config.json'), 'utf8'));
    told = { model: '/test/shapes.onnx', images: images.map((name) => `/test/${name}`), config };
    [browser, studio] = await Promise.all([launchChromium(chromium!), serveStudio(files)]);
    const watched = await openPage(browser, `${studio.url}harness.html`); // its modules have run when it is loaded
    expect(watched.complaints).toEqual([]);
    page = watched.page;
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  it('sees the pixels that Node sees', { timeout: 120_000 }, async () => {
    const preprocess: Preprocess = {
      ...{
        width: 48,
        height: 48,
        channels: 3,
        channelOrder: 'RGB',
        layout: 'NHWC',
        resizeMode: 'shortest-edge',
      },
      ...{ shortestEdge: 56, interpolation: 'bilinear', rescale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
      ...{ origin: 'caller', notes: [] },
    };
    const folder = await openImageFolder(toy.images, { preprocess, batchSize: 100 });
    let expected: Float32Array = new Float32Array();
    for await (const batch of folder) expected = batch.data;
    const seen = await page.evaluate(
      async ({ images, preprocess }) => {
        const { web } = globalThis as unknown as Harness;
        const files = new web.ImageFiles(await web.fetchedFiles(images), { preprocess, batchSize: 100 });
        const data: number[] = [];
        for await (const batch of files) data.push(...batch.data);
        const picture = await files.picture(files.names[0]);
        return { data, names: [...files.names], skipped: [...files.skipped], type: picture.type };
      },
      { images: told.images, preprocess },
    );
    expect(seen.names).toEqual(folder.names);
    expect(seen.skipped).toEqual(folder.skipped.map(({ name }) => ({ name, reason: expect.any(String) })));
    expect(seen.type).toBe('image/jpeg');
    const size = 48 * 48 * 3;
    const differences = folder.names.map((name, n) => {
      const levels = Array.from({ length: size }, (_, k) =>
        Math.abs(seen.data[n * size + k] - expected[n * size + k]),
      );
      return { name, most: Math.max(...levels) };
    });
    // both decode with the arithmetic of libjpeg-turbo, libpng and libwebp, and we resize with that of libvips; only what
    // lets through is laid over white by the browser, which rounds by itself
    expect(differences.filter(({ most }) => most > 0)).toEqual([{ name: 'photo-half.png', most: 1 }]);
  });

  it('finds the concepts that Node finds, with the same importance', { timeout: 180_000 }, async () => {
    const shapes = told.images.filter((path) => path.includes('shape-'));
    const progress = await page.evaluate(runInWorker, { ...told, images: shapes, request, labels: LABELS });
    const classifier = await loadClassifier(toy.model);
    const source = await onlyShapes(toy.images, classifier.preprocess);
    const node = await explain(parseRequest(request), { classifier, source, limit: null });
    await classifier.release();
    const { W, U, importance, explanation, stages, report } = progress;
    expect(explanation.inputs.items.map(({ name }) => name)).toEqual(
      node.explanation.inputs.items.map(({ name }) => name),
    );
    expect(explanation.model.sha256).toBe(node.explanation.model.sha256);
    expect(explanation.layer.tensor).toBe(node.explanation.layer.tensor);
    expect(stages[0]).toBe('load');
    expect(stages.at(-1)).toBe('draw');
    expect(report).toContain('data:image/jpeg;base64,');
    // the engines differ in the last bits of g, about 1e-7 of its values; all after it is the same code
    const largest = (found: number[], expected: ArrayLike<number>): number =>
      Math.max(...found.map((value, k) => Math.abs(value - expected[k])));
    const differences = {
      W: largest(W, node.matrices.W.data),
      U: largest(U, node.matrices.U.data) / Math.max(...Array.from(node.matrices.U.data)),
      importance: largest(importance, node.matrices.importance.data),
    };
    console.info('concepts, browser against Node:', differences);
    expect(differences.W).toBeLessThan(1e-5);
    expect(differences.U).toBeLessThan(1e-5);
    expect(differences.importance).toBeLessThan(1e-5);
  });

  it('tries an image on the concepts of a run: one of the run gives what the run gave', {
    timeout: 180_000,
  }, async () => {
    const shapes = told.images.filter((path) => path.includes('shape-'));
    const { run, tried } = await page.evaluate(
      async ({ model, images, config, request, labels }) => {
        const { web } = globalThis as unknown as Harness;
        const files = await web.fetchedFiles(images);
        const job = { model, config, labels, images: files, request };
        const { explanation, matrices } = await web.explainInWorker(job);
        const { name, blob } = files[3];
        const image = new File([blob], name);
        const found = await web.tryImageInWorker({ ...job, image, explanation, W: matrices.W });
        const index = explanation.inputs.items.findIndex((item) => name.endsWith(item.name));
        const rank = explanation.concepts.length;
        const own = matrices.importance_per_input.data.slice(index * rank, (index + 1) * rank);
        const run = { item: explanation.inputs.items[index], importance: Array.from(own, Number) };
        return { run, tried: { ...found, picture: found.picture.type } };
      },
      { ...told, images: shapes, request, labels: LABELS },
    );
    expect(tried.picture).toBe('image/jpeg');
    expect(tried.predicted).toMatchObject({ id: run.item.predicted.id, label: run.item.predicted.label });
    // alone in its batch, so that sums may come in another order
    expect(tried.logit).toBeCloseTo(run.item.logit, 4);
    expect(tried.concepts).toHaveLength(run.importance.length);
    // one image has a larger design than each of several: 16 points of the run are 0.1 off here and there
    const apart = tried.concepts.map(({ importance }, id) => Math.abs(importance - run.importance[id]));
    expect(Math.max(...apart)).toBeLessThan(0.2);
    expect(tried.concepts.map(({ importance }) => importance)).not.toContain(Number.NaN);
  });

  it('gives a classifier, as in Node', { timeout: 120_000 }, async () => {
    const { data, dims } = await page.evaluate(async ({ model, config }) => {
      const { web } = globalThis as unknown as Harness;
      const classifier = await web.loadClassifier(model, { config });
      const [, ...shape] = classifier.inputShape.map((d) => d ?? 1);
      const count = shape.reduce((a, b) => a * b, 1);
      const batch = {
        data: Float32Array.from({ length: count }, (_, k) => Math.sin(k)),
        dims: [1, ...shape],
      };
      const logits = await classifier.latentToLogit(await classifier.inputToLatent(batch));
      await classifier.release();
      return { data: [...logits.data].map(Number), dims: [...logits.dims] };
    }, told);
    const classifier = await loadClassifier(toy.model);
    const count = 64 * 64 * 3;
    const batch = { data: Float32Array.from({ length: count }, (_, k) => Math.sin(k)), dims: [1, 3, 64, 64] };
    const expected = await classifier.latentToLogit(await classifier.inputToLatent(batch));
    await classifier.release();
    expect(dims).toEqual(expected.dims);
    // float32 in another order of sums
    for (const [k, value] of data.entries()) expect(value).toBeCloseTo(Number(expected.data[k]), 4);
  });

  it('says that WebGPU is not used where there is none, and runs', { timeout: 120_000 }, async () => {
    const { warnings, classes } = await page.evaluate(async ({ model, config }) => {
      const { web } = globalThis as unknown as Harness;
      const classifier = await web.loadClassifier(model, { config, executionProviders: ['webgpu'] });
      await classifier.release();
      return { warnings: [...classifier.warnings], classes: classifier.classes };
    }, told);
    expect(warnings.join()).toContain('WebGPU is not used');
    expect(classes).toBe(4);
  });

  it.each<[string, Partial<Web.ExplainJob>, string]>([
    ['a class that is not there', { request: { class: 'octagon' } }, 'CLASS_NOT_FOUND'],
    ['a layer that is not there', { layer: 'nowhere' }, 'LAYER_NOT_FOUND'],
    ['too little memory', { memoryLimit: 2 ** 20 }, 'OPTION'],
    ['an address without a model', { model: '/none.onnx' }, 'DOWNLOAD'],
    ['another kind of file', { model: '/test/shape-00.png' }, 'MODEL_FORMAT'],
    ['an unknown provider', { executionProviders: ['cuda' as 'wasm'] }, 'OPTION'],
  ])('says what is wrong with %s', { timeout: 60_000 }, async (_, change, code) => {
    const outcome = await page.evaluate(failureOf, { ...told, request, labels: LABELS, change });
    expect(outcome.code).toBe(code);
    expect(outcome.message).toMatch(/: expected /);
  });

  it('stops when its signal fires', { timeout: 60_000 }, async () => {
    const code = await page.evaluate(async ({ model, images, config }) => {
      const { web } = globalThis as unknown as Harness;
      const controller = new AbortController();
      const job = { model, config, images: await web.fetchedFiles(images), request: { class: 0 } };
      const run = web.explainInWorker(job, {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      return run.then(
        () => 'done',
        (error: CraftError) => error.code,
      );
    }, told);
    expect(code).toBe('ABORTED');
  });

  it('runs the example page', { timeout: 120_000 }, async () => {
    const { page: example, complaints } = await openPage(browser, `${studio.url}example.html`);
    const shapes = readdirSync(toy.images).filter((name) => name.startsWith('shape-'));
    await example.getByLabel('Model').setInputFiles(toy.model);
    await example.getByLabel('Images').setInputFiles(shapes.map((name) => join(toy.images, name)));
    await example.getByRole('button', { name: 'Explain' }).click();
    await example.getByText('10 concepts').waitFor({ timeout: 100_000 });
    await example.frameLocator('iframe').locator('h1').waitFor();
    expect(complaints).toEqual([]);
    await example.context().close();
  });
});

/** Photographs as cameras give them: turned by EXIF, transparent, grey, WebP; and one that is none. */
async function writePhotographs(folder: string): Promise<void> {
  const [width, height] = [200, 150];
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    pixels[3 * i] = 128 + 100 * Math.sin(x / 15);
    pixels[3 * i + 1] = 128 + 100 * Math.cos(y / 11);
    pixels[3 * i + 2] = (x + y) / 2;
  }
  const photo = () => sharp(pixels, { raw: { width, height, channels: 3 } });
  const save = (name: string, image: Sharp): Promise<unknown> => image.toFile(join(folder, name));
  await save('photo-plain.jpg', photo().jpeg({ quality: 92 }));
  await save('photo-turned.jpg', photo().withMetadata({ orientation: 6 }).jpeg({ quality: 92 }));
  await save('photo-grey.jpg', photo().toColourspace('b-w').jpeg());
  await save('photo-web.webp', photo().webp({ lossless: true }));
  await save('photo-half.png', photo().ensureAlpha(0.5).png());
  await save('photo-large.jpg', photo().resize(1200, 900).jpeg());
  await save('photo-small.jpg', photo().resize(31, 23).jpeg());
  writeFileSync(join(folder, 'photo-none.png'), 'not a picture');
}

/** The shapes of a folder alone, as a source of images. */
async function onlyShapes(
  folder: string,
  preprocess: Preprocess,
): Promise<Parameters<typeof explain>[1]['source']> {
  const shapes = mkdtempSync(join(tmpdir(), 'craft-shapes-'));
  for (const name of readdirSync(folder).filter((file) => file.startsWith('shape-'))) {
    copyFileSync(join(folder, name), join(shapes, name));
  }
  return Object.assign(await openImageFolder(shapes, { preprocess }), { source: 'shapes' });
}

interface WorkerJob extends Told {
  request: Web.ExplainJob['request'];
  labels: string[];
}

/** In the page: one run, and what it gave as plain numbers. */
async function runInWorker({ model, images, config, request, labels }: WorkerJob) {
  const { web } = globalThis as unknown as Harness;
  const stages: string[] = [];
  const job = { model, config, labels, request, images: await web.fetchedFiles(images) };
  const result = await web.explainInWorker(job, { onProgress: ({ stage }) => stages.push(stage) });
  const { W, U, importance } = result.matrices;
  const numbers = (data: ArrayLike<number | bigint>): number[] => Array.from(data, Number);
  return {
    W: numbers(W.data),
    U: numbers(U.data),
    importance: numbers(importance.data),
    explanation: result.explanation,
    report: await result.report.text(),
    stages,
  };
}

/** In the page: the error of a run that cannot be. */
async function failureOf({ model, images, config, request, labels, change }: WorkerJob & { change: object }) {
  const { web } = globalThis as unknown as Harness;
  const job = { model, config, labels, request, images: await web.fetchedFiles(images), ...change };
  return web.explainInWorker(job).then(
    () => ({ code: 'none', message: '' }),
    ({ code, message }: CraftError) => ({ code: String(code), message }),
  );
}
