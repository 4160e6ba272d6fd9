// The files that the studio is served from: its own folder, the engine for WebGPU where it is installed, and what
// `craft-xai demo` has left in the cache.

import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CraftError } from '../errors.ts';
import { DEMO_CLASS, DEMO_PREPROCESS, fetchDemo } from './demo-fs.ts';
import { findTextDemo } from './demo-text-model/build-fs.ts';
import { EMBEDDING_LAYER } from './demo-text-model/text-model.ts';
import type { Served } from './serve-http.ts';

/** Where the build puts the studio, beside the folder of this file. */
export const STUDIO_FOLDER = fileURLToPath(new URL('../browser', import.meta.url));

/**
 * The files of a folder and of those in it, by URL path. Links and hidden files are left out.
 *
 * @throws {@link CraftError} `FILE` if the folder cannot be read or has no index.html.
 */
export async function studioFiles(folder: string): Promise<Served> {
  const files = new Map<string, { file: string }>();
  try {
    await addFolder(folder, '/', files);
  } catch (cause) {
    throw noStudio(folder, (cause as Error).message, cause);
  }
  if (!files.has('/index.html')) throw noStudio(folder, 'none with an index.html');
  return files;
}

async function addFolder(folder: string, below: string, files: Map<string, { file: string }>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(path, `${below}${entry.name}/`, files);
    else if (entry.isFile()) files.set(below + entry.name, { file: path });
  }
}

/** Files of the engine with WebGPU, if the version of onnxruntime-web that is installed is the studio's own. */
export async function webgpuFiles(studio: Served): Promise<Served> {
  const own = studio.get('/ort-wasm-simd-threaded.mjs');
  try {
    const found = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs'));
    const plain = join(dirname(found), 'ort-wasm-simd-threaded.mjs');
    if (!own || !('file' in own) || !(await readFile(plain)).equals(await readFile(own.file)))
      return new Map();
    const names = [basename(found), basename(found).replace(/mjs$/, 'wasm')];
    return new Map(names.map((name) => [`/${name}`, { file: join(dirname(found), name) }]));
  } catch {
    return new Map(); // not installed: the studio runs on WebAssembly
  }
}

/** The examples of `craft-xai demo` and `craft-xai demo text`, if their files are in the cache; nothing is fetched. */
export async function demoFiles(cacheDir?: string): Promise<Served> {
  const found = [await imageExample(cacheDir), await textExample(cacheDir)].filter((one) => one !== null);
  const examples = found.map(({ files, ...example }) => ({
    ...example,
    files: [...files.keys()].sort().map((path) => path.slice(1)),
  }));
  return new Map<string, { file: string } | { text: string }>([
    ...found.flatMap(({ files }) => [...files]),
    ['/demo/examples.json', { text: JSON.stringify(examples) }],
  ]);
}

/** What a button of the studio stands for. */
interface Example {
  readonly title: string;
  readonly class: string;
  readonly layer?: string;
  readonly settings: object;
  readonly files: ReadonlyMap<string, { file: string }>;
}

async function imageExample(cacheDir: string | undefined): Promise<Example | null> {
  try {
    const { model, labels, images } = await fetchDemo({ ...(cacheDir && { cacheDir }), runNpm: notNow });
    const files = new Map<string, { file: string }>();
    await addFolder(images, '/demo/marine-fish/', files);
    const limit = files.size;
    for (const file of [model, labels]) files.set(`/demo/${basename(file)}`, { file });
    const { resizeMode } = DEMO_PREPROCESS;
    const settings = { concepts: 8, rows: 'dense', patchSize: 110, limit, resizeMode };
    return { title: 'fish, Inception V3', class: DEMO_CLASS, settings, files };
  } catch {
    return null;
  }
}

async function textExample(cacheDir: string | undefined): Promise<Example | null> {
  const demo = await findTextDemo(cacheDir);
  if (!demo) return null;
  const folder = dirname(demo.model);
  const names = ['model.onnx', 'tokenizer.json', 'config.json', basename(demo.texts)];
  const files = new Map(names.map((name) => [`/demo/mails/${name}`, { file: join(folder, name) }]));
  const settings = { concepts: 14, limit: 330, compare: 'ham' };
  return { title: 'spam, sentence encoder', class: 'spam', layer: EMBEDDING_LAYER, settings, files };
}

async function notNow(): Promise<void> {
  throw new CraftError('DOWNLOAD', 'demo: expected its files in the cache; got none');
}

function noStudio(folder: string, got: string, cause?: unknown): CraftError {
  return new CraftError(
    'FILE',
    `studio: expected its files at ${folder}; got ${got} – install craft-xai again`,
    {
      cause,
    },
  );
}
