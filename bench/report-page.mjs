// The page of the report that the benches open: the made-up explanation of the tests, as large as one asks for.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Images that stand beside the page: a run writes those that it shows. */
const IMAGES = 64;

/**
 * Writes the page and its images. 16 examples with maps of 7 × 7; an affine head, whose parts of each score the page
 * holds, is the heavier kind.
 *
 * @returns {Promise<string>} the page.
 */
export async function writePage(folder, { inputs, concepts, isAffine }) {
  const { makeExplanation, makeMaps, makeMatrices, writeImages, renderReport } = await loadFixture();
  const explanation = makeExplanation({ inputs, concepts });
  for (const [n, item] of explanation.inputs.items.entries())
    item.image = explanation.inputs.items[n % IMAGES].image;
  const matrices = makeMatrices(explanation);
  if (isAffine) {
    explanation.importance.method = 'closed-form';
    const { data, dims } = matrices.importance_per_input;
    const parts = data.map((S, k) => (k % 3 === 1 ? -3 : 3) * Math.sqrt(S));
    matrices.contributions = { data: parts, dims };
  }
  const html = renderReport({ explanation, maps: makeMaps(explanation), ...matrices });
  await writeImages(explanation, folder);
  writeFileSync(join(folder, 'index.html'), html);
  return html;
}

export function kB(text) {
  return `${(Buffer.byteLength(text) / 1000).toFixed(0)} kB`;
}

/** The tests' explanation and the page of the sources, compiled: Node of these versions runs no TypeScript. */
async function loadFixture() {
  const contents = `
    export * from './test/report/fixture.ts';
    export { renderReport } from './src/report/render.ts';`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  const folder = join(root, 'node_modules/.cache/craft-xai'); // in the project, so that it finds packages
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'report-fixture.mjs');
  writeFileSync(file, outputFiles[0].text);
  return import(pathToFileURL(file).href);
}
