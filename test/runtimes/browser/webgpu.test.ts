// The model on WebGPU in Chromium against WebAssembly. A machine without a GPU has SwiftShader's, which computes on
// the processor: slow, but the same shaders.

import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studioFiles, webgpuFiles } from '../../../src/cli/serve-files-fs.ts';
import type { Served } from '../../../src/cli/serve-http.ts';
import { findChromium, launchChromium } from '../../chromium.ts';
import { writeToy } from '../../cli/toy.ts';
import { HARNESS, type Harness } from './harness.ts';
import { openPage, type ServedStudio, serveStudio } from './open-studio.ts';

const chromium = findChromium();
/** Another model to try, such as a large one: minutes on a processor. */
const other = process.env.CRAFT_XAI_WEBGPU_MODEL;

describe.skipIf(chromium === null)('a model on WebGPU', () => {
  let browser: Browser;
  let studio: ServedStudio;
  let page: Page;
  let adapter: string | null = null;

  beforeAll(async () => {
    const toy = await writeToy(1);
    const files: Served = new Map<string, { file: string } | { text: string }>([
      ['/test/model', { file: other ?? toy.model }],
      ['/harness.html', { text: HARNESS }],
      ['/favicon.ico', { text: '' }],
      ...(await webgpuFiles(await studioFiles(join(import.meta.dirname, '../../../dist/browser')))),
    ]);
    [browser, studio] = await Promise.all([launchChromium(chromium!, 'swiftshader'), serveStudio(files)]);
    ({ page } = await openPage(browser, `${studio.url}harness.html`));
    for (let k = 0; k < 20 && adapter === null; k++) {
      adapter = await page.evaluate(adapterName);
      if (adapter === null) await page.waitForTimeout(1000); // its process starts late on a busy machine
    }
    if (adapter === null) console.warn('SKIPPED: this Chromium has no adapter for WebGPU');
    else console.info(`WebGPU on ${adapter}`);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  it('gives the latents and scores of WebAssembly', { timeout: 600_000 }, async ({ skip }) => {
    if (adapter === null) return skip('no adapter');
    const found = await page.evaluate(onBoth, '/test/model');
    console.info(`${other ?? 'a small model'} on WebGPU against WebAssembly:`, found);
    expect(found.warnings).not.toContain('WebGPU is not used');
    // the engine falls back to the processor operator by operator without a word
    expect(found.submitted).toBeGreaterThan(0);
    // shaders may round otherwise (SwiftShader: 4e-7 here, 1e-5 in MobileNetV2), GPUs with half precision inside more;
    // the bound that importance in a browser has to keep against Node
    expect(found.latent).toBeLessThan(1e-3);
    expect(found.scores).toBeLessThan(1e-3);
  });
});

/** Runs in the page: what computes, null without WebGPU. */
async function adapterName(): Promise<string | null> {
  const { gpu } = navigator as unknown as {
    gpu?: { requestAdapter(): Promise<{ info: { vendor: string; architecture: string } } | null> };
  };
  const found = await gpu?.requestAdapter();
  return found ? `${found.info.vendor} ${found.info.architecture}` : null;
}

/** Runs in the page: largest differences of g(x) and of h(g(x)), each as a share of the largest value. */
async function onBoth(model: string) {
  const { web } = globalThis as unknown as Harness;
  const { prototype } = (
    globalThis as unknown as { GPUQueue: { prototype: { submit(work: unknown): void } } }
  ).GPUQueue;
  let submitted = 0;
  const submit = prototype.submit;
  prototype.submit = function (work) {
    submitted++;
    submit.call(this, work);
  };
  const run = async (executionProviders: ('wasm' | 'webgpu')[]) => {
    const classifier = await web.loadClassifier(model, { executionProviders });
    const before = submitted;
    const dims = [2, ...classifier.inputShape.slice(1).map((d) => d ?? 1)];
    const size = dims.reduce((a, b) => a * b, 1);
    const x = { data: Float32Array.from({ length: size }, (_, k) => Math.sin(k)), dims };
    const latent = await classifier.inputToLatent(x);
    const scores = await classifier.latentToLogit(latent);
    await classifier.release();
    return { latent, scores, warnings: classifier.warnings.join(), submitted: submitted - before };
  };
  const trusted = await run(['wasm']);
  const gpu = await run(['webgpu']);
  prototype.submit = submit;
  const apart = (part: 'latent' | 'scores'): number => {
    const [a, b] = [gpu, trusted].map((found) => Array.from(found[part].data, Number));
    const most = a.reduce((worst, value, k) => Math.max(worst, Math.abs(value - b[k])), 0);
    return most / b.reduce((worst, value) => Math.max(worst, Math.abs(value)), 0);
  };
  const { warnings } = gpu;
  return { warnings, submitted: gpu.submitted, latent: apart('latent'), scores: apart('scores') };
}
