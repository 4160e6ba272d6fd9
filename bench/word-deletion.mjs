// Does removing the words that a map of a concept names lower the concept faster than removing words at random?
//
//   npm run build && craft-xai demo text --out demo && node bench/word-deletion.mjs --model M --explanation demo
//
// On the units that hold a concept most, each of another text: words go in the order of a map, and u_i is read after
// each tenth. The area under that curve over u_i of the whole unit is small where a map is right. Deletion is what
// occlusion measures one word at a time, so that it has an advantage here; the others do not see it.
//
// A model whose latent is a pool of token states, for the third way: scripts/train-token-model.py.

import { parseArgs } from 'node:util';
import { occlude, withoutSpans } from '../dist/craft/text/occlusion.js';
import { tokenHeatmap } from '../dist/craft/text/token-heatmap.js';
import { textWords } from '../dist/inputs/text/words.js';
import { nnlsVjp } from '../dist/math/implicit.js';
import { nnls } from '../dist/math/nnls.js';
import { randomWordOrder, wordDeletion, wordOrder } from '../dist/metrics/word-deletion.js';
import { loadTextClassifier } from '../dist/runtimes/text/load-text-classifier-fs.js';
import { loadTextExplanation } from '../dist/store/text-explanation-fs.js';
import { table } from './measure.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    explanation: { type: 'string' },
    texts: { type: 'string', default: '40' },
    units: { type: 'string', default: '4' },
    seed: { type: 'string', default: '0' },
  },
});
/** A unit of fewer words has no order to speak of. */
const LEAST_WORDS = 6;
const RANDOM_ORDERS = 10;

if (!values.model || !values.explanation) {
  console.error('SKIPPED bench/word-deletion.mjs: it takes --model and --explanation');
} else await compare();

async function compare() {
  const { explanation, matrices } = await loadTextExplanation(values.explanation);
  const { W } = matrices;
  const classifier = await loadTextClassifier(values.model, { layer: explanation.layer.tensor });
  const coefficients = async (texts) => nnls(await classifier.inputToLatent(texts), W);
  const tokenize = (text) => classifier.tokenize(text);
  const source = { ...classifier, W, coefficients, tokenize };
  const areas = new Map();
  const units = unitsOf(explanation, tokenize);
  for (const [n, { text, words, id }] of units.entries()) {
    for (const [name, orders] of await ordersOf(text, words, id, source, n)) {
      const found = [];
      for (const order of orders) found.push(await areaOf(text, words, order, id, coefficients));
      const list = areas.get(name) ?? [];
      areas.set(name, [...list, mean(found.filter((area) => area !== null))]);
    }
  }
  await classifier.release();
  print(areas, units.length);
}

/** The strongest units of each concept, the most important concepts first, one unit of a text. */
function unitsOf({ concepts, inputs }, tokenize) {
  const seen = new Set();
  const units = [];
  for (const { id, bestUnits } of concepts) {
    let count = 0;
    for (const { input, span } of bestUnits) {
      if (count === Number(values.units) || units.length === Number(values.texts)) break;
      const text = inputs.items[input].text.slice(...span);
      const words = textWords(text, tokenize(text));
      if (seen.has(input) || words.length < LEAST_WORDS) continue;
      seen.add(input);
      units.push({ text, words, id });
      count++;
    }
  }
  return units;
}

async function ordersOf(text, words, id, source, n) {
  const r = source.W.dims[0];
  const { scores } = await occlude(text, words, source.coefficients);
  const orders = [['occlusion', [wordOrder(words.map((_, w) => scores.data[w * r + id]))]]];
  for (const method of source.tokenStates ? ['gradient', 'states'] : ['gradient']) {
    const map = await tokenHeatmap(text, id, source, { method });
    orders.push([method === 'gradient' ? 'integrated gradients' : method, [wordOrder(map.scores)]]);
  }
  orders.push(['embedding · gradient', [wordOrder(await plainGradient(text, words, id, source))]]);
  if (source.tokenStates) {
    const { scores: ofPieces } = await tokenHeatmap(text, id, source, { method: 'projection' });
    // special pieces are left out of it
    const { offsets } = source.tokenize(text);
    const first = Array.from(offsets.filter((_, k) => k % 2 === 0)).findIndex((start) => start >= 0);
    const ofWord = ({ firstToken, lastToken }) =>
      Math.max(...ofPieces.slice(firstToken - first, lastToken - first));
    orders.push(['projection', [wordOrder(words.map(ofWord))]]);
  }
  const seeds = Array.from({ length: RANDOM_ORDERS }, (_, k) => Number(values.seed) + RANDOM_ORDERS * n + k);
  return [...orders, ['random', seeds.map((seed) => randomWordOrder(words.length, seed))]];
}

/** e · ∂u_i/∂e at the text alone, which is not integrated: what an encoder that normalises its input makes of it. */
async function plainGradient(text, words, id, { W, coefficients, tokenVjp }) {
  const U = await coefficients([text]);
  const v = { data: Float32Array.from(U.data, (_, i) => Number(i === id)), dims: U.dims };
  const { data, dims } = nnlsVjp(U, W, v, { ridge: 1e-9 });
  const slope = { data: Float32Array.from(data), dims };
  const [{ embeddings, gradients }] = await tokenVjp([text], slope, { of: 'latent' });
  const d = gradients.dims[1];
  return words.map(({ firstToken, lastToken }) => {
    let sum = 0;
    for (let k = firstToken * d; k < lastToken * d; k++) sum += embeddings.data[k] * gradients.data[k];
    return sum;
  });
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
    if (name === 'random') return [name, figure(list), '', ''];
    const gains = list.map((area, k) => random[k] - area);
    return [
      name,
      figure(list),
      figure(gains),
      `${gains.filter((gain) => gain > 0).length} of ${gains.length}`,
    ];
  });
  console.log(`${count} units of ${count} texts; mean ± standard error`);
  console.log(table([['order of the words', 'area', 'below random', 'units where it is'], ...rows]));
}

function figure(list) {
  const m = mean(list);
  const error = Math.sqrt(list.reduce((sum, v) => sum + (v - m) ** 2, 0) / (list.length - 1) / list.length);
  return `${m.toFixed(3)} ± ${error.toFixed(3)}`;
}

function mean(list) {
  return list.reduce((sum, v) => sum + v, 0) / list.length;
}
