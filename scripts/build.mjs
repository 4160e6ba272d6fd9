// Builds dist/: the kernels and the report's app into src/**/*.generated.ts, then the library with tsc, then Node's
// bundle of it and the studio.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { buildKernels } from './build-kernels.mjs';
import { buildReport } from './build-report.mjs';
import { buildStudio } from './build-studio.mjs';

await Promise.all([buildKernels(), buildReport()]);
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
await Promise.all([bundleForNode(), buildStudio()]);

/**
 * dist/bundle, what Node gets of the package: a few files instead of hundreds of modules, each of which costs time at
 * every start. Bundlers get the modules, of which they keep what is used.
 */
async function bundleForNode() {
  await build({
    entryPoints: {
      index: 'dist/index.js',
      node: 'dist/node.js',
      onnx: 'dist/onnx.js',
      cli: 'dist/cli/main.js',
    },
    outdir: 'dist/bundle',
    ...{
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
    },
    logLevel: 'warning',
  });
  chmodSync('dist/bundle/cli.js', 0o755);
}
