// Packs the package, installs the tarball into an empty project and uses it as a stranger would:
// the command, plain ESM imports, and a strict TypeScript program.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const project = mkdtempSync(join(tmpdir(), 'craft-consumer-'));
const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const node = (...args) => execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });

try {
  const [{ filename, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', project], '.'),
  );
  writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
  writeFileSync(join(project, '.npmrc'), readFileSync('.npmrc'));
  npm(['install', '--no-audit', '--no-fund', '--prefer-offline', `./${filename}`], project);

  const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
  const printed = node('node_modules/craft-xai/dist/bundle/cli.js', '--version').trim();
  if (printed !== version) throw new Error(`craft-xai --version: expected ${version}; got ${printed}`);

  writeFileSync(
    join(project, 'use.mjs'),
    `import { nmf, Craft, CraftError, VERSION } from 'craft-xai';
     import { inspectModel, cutModel } from 'craft-xai/onnx';
     import { loadClassifier, writeReport } from 'craft-xai/node';
     const A = { data: Float32Array.from({ length: 12 }, (_, i) => i), dims: [4, 3] };
     const { U, W } = await nmf(A, { rank: 2 });
     console.log([U.dims, W.dims, typeof Craft, typeof inspectModel, typeof cutModel, typeof loadClassifier, typeof writeReport, VERSION].join(' '));
     await nmf(A, { rank: 0 }).catch((e) => { if (!(e instanceof CraftError)) throw e; });`,
  );
  console.log(`ESM: ${node('use.mjs').trim()}`);

  writeFileSync(
    join(project, 'use.ts'),
    `import { Craft, type Explanation, type Tensor } from 'craft-xai';
     import { inspectModel } from 'craft-xai/onnx';
     import { loadClassifier, loadExplanation } from 'craft-xai/node';
     const classifier = await loadClassifier('model.onnx', { layer: 'auto' });
     const craft = new Craft({ ...classifier, numberOfConcepts: 5 });
     const images: Tensor = { data: new Float32Array(3 * 32 * 32), dims: [1, 3, 32, 32] };
     const fit = await craft.fit(images);
     const rank: number = fit.W.dims[0];
     const { total } = await craft.estimateImportance(images, { classId: 0 });
     const explanation: Explanation = (await loadExplanation('out')).explanation;
     export const result: [number, Float64Array, string, number] = [rank, total, explanation.class.label, inspectModel(new Uint8Array()).layers.length];`,
  );
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        module: 'NodeNext',
        target: 'ES2022',
        noEmit: true,
        types: [],
        skipLibCheck: false,
      },
      files: ['use.ts'],
    }),
  );
  node(resolve('node_modules/typescript/bin/tsc'), '-p', '.');
  console.log(`strict TypeScript: ok; ${files.length} files in the tarball`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
