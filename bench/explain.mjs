// Whole runs of `craft-xai explain` against the Python reference's way of working, on the same model and photographs.
//
//   npm run build && node bench/explain.mjs [--model M] [--images DIR] [--class ID] [--count 60] [--pairs 3] [--threads 1]
//
// Ours and the reference's take turns, pair by pair, the first of a pair changing; both on the same cores. Before that, the
// reference's torch version of the model is compared with ONNX Runtime. The reference is timed with settings of malloc that
// make it faster, and its memory is taken from one more run without them, where it needs less (see README.md).

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withFolder } from './data.mjs';
import { cli, machine, median, runExplain, settings, table } from './measure.mjs';
import { missingInPython, prepareReference, runReference } from './reference.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '../shared/data/models/mobilenet_v2_1.0_224_quant.tflite' },
    images: { type: 'string', default: '../shared/data/grocery/granny-smith' },
    class: { type: 'string', default: '949' },
    count: { type: 'string', default: '60' },
    pairs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
});
const run = {
  model: values.model,
  images: values.images,
  classId: values.class,
  count: Number(values.count),
  threads: Number(values.threads),
};
const summaryHead = [
  'rows',
  'wall: ours',
  'reference',
  'ratio',
  'CPU: ours',
  'reference',
  'ratio',
  'peak memory: ours',
  'reference',
  '‖A − UW‖/‖A‖: ours',
  'reference',
];

const missing = whatIsMissing();
if (missing.length > 0) console.error(`SKIPPED bench/explain.mjs: ${missing.join('; ')}`);
else await withFolder(compare);

function whatIsMissing() {
  const absent = [cli, run.model, run.images].filter((path) => !existsSync(path)).map((path) => `no ${path}`);
  return [...absent, missingInPython()].filter(Boolean);
}

async function compare(folder) {
  const onnx = await prepareReference(folder, run);
  console.log(`${machine()}, ${run.threads} thread${run.threads === 1 ? '' : 's'}`);
  console.log(
    `${run.count} images, r = ${settings.concepts}, N = ${settings.nbDesign}, patch ${settings.patchSize}; ${onnx.note}\n`,
  );
  const modes = ['crops', 'dense'].map((rows) => ({ rows, ours: [], reference: [] }));
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    for (const { rows, ours, reference } of modes) {
      const turns = [
        async () => ours.push(await runExplain(folder, { ...run, rows })),
        async () => reference.push(await runReference(folder, run, onnx, { rows, keepMemory: true })),
      ];
      for (const turn of pair % 2 === 0 ? turns : turns.reverse()) await turn();
    }
  }
  for (const mode of modes) {
    mode.plain = await runReference(folder, run, onnx, { rows: mode.rows, keepMemory: false });
  }
  console.log(table([summaryHead, ...modes.map(summaryOf)]));
  console.log(`\n${againstCrops(modes)}`);
  for (const mode of modes) console.log(`\n${mode.rows}, seconds by stage (medians)\n\n${stagesOf(mode)}`);
  for (const { rows, plain } of modes) {
    console.log(`\n${rows}: the reference with the system's own malloc takes ${plain.wall.toFixed(1)} s`);
  }
  const { versions } = modes[0].reference[0];
  console.log(
    `\nReference: torch ${versions.torch}, scikit-learn ${versions.sklearn}, numpy ${versions.numpy}`,
  );
}

function summaryOf({ rows, ours, reference, plain }) {
  const cells = ['wall', 'cpu'].flatMap((key) => {
    const ratios = ours.map((one, k) => reference[k][key] / one[key]);
    const spread = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
    return [
      `${medianOf(ours, key).toFixed(1)} s`,
      `${medianOf(reference, key).toFixed(1)} s`,
      `${median(ratios).toFixed(1)}× (${spread})`,
    ];
  });
  const peaks = [medianOf(ours, 'peak'), plain.peak].map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`);
  const errors = [ours[0].explanation.factorization.relativeError, reference[0].relativeError];
  return [rows, ...cells, ...peaks, ...errors.map((error) => error.toFixed(4))];
}

/** The package that the reference stands for knows crops only: what a user gains who takes our dense rows instead. */
function againstCrops([{ reference }, { ours }]) {
  const ratios = ours.map((one, k) => reference[k].wall / one.wall);
  const spread = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
  return `Our dense run against the reference's crops run, its only way: ${median(ratios).toFixed(1)}× (${spread}) in wall time`;
}

function medianOf(runs, key) {
  return median(runs.map((one) => one[key]));
}

/** Every stage of both in one table; rows do not correspond: the work is cut differently. */
function stagesOf({ ours, reference }) {
  const timings = [
    ours.map(({ explanation }) => explanation.timings),
    reference.map(({ stages }) =>
      Object.fromEntries(Object.entries(stages).map(([k, { wall }]) => [k, wall])),
    ),
  ];
  const sides = timings.map((runs) =>
    Object.keys(runs[0]).map((stage) => [stage, median(runs.map((seconds) => seconds[stage])).toFixed(2)]),
  );
  const length = Math.max(...sides.map((side) => side.length));
  const rows = Array.from({ length }, (_, k) => sides.flatMap((side) => side[k] ?? ['', '']));
  return table([['ours', 's', 'reference', 's'], ...rows]);
}
