// The demos in Node and in Chromium: how far apart their numbers are.
//
//   npm run build && node bench/browser.mjs [text] [photographs]
//
// Each demo is run by the command line, and again in a page of `craft-xai serve` on the same files with
// explainInWorker. Compared are the logits, every matrix that both give, and the classes named. What the demos need is
// fetched from npm if it is not in the cache. Chromium is taken from $CHROME_PATH or /usr/bin/chromium.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { loadExplanation, loadTextExplanation } from '../dist/bundle/node.js';
import { withFolder } from './data.mjs';
import { cli, machine, table } from './measure.mjs';

const demos = {
  photographs: { args: ['demo'], load: loadExplanation, inPage: explainPhotographs },
  text: { args: ['demo', 'text'], load: loadTextExplanation, inPage: explainTexts },
};
const wanted = process.argv.slice(2);

await withFolder(async (folder) => {
  const node = {};
  for (const [name, { args, load }] of Object.entries(demos)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const out = join(folder, name);
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args, '--no-cache', '--out', out]);
    if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}\n${stderr}`);
    node[name] = await load(out);
  }
  const server = await serve();
  try {
    await compareAll(node, server.url);
  } finally {
    server.process.kill('SIGINT');
  }
});

async function compareAll(node, url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  console.log(`${machine()}, Chromium ${browser.version()}`);
  for (const [name, ours] of Object.entries(node)) {
    const page = await browser.newPage();
    await page.addInitScript(`globalThis.plainOf = ${plainOf}`);
    await page.goto(url);
    const { settings, layer, class: target } = ours.explanation;
    const start = performance.now();
    const run = { settings, layer: layer.tensor, target: target.label };
    const theirs = await page.evaluate(demos[name].inPage, run);
    const seconds = (performance.now() - start) / 1000;
    console.log(`\n### ${name}, ${seconds.toFixed(0)} s in the page\n\n${compare(ours, theirs)}`);
    await page.close();
  }
  await browser.close();
}

/** A row for each matrix: largest difference, largest value, and the first as a share of the second. */
function compare({ explanation, matrices }, page) {
  const logits = (items) => items.map(({ logit }) => logit);
  const rows = [['logits', ...apart(logits(explanation.inputs.items), page.logits)]];
  for (const [name, theirs] of Object.entries(page.matrices)) {
    const ours = matrices[name];
    if (String(ours?.dims) !== String(theirs.dims))
      throw new Error(`${name}: ${ours?.dims} against ${theirs.dims}`);
    rows.push([`${name} [${theirs.dims.join(', ')}]`, ...apart(ours.data, theirs.values)]);
  }
  const named = explanation.inputs.items.filter(({ predicted }, n) => predicted.id === page.predicted[n]);
  return `${table([['', 'largest difference', 'largest value', 'share'], ...rows])}

The same class named: ${named.length} of ${page.predicted.length}.`;
}

function apart(ours, theirs) {
  if (ours.length !== theirs.length) throw new Error(`expected ${ours.length} numbers; got ${theirs.length}`);
  let [most, largest] = [0, 0];
  for (let k = 0; k < ours.length; k++) {
    most = Math.max(most, Math.abs(Number(ours[k]) - theirs[k]));
    largest = Math.max(largest, Math.abs(Number(ours[k])));
  }
  return [most, largest, most / largest].map((value) => value.toPrecision(2));
}

/** The studio with the demos' files. */
async function serve() {
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(JSON.parse(line).url));
    child.once('exit', (code) => reject(new Error(`serve: exit ${code}`)));
  });
  return { url, process: child };
}

/** Runs in the page: what comes back from it as plain JSON. */
function plainOf({ explanation, matrices }) {
  const { items } = explanation.inputs;
  const isMatrix = ([, value]) => value?.dims;
  return {
    logits: items.map(({ logit }) => logit),
    predicted: items.map(({ predicted }) => predicted.id),
    matrices: Object.fromEntries(
      Object.entries(matrices)
        .filter(isMatrix)
        .map(([name, { dims, data }]) => [name, { dims, values: Array.from(data, Number) }]),
    ),
  };
}

/** Runs in the page. */
async function explainPhotographs({ settings, layer, target }) {
  const web = await import(new URL('web.js', location.href).href);
  const [{ files }] = await (await fetch('demo/examples.json')).json();
  const { confidence, estimator, limit, stride, numberOfConcepts: concepts, ...request } = settings;
  return globalThis.plainOf(
    await web.explainInWorker({
      model: `/${files.find((file) => file.endsWith('.tflite'))}`,
      labels: web.parseLabels(await (await fetch('demo/labels.txt')).text()),
      images: await web.fetchedFiles(files.filter((file) => /\.jpe?g$/.test(file)).map((file) => `/${file}`)),
      preprocess: { resizeMode: 'shortest-edge', shortestEdge: 299 },
      request: { ...request, concepts, class: target },
      ...{ layer, limit },
    }),
  );
}

/** Runs in the page. */
async function explainTexts({ settings, layer }) {
  const web = await import(new URL('web.js', location.href).href);
  const json = async (file) => (await fetch(`demo/mails/${file}`)).json();
  const { confidence, estimator, limit, ...request } = settings;
  return globalThis.plainOf(
    await web.explainTextInWorker({
      model: '/demo/mails/model.onnx',
      tokenizer: await json('tokenizer.json'),
      config: await json('config.json'),
      texts: await (await fetch('demo/mails/held-out.jsonl')).blob(),
      table: { name: 'held-out.jsonl', idColumn: 'id' },
      request,
      ...{ layer, limit },
    }),
  );
}
