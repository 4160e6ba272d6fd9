// NMF against scikit-learn: CPU time and loss on seeded matrices of 4800 × 2048 and on real activations.
//
//   npm run build && node bench/nmf.mjs [REPETITIONS [NAME OF A MATRIX …]]
//
// Runs alternate, each in a process of its own; medians. cold: with the start of the library, the first call of a
// process; warm: calls after V8 has compiled. scikit-learn is timed around fit_transform only, its import left out.

import { activations, missingForActivations } from './activations.mjs';
import { nmfLike, reluFeatures, shareOfZeros, withFolder, write } from './data.mjs';
import { craftXai, median, sklearn, sklearnVersion } from './rivals/sklearn.mjs';

const repetitions = Number(process.argv[2] ?? 3);
const names = process.argv.slice(3);
/** Only if it is named. */
const LARGE = 'Inception V3, 4775 crops';
/** Calls in a process: the first is cold; during the next ones V8 compiles in the background, which CPU time counts. */
const [CALLS, WARM_UP] = [8, 5];
const version = sklearnVersion();
if (version === null) process.exit(0);
const [n, p] = [4800, 2048];
const matrices = [
  ['NMF-like', () => ({ data: nmfLike(n, p, 20, 1), n, p })],
  ['ReLU features', () => ({ data: reluFeatures(n, p, 2), n, p })],
];
const missing = missingForActivations();
if (missing) console.error(`SKIPPED: real activations, for want of ${missing}`);
else {
  matrices.push(
    ['MobileNetV2, crops', () => activations('MobileNetV2', 'crops')],
    ['MobileNetV2, dense', () => activations('MobileNetV2', 'dense', 49)],
    ['Inception V3, crops', () => activations('InceptionV3', 'crops', 30)],
    ['Inception V3, dense', () => activations('InceptionV3', 'dense', 38)],
  );
  // some ten minutes of g
  if (names.includes(LARGE)) matrices.push([LARGE, () => activations('InceptionV3', 'crops', 96)]);
}

console.log(
  `scikit-learn ${version}, float32, one thread, medians of ${repetitions}, seconds of CPU\n\n` +
    '| matrix | n × p | zeros | r | scikit-learn (default threads) | cold | ratio | warm | ratio | loss / theirs − 1 | passes |\n' +
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
);
await withFolder(async (folder) => {
  for (const [name, make] of matrices) {
    if (names.length > 0 && !names.includes(name)) continue;
    const { data, n, p } = await make();
    const file = write(folder, 'A.f32', data);
    for (const r of [10, 25])
      console.log(`| ${row(folder, file, name, shareOfZeros(data), [n, p, r]).join(' | ')} |`);
  }
});

function row(folder, file, name, zeros, [n, p, r]) {
  const theirs = [];
  const threaded = [];
  const ours = [];
  for (let k = 0; k < repetitions; k++) {
    theirs.push(sklearn('fit', file, n, p, r, `${folder}/W.f32`));
    ours.push(craftXai('fit', file, n, p, r, `${folder}/W.f32`, 1, CALLS));
    threaded.push(sklearn('fit', file, n, p, r, `${folder}/W.f32`, false));
  }
  const their = median(theirs.map((x) => x.cpu));
  const cold = median(ours.map(([first]) => first.cpu));
  const warm = median(ours.flatMap((calls) => calls.slice(WARM_UP).map((x) => x.cpu)));
  const { loss, iterations } = ours[0][0];
  return [
    ...[name, `${n} × ${p}`, `${(100 * zeros).toFixed(0)} %`, r],
    `${their.toFixed(2)} (${median(threaded.map((x) => x.cpu)).toFixed(2)})`,
    ...[cold.toFixed(2), `${(their / cold).toFixed(1)}×`, warm.toFixed(2), `${(their / warm).toFixed(1)}×`],
    (loss / theirs[0].loss - 1).toExponential(1),
    `${iterations} / ${theirs[0].iterations}`,
  ];
}
