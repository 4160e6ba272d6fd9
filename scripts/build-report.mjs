// Makes src/report/template.generated.ts: the report's page with its script and style inside, and two places left
// open for the title and the data; and src/report/engine.generated.ts, what runs a model in it. By itself: node scripts/build-report.mjs
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const app = join(root, 'src/report/app');
const target = ['chrome123', 'firefox121', 'safari17.5']; // the first with light-dark() in CSS

/**
 * Bundles the page and writes the template.
 *
 * @returns {Promise<{ bytes: number, gzipped: number }>} size of the template.
 */
export async function buildReport() {
  const [script, style] = await Promise.all([bundle('main.tsx'), bundle('styles/index.css')]);
  const html = page(script.text, style.text, licences(script.packages));
  writeFileSync(
    join(root, 'src/report/engine.generated.ts'),
    `// Made by scripts/build-report.mjs: ONNX Runtime for browsers without its wasm.\nexport const reportEngine: string = ${JSON.stringify(await engine())};\n`,
  );
  writeFileSync(
    join(root, 'src/report/template.generated.ts'),
    `// Made by scripts/build-report.mjs from src/report/app.\nexport const reportTemplate: string = ${JSON.stringify(html)};\n`,
  );
  return { bytes: Buffer.byteLength(html), gzipped: gzipSync(html, { level: 9 }).length };
}

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(app, entry)],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none', // the full licence texts stand at the end of the page
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const inputs = Object.keys(result.metafile.inputs);
  const packages = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return { text: result.outputFiles[0].text.trim(), packages: [...new Set(packages)].sort() };
}

/** The engine that a page with the second half of the model loads: it hands itself to the page. */
async function engine() {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as ort from 'onnxruntime-web/wasm'; craftXai.receive('engine', ort);`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target,
    charset: 'utf8',
    legalComments: 'none',
    define: { 'import.meta.url': 'document.baseURI' }, // it loads nothing by it: its wasm is handed to it
  });
  // it comes without a file of its licence
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(root, 'node_modules/onnxruntime-web/package.json'), 'utf8'),
  );
  return `/* ${name} ${version}: ${license} licence, ${author?.name ?? author} */\n${outputFiles[0].text}`;
}

/** The licence of each package that the bundle holds, each different text once. */
function licences(packages) {
  const holders = new Map();
  for (const name of packages) {
    const folder = join(root, 'node_modules', name);
    const file = existsSync(folder) && readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`build-report: expected a licence file in ${name}; found none`);
    const text = readFileSync(join(folder, file), 'utf8').trim();
    holders.set(text, [...(holders.get(text) ?? []), name]);
  }
  const all = [...holders].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n');
  return all.replaceAll('--', '- -'); // two hyphens could end the comment
}

function page(script, style, notices) {
  const hash = createHash('sha256').update(script).digest('base64');
  // style is 'unsafe-inline': the chart and the crops set style attributes; nothing is fetched either way
  const policy = [
    "default-src 'none'",
    "img-src 'self' data: file: blob:",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="craft-xai">
<title><!--craft-xai:title--></title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This report draws itself with a script that stands inside this file. Allow scripts to read it, or open explanation.json beside it.</noscript>
<script type="application/json" id="report-data"><!--craft-xai:data--></script>
<script>${script}</script>
<!--
Licences of the software inside this page

${notices}
-->
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, gzipped } = await buildReport();
  console.error(
    `report template: ${(bytes / 1000).toFixed(0)} kB, ${(gzipped / 1000).toFixed(0)} kB gzipped`,
  );
}
