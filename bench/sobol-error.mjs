// How far the sampled Sobol indices are from the closed form, on the affine head of a real classifier.
//
//   npm run build && node bench/sobol-error.mjs [MODEL.tflite IMAGES CLASS-ID]
//
// Prints, per sampler and number of concepts: ΣS_T (1 for an affine head), the largest and mean absolute error of the
// indices, whether the first concept is right, and the Spearman correlation of the ranking.

import { existsSync } from 'node:fs';
import { Craft } from '../dist/index.js';
import { loadClassifier, openImageFolder } from '../dist/node.js';

const [
  model = '../shared/data/models/mobilenet_v2_1.0_224_quant.tflite',
  folder = '../shared/data/grocery/granny-smith',
  classId = '949',
] = process.argv.slice(2);
if (!existsSync(model) || !existsSync(folder)) {
  console.error(`SKIPPED: no ${model} or ${folder}`);
  process.exit(0);
}

const N = 32;
const LIMIT = 16;
const classifier = await loadClassifier(model);
const images = await openImageFolder(folder, { preprocess: classifier.preprocess, limit: LIMIT });
console.log(`${LIMIT} images, N = ${N}, Jansen; exact: ΣS_T = 1`);
console.log('| r | sampler | ΣS_T | largest error | mean error | first right | Spearman |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const numberOfConcepts of [10, 20]) {
  const craft = new Craft({ ...classifier, numberOfConcepts, rows: 'dense' });
  await craft.fit(images);
  const options = { classId: Number(classId), nbDesign: N };
  const exact = (await craft.estimateImportance(images, options)).total;
  for (const sampler of ['halton', 'sobol', 'latin-hypercube']) {
    const { total } = await craft.estimateImportance(images, { ...options, sampler, method: 'sobol' });
    const errors = Array.from(total, (s, i) => Math.abs(s - exact[i]));
    const row = [
      numberOfConcepts,
      sampler === 'sobol'
        ? 'Sobol, scrambled'
        : sampler === 'halton'
          ? 'Halton, unscrambled'
          : 'Latin hypercube',
      sum(total).toFixed(3),
      Math.max(...errors).toFixed(3),
      (sum(errors) / errors.length).toFixed(4),
      ranks(total).indexOf(0) === ranks(exact).indexOf(0) ? 'yes' : 'no',
      spearman(total, exact).toFixed(3),
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}
await classifier.release();

function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

function ranks(values) {
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const rank = new Array(values.length);
  order.forEach((i, k) => {
    rank[i] = k;
  });
  return rank;
}

function spearman(a, b) {
  const [ra, rb] = [ranks(a), ranks(b)];
  const n = ra.length;
  return 1 - (6 * sum(ra.map((r, i) => (r - rb[i]) ** 2))) / (n * (n * n - 1));
}
