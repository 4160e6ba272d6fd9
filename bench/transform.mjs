// Coefficients of new rows on a fixed bank, exact, against NMF.transform of scikit-learn, which stops early.
//
//   npm run build && node bench/transform.mjs [REPETITIONS]

import { nmfLike, reluFeatures, withFolder, write } from './data.mjs';
import { craftXai, median, sklearn, sklearnVersion } from './rivals/sklearn.mjs';

const repetitions = Number(process.argv[2] ?? 3);
/** Calls in a process: the first is cold; during the next ones V8 compiles in the background, which CPU time counts. */
const [CALLS, WARM_UP] = [20, 8];
const version = sklearnVersion();
if (version === null) process.exit(0);
const [n, p, r] = [19200, 2048, 10];

console.log(
  `scikit-learn ${version}, ${n} × ${p}, r = ${r}, float32, one thread, medians of ${repetitions}, ms of CPU\n`,
);
console.log('| matrix | scikit-learn | cold | ratio | warm | ratio | loss / theirs − 1 |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
await withFolder((folder) => {
  for (const [name, make] of [
    ['NMF-like', nmfLike],
    ['ReLU features', (rows, columns, _, seed) => reluFeatures(rows, columns, seed)],
  ]) {
    const bank = `${folder}/W.f32`;
    sklearn('fit', write(folder, 'fit.f32', make(2000, p, 20, 1)), 2000, p, r, bank);
    const file = write(folder, 'A.f32', make(n, p, 20, 3));
    const theirs = [];
    const ours = [];
    for (let k = 0; k < repetitions; k++) {
      theirs.push(sklearn('transform', file, n, p, r, bank));
      ours.push(craftXai('transform', file, n, p, r, bank, 1, CALLS));
    }
    const their = median(theirs.map((x) => x.cpu));
    const cold = median(ours.map(([first]) => first.cpu));
    const warm = median(ours.flatMap((calls) => calls.slice(WARM_UP).map((x) => x.cpu)));
    const cells = [
      name,
      ms(their),
      ms(cold),
      `${(their / cold).toFixed(1)}×`,
      ms(warm),
      `${(their / warm).toFixed(1)}×`,
    ];
    console.log(`| ${[...cells, (ours[0][0].loss / theirs[0].loss - 1).toExponential(1)].join(' | ')} |`);
  }
});

function ms(seconds) {
  return (seconds * 1000).toFixed(0);
}
