// Memory of explainText on many rows: texts of about 60 words through a g that counts words, so that what is measured
// is what the run holds and not a model.
//
//   npm run build && node bench/text-memory.mjs [--rows 200000]

import { parseArgs } from 'node:util';
import { explainText } from '../dist/craft/text/explain-text.js';
import { parseTextRequest } from '../dist/craft/text/text-request.js';
import { random } from '../dist/tensor/random.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } });
const ROWS = Number(values.rows);
const BATCH = 256;
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
  return `${sentence()} ${sentence()} ${sentence()}`;
}

const source = {
  source: 'made',
  names: [],
  skipped: [],
  skippedCount: 0,
  duplicates: 0,
  total: ROWS,
  async *[Symbol.asyncIterator]() {
    for (let first = 0; first < ROWS; first += BATCH) {
      const count = Math.min(BATCH, ROWS - first);
      yield Array.from({ length: count }, (_, k) => {
        // as from a file: a string of its own, not one of parts
        const text = Buffer.from(textOf(first + k)).toString();
        return { id: `row ${first + k + 1}`, text, label: null };
      });
    }
  },
};

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

const before = process.resourceUsage().maxRSS;
const start = performance.now();
const request = parseTextRequest({ class: 'spam', concepts: 6, nbDesign: 2, examples: 4 });
const { explanation } = await explainText(request, { classifier, source, limit: null });
const { maxRSS } = process.resourceUsage();
const seconds = (performance.now() - start) / 1000;
console.log(
  `${explanation.inputs.items.length} texts, ${explanation.units.length} units: ${Math.round((maxRSS - before) / 1024)} MiB more than at the start, ${seconds.toFixed(0)} s`,
);
