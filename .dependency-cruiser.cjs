// The import arrows of the house: an import goes to the right or stays in its folder.
//   cli, studio → node, web → report, store, runtimes → craft → metrics → math, onnx, inputs, formats → tensor, errors
const layers = [
  ['errors', '^src/(errors|version)\\.ts$'],
  ['tensor', '^src/tensor/'],
  ['math', '^src/math/'],
  ['onnx', '^src/onnx/'],
  ['formats', '^src/formats/'],
  ['inputs', '^src/inputs/'],
  ['craft', '^src/craft/'],
  ['metrics', '^src/metrics/'],
  ['store', '^src/store/'],
  ['runtimes', '^src/runtimes/'],
  ['report', '^src/report/'],
  ['web', '^src/web/'],
  ['studio', '^src/studio/'],
  ['cli', '^src/cli/'],
];
const pathOf = Object.fromEntries(layers);
const mayImport = {
  errors: [],
  tensor: ['errors'],
  math: ['tensor', 'errors'],
  onnx: ['tensor', 'errors'],
  formats: ['onnx', 'tensor', 'errors'],
  inputs: ['tensor', 'errors'],
  craft: ['metrics', 'math', 'onnx', 'inputs', 'formats', 'tensor', 'errors'],
  metrics: ['math', 'tensor', 'errors'],
  store: ['craft', 'formats', 'tensor', 'errors'],
  runtimes: ['craft', 'onnx', 'inputs', 'formats', 'tensor', 'errors'],
  report: ['store', 'craft', 'tensor', 'errors'],
  web: ['report', 'store', 'runtimes', 'craft', 'onnx', 'inputs', 'formats', 'tensor', 'errors'],
  studio: ['web', 'report', 'store', 'runtimes', 'craft', 'onnx', 'inputs', 'formats', 'tensor', 'errors'],
};
const entries = '^src/(index|onnx|node|web)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(mayImport).map(([layer, allowed]) => ({
      name: `arrows-of-${layer}`,
      severity: 'error',
      from: { path: pathOf[layer], pathNot: '\\.test\\.ts$' },
      to: {
        path: '^src/',
        pathNot: [pathOf[layer], ...allowed.map((name) => pathOf[name])],
      },
    })),
    {
      name: 'io-at-the-rim',
      comment: 'node:* only in *-fs.ts, runtimes/node*, node.ts and cli/',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['-fs\\.ts$', '^src/runtimes/node', '^src/node\\.ts$', '^src/cli/', '\\.test\\.ts$'],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'runtime-at-the-rim',
      comment: 'onnxruntime and sharp only where I/O is',
      severity: 'error',
      from: { path: '^src/', pathNot: ['-fs\\.ts$', '^src/runtimes/', '^src/cli/', '\\.test\\.ts$'] },
      to: { path: 'node_modules/(onnxruntime|sharp)' },
    },
    {
      name: 'entries-are-not-imported',
      severity: 'error',
      from: { path: '^src/', pathNot: [entries, '^src/cli/', '\\.test\\.ts$'] },
      to: { path: entries },
    },
    {
      name: 'no-dev-in-library',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/report/app/', '^src/studio/'] },
      // onnxruntime-web is an optional peer
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/onnxruntime-web/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // compiled by AssemblyScript
    exclude: { path: '^src/math/kernels/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
