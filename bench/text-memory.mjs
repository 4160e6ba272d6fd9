// Memory of explainText on many rows: texts through a g that counts words, so that what is measured is what the run
// holds and not a model.
//
//   npm run build && node bench/text-memory.mjs [--rows 200000] [--words 60] [--units auto]
//
// A text is --words words in sentences of twenty. With `--units text`, longer texts have no more units.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { explainText } from '../dist/craft/text/explain-text.js';
import { parseTextRequest } from '../dist/craft/text/text-request.js';
import { openTextFile } from '../dist/inputs/text/text-file-fs.js';
import { random } from '../dist/tensor/random.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    words: { type: 'string', default: '60' },
    units: { type: 'string', default: 'auto' },
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

const classifier = {
  inputToLatent: async (texts) => ({
    data: Float32Array.from(texts.flatMap((text) => TOPICS.map((topic) => text.split(topic).length - 1))),
    dims: [texts.length, TOPICS.length],
  }),
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
  nonNegative: true,
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
    dims: [null, TOPICS.length],
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

const folder = await mkdtemp(join(tmpdir(), 'text-memory-'));
try {
  await writeTexts(join(folder, 'texts.jsonl'));
  const source = await openTextFile(join(folder, 'texts.jsonl'));
  const before = process.resourceUsage().maxRSS;
  const start = performance.now();
  const request = parseTextRequest({
    class: 'spam',
    concepts: 6,
    nbDesign: 2,
    examples: 4,
    units: values.units,
  });
  const { explanation } = await explainText(request, { classifier, source, limit: null });
  const { maxRSS } = process.resourceUsage();
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${explanation.inputs.items.length} texts of ${values.words} words, ${explanation.units.length} units: ${Math.round((maxRSS - before) / 1024)} MiB more than at the start, ${seconds.toFixed(0)} s`,
  );
} finally {
  await rm(folder, { recursive: true });
}
