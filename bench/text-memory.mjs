// Memory of explainText on many rows: texts through a g that counts words, so that what is measured is what the run
// holds and not a model.
//
//   npm run build && node bench/text-memory.mjs [--rows 200000] [--words 60] [--units auto] [--width 8] [--signed]
//     [--no-disk]
//
// A text is --words words in sentences of twenty. With `--units text`, longer texts have no more units. A latent is
// the counts of eight topics, spread over --width numbers with noise; with --signed about half of them negative.
// Latents of more than 256 MiB go to a temporary folder, with --no-disk to memory. What is written at the end, the
// explanation and its page, is measured too.

import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { explainText } from '../dist/craft/text/explain-text.js';
import { parseTextRequest } from '../dist/craft/text/text-request.js';
import { openTextFile } from '../dist/inputs/text/text-file-fs.js';
import { renderTextReport } from '../dist/report/render.js';
import { latentFiles } from '../dist/store/latent-files-fs.js';
import { saveTextExplanation } from '../dist/store/text-explanation-fs.js';
import { random } from '../dist/tensor/random.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    words: { type: 'string', default: '60' },
    units: { type: 'string', default: 'auto' },
    width: { type: 'string', default: '8' },
    signed: { type: 'boolean', default: false },
    'no-disk': { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
const SENTENCES = Math.ceil(Number(values.words) / 20);
const TOPICS = ['loan', 'pill', 'kernel', 'patch', 'film', 'garden', 'river', 'engine'];
const SYLLABLES = ['ba', 'do', 'fi', 'gu', 'ke', 'lo', 'mi', 'nu', 'pa', 're', 'si', 'to'];

function textOf(n) {
  const rng = random(0, n);
  const word = () => Array.from({ length: 3 }, () => SYLLABLES[rng.below(SYLLABLES.length)]).join('');
  const sentence = () => {
    const words = Array.from({ length: 20 }, word);
    words[rng.below(20)] = TOPICS[rng.below(TOPICS.length)];
    return `${words.join(' ')}.`;
  };
  return Array.from({ length: SENTENCES }, sentence).join(' ');
}

/** A file of the texts, as the command line would read it. */
async function writeTexts(path) {
  const rows = function* () {
    for (let n = 0; n < ROWS; n++) yield `${JSON.stringify({ text: textOf(n) })}\n`;
  };
  await pipeline(Readable.from(rows()), createWriteStream(path));
}

const WIDTH = Number(values.width);
/** What a topic adds to each number of a latent; the first eight numbers are the counts themselves. */
const spread = TOPICS.map((_, t) => {
  const rng = random(1, t);
  return Float32Array.from({ length: WIDTH }, (_, j) =>
    j < TOPICS.length ? Number(j === t) : rng.uniform() - (values.signed ? 0.5 : 0),
  );
});
const noise = Float32Array.from(
  { length: 4096 + WIDTH },
  (
    (rng) => () =>
      0.02 * rng.uniform()
  )(random(2)),
);

function latentOf(text, to) {
  if (WIDTH > TOPICS.length) to.set(noise.subarray(text.length % 4096, (text.length % 4096) + WIDTH));
  for (const [t, topic] of TOPICS.entries()) {
    const count = text.split(topic).length - 1;
    if (count > 0) for (let j = 0; j < WIDTH; j++) to[j] += count * spread[t][j];
  }
}

const classifier = {
  inputToLatent: async (texts) => {
    const data = new Float32Array(texts.length * WIDTH);
    for (const [n, text] of texts.entries()) latentOf(text, data.subarray(n * WIDTH, (n + 1) * WIDTH));
    return { data, dims: [texts.length, WIDTH] };
  },
  latentToLogit: async ({ data, dims: [n, p] }) => ({
    data: Float32Array.from({ length: 2 * n }, (_, k) =>
      k % 2 ? Math.tanh(data[p * (k >> 1)] + data[p * (k >> 1) + 1]) : data[p * (k >> 1) + 2],
    ),
    dims: [n, 2],
  }),
  foldHead: async () => null,
  tokenStates: null,
  tokenize: (text) => ({ offsets: Int32Array.of(0, text.length), truncated: 0 }),
  labels: ['ham', 'spam'],
  classes: 2,
  nonNegative: !values.signed,
  check: async () => ({ inputs: 1, maxAbsDifference: 0, maxAbsLogit: 1 }),
  model: {
    name: 'm',
    format: 'onnx',
    sha256: '',
    bytes: 1,
    input: { name: 'ids', dims: [null, null] },
    output: { name: 'y', dims: [null, 2] },
  },
  layer: {
    tensor: 'a',
    name: 'a',
    op: 'Add',
    dims: [null, WIDTH],
    layout: 'NC',
    prefixTokens: 0,
    reads: 'all',
    chosenBy: 'user',
  },
  latentLayout: 'NC',
  prefixTokens: 0,
  reads: 'all',
  versions: {},
  warnings: [],
};

const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
const peak = () => 1024 * process.resourceUsage().maxRSS;
/** Of all threads: where others compute too, the time on the clock says little. */
const cpu = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const timeSince = ({ clock, used }) =>
  `${((performance.now() - clock) / 1000).toFixed(0)} s, ${(cpu() - used).toFixed(0)} s of processors`;
const now = () => ({ clock: performance.now(), used: cpu() });

const folder = await mkdtemp(join(tmpdir(), 'text-memory-'));
const storage = values['no-disk'] ? undefined : latentFiles(folder);
try {
  await writeTexts(join(folder, 'texts.jsonl'));
  const source = await openTextFile(join(folder, 'texts.jsonl'));
  const before = peak();
  const start = now();
  const request = parseTextRequest({
    class: 'spam',
    concepts: 6,
    nbDesign: 2,
    examples: 4,
    units: values.units,
  });
  const result = await explainText(request, { classifier, source, limit: null, storage });
  const { factorization, timings } = result.explanation;
  console.log(
    `${ROWS} texts of ${values.words} words, ${factorization.rows} units, p = ${WIDTH}: ${mebibytes(peak() - before)} more than at the start, ${timeSince(start)}`,
  );
  console.log(`seconds: ${JSON.stringify(timings)}`);
  const drawn = now();
  const page = renderTextReport({ explanation: result.explanation, ...result.matrices });
  await saveTextExplanation(join(folder, 'out'), result, new Map([['index.html', page]]));
  const sizes = [];
  for (const name of await readdir(join(folder, 'out')))
    sizes.push(`${name} ${mebibytes((await stat(join(folder, 'out', name))).size)}`);
  console.log(
    `${sizes.join(', ')}: ${timeSince(drawn)}, ${mebibytes(peak() - before)} more than at the start`,
  );
} finally {
  await storage?.close();
  await rm(folder, { recursive: true });
}
