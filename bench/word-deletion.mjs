// Does removing the words that a map of a concept names lower the concept faster than removing words at random?
//
//   npm run build && craft-xai demo text --out demo && node bench/word-deletion.mjs --model M --explanation demo
//
// On the units that hold a concept most, one of each text: words go in the order of a map, and u_i is read after each
// tenth. The area under that curve over u_i of the whole unit is small where a map is right. Deletion is what occlusion
// measures one word at a time, so that it has an advantage here; the others do not see it.

import { parseArgs } from 'node:util';
import { occlude, withoutSpans } from '../dist/craft/text/occlusion.js';
import { tokenHeatmap } from '../dist/craft/text/token-heatmap.js';
import { textWords } from '../dist/inputs/text/words.js';
import { nnls } from '../dist/math/nnls.js';
import { randomWordOrder, wordDeletion, wordOrder } from '../dist/metrics/word-deletion.js';
import { loadTextClassifier } from '../dist/runtimes/text/load-text-classifier-fs.js';
import { loadTextExplanation } from '../dist/store/text-explanation-fs.js';
import { table } from './measure.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    explanation: { type: 'string' },
    concepts: { type: 'string', default: '5' },
    units: { type: 'string', default: '8' },
    seed: { type: 'string', default: '0' },
  },
});
/** A unit of fewer words has no order to speak of. */
const LEAST_WORDS = 6;
const RANDOM_ORDERS = 3;

if (!values.model || !values.explanation) {
  console.error('SKIPPED bench/word-deletion.mjs: it takes --model and --explanation');
} else await compare();

async function compare() {
  const { explanation, matrices } = await loadTextExplanation(values.explanation);
  const { W } = matrices;
  const classifier = await loadTextClassifier(values.model, { layer: explanation.layer.tensor });
  const coefficients = async (texts) => nnls(await classifier.inputToLatent(texts), W);
  const source = { ...classifier, W, coefficients };
  source.tokenize = (text) => classifier.tokenize(text);
  const areas = new Map();
  let count = 0;
  for (const { id } of explanation.concepts.slice(0, Number(values.concepts))) {
    for (const text of unitsOf(explanation, id)) {
      const words = textWords(text, source.tokenize(text));
      if (words.length < LEAST_WORDS) continue;
      count++;
      for (const [name, orders] of await ordersOf(text, words, id, source, count)) {
        const found = [];
        for (const order of orders) found.push(await areaOf(text, words, order, id, coefficients));
        const list = areas.get(name) ?? [];
        areas.set(name, [...list, mean(found.filter((area) => area !== null))]);
      }
    }
  }
  await classifier.release();
  print(areas, count);
}

/** Strongest units, one of each text. */
function unitsOf({ concepts, inputs }, id) {
  const seen = new Set();
  const texts = [];
  for (const { input, span } of concepts[id].bestUnits) {
    if (seen.has(input) || texts.length === Number(values.units)) continue;
    seen.add(input);
    texts.push(inputs.items[input].text.slice(...span));
  }
  return texts;
}

async function ordersOf(text, words, id, source, n) {
  const r = source.W.dims[0];
  const { scores } = await occlude(text, words, source.coefficients);
  const orders = [['occlusion', [wordOrder(words.map((_, w) => scores.data[w * r + id]))]]];
  const methods = source.tokenStates ? ['gradient', 'states', 'projection'] : ['gradient'];
  for (const method of methods) {
    const map = await tokenHeatmap(text, id, source, { method });
    // pieces, not words, have the scores of a projection
    if (map.scores.length === words.length) orders.push([method, [wordOrder(map.scores)]]);
  }
  const seeds = Array.from({ length: RANDOM_ORDERS }, (_, k) => Number(values.seed) + RANDOM_ORDERS * n + k);
  return [...orders, ['random', seeds.map((seed) => randomWordOrder(words.length, seed))]];
}

async function areaOf(text, words, order, id, coefficients) {
  const { area } = await wordDeletion(order, async (removed) => {
    const left = removed.map((gone) =>
      withoutSpans(
        text,
        [...gone].sort((a, b) => a - b).map((w) => words[w]),
      ),
    );
    const { data, dims } = await coefficients(left);
    return left.map((_, k) => data[k * dims[1] + id]);
  });
  return area;
}

function print(areas, count) {
  const random = areas.get('random');
  const rows = [...areas].map(([name, list]) => {
    const gains = list.map((area, k) => random[k] - area);
    const error = Math.sqrt(mean(gains.map((gain) => (gain - mean(gains)) ** 2)) / gains.length);
    const won = gains.filter((gain) => gain > 0).length;
    return name === 'random'
      ? [name, mean(list).toFixed(3), '', '']
      : [
          name,
          mean(list).toFixed(3),
          `${mean(gains).toFixed(3)} ± ${error.toFixed(3)}`,
          `${won} of ${list.length}`,
        ];
  });
  console.log(`${count} units`);
  console.log(table([['order of the words', 'area', 'below random', 'units'], ...rows]));
}

function mean(list) {
  return list.reduce((sum, v) => sum + v, 0) / list.length;
}
