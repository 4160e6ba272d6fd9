// Builds dist/: the kernels and the report's app into src/**/*.generated.ts, then the library with tsc, then the studio.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { buildKernels } from './build-kernels.mjs';
import { buildReport } from './build-report.mjs';
import { buildStudio } from './build-studio.mjs';

await Promise.all([buildKernels(), buildReport()]);
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
chmodSync('dist/cli/main.js', 0o755);
await buildStudio();
