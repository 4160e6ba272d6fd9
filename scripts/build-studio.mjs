// Makes a folder that a browser runs as it stands, from any server or none of ours: the studio (index.html), and
// craft-xai/web as one module (web.js) with its worker and the inference engine beside it.
// By itself: node scripts/build-studio.mjs [FOLDER] [--webgpu]
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = ['chrome123', 'firefox121', 'safari17.5']; // the first with light-dark() in CSS
const engine = join(root, 'node_modules/onnxruntime-web/dist');
const wasm = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
/** Twice as large, and asked for only where WebGPU is chosen. */
const webgpu = ['ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'];

/**
 * Bundles the studio. The report's template must be there: build it before.
 *
 * @param {{ outdir?: string, webgpu?: boolean }} options outdir: made anew; default dist/browser. webgpu: with the
 *   engine for it; default false.
 * @returns {Promise<Record<string, number>>} size in bytes of each file.
 */
export async function buildStudio({ outdir = join(root, 'dist/browser'), webgpu: withGpu = false } = {}) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const result = await build({
    entryPoints: {
      web: join(root, 'src/web.ts'),
      'explain-worker': join(root, 'src/web/explain-worker.ts'),
      studio: join(root, 'src/studio/main.tsx'),
      'studio-style': join(root, 'src/studio/styles/index.css'),
    },
    absWorkingDir: root,
    outdir,
    bundle: true,
    splitting: true, // page and worker share most of the code
    chunkNames: 'chunk-[hash]',
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['onnxruntime-web-use-extern-wasm'],
    target,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none', // the full licence texts are in licences.txt
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  for (const name of withGpu ? [...wasm, ...webgpu] : wasm)
    copyFileSync(join(engine, name), join(outdir, name));
  writeFileSync(join(outdir, 'licences.txt'), licences(Object.keys(result.metafile.inputs)));
  writeFileSync(join(outdir, 'index.html'), page());
  return Object.fromEntries(readdirSync(outdir).map((name) => [name, statSync(join(outdir, name)).size]));
}

/** The licence of each package that the bundle holds, each different text once. */
function licences(inputs) {
  const packages = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const holders = new Map();
  for (const name of [...new Set(packages)].sort()) {
    const text = licenceOf(name);
    holders.set(text, [...(holders.get(text) ?? []), name]);
  }
  return `${[...holders].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n\n')}\n`;
}

function licenceOf(name) {
  const folder = join(root, 'node_modules', name);
  const file = existsSync(folder) && readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
  if (file) return readFileSync(join(folder, file), 'utf8').trim();
  const { license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!license) throw new Error(`build-studio: expected a licence in ${name}; found none`);
  return `${license}; ${author?.name ?? author ?? ''} ${repository?.url ?? repository ?? ''}`.trim();
}

/** The policy of the page, which the frame of the report inherits: hence the report's own script in it. */
export function policy() {
  const template = readFileSync(join(root, 'src/report/template.generated.ts'), 'utf8');
  const script = /script-src '(sha256-[\w+/=]+)'/.exec(template)?.[1];
  if (!script)
    throw new Error('build-studio: expected the report template with a policy; build the report first');
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' '${script}'`,
    "worker-src 'self' blob:",
    // the report sets style attributes; nothing is fetched by them
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self' blob:",
    'frame-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function page() {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="description" content="Explain an image classifier by the concepts it uses. Model and images stay in this page.">
<title>craft-xai studio</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="studio-style.css">
<script type="module" src="studio.js"></script>
</head>
<body>
<div id="studio"></div>
<noscript>The studio runs the model in this page, which needs scripts. Allow them, or use craft-xai explain in a terminal.</noscript>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const sizes = await buildStudio({
    ...(folder && { outdir: folder }),
    webgpu: process.argv.includes('--webgpu'),
  });
  for (const [name, bytes] of Object.entries(sizes))
    console.error(`${(bytes / 1000).toFixed(0).padStart(7)} kB  ${name}`);
}
