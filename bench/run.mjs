// Runs the benches one after another and says what is missing.
//
//   npm run bench                    all of them
//   npm run bench -- nmf transform   those whose name starts so
//
// A bench is a script of this folder that exports nothing; a file that exports is part of one.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cli, machine, table } from './measure.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const names = readdirSync(here)
  .filter((name) => name.endsWith('.mjs') && name !== 'run.mjs' && isBench(name))
  .map((name) => name.slice(0, -4))
  .filter((name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)))
  .sort();

if (names.length === 0) {
  console.error(`bench/run.mjs: no bench starts with ${wanted.join(' or ')}`);
  process.exitCode = 2;
} else if (!existsSync(cli)) {
  console.error('bench/run.mjs: dist/ is missing; npm run build first');
  process.exitCode = 1;
} else {
  await runAll();
}

function isBench(name) {
  // probe.mjs is loaded into the programs that are measured
  return name !== 'probe.mjs' && !/^export /m.test(readFileSync(`${here}${name}`, 'utf8'));
}

async function runAll() {
  console.log(machine());
  const results = [];
  for (const name of names) {
    console.log(`\n## ${name}\n`);
    const start = performance.now();
    const result = await runOne(name);
    results.push([name, result, `${((performance.now() - start) / 1000).toFixed(0)} s`]);
  }
  console.log(`\n${table([['bench', 'result', 'time'], ...results])}`);
  if (results.some(([, result]) => result.startsWith('failed'))) process.exitCode = 1;
}

/** Passes the output on, and looks in it for what the bench left out. */
function runOne(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${here}${name}.mjs`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.on('data', (chunk) => {
        to.write(chunk);
        output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const skipped = output.split('\n').filter((line) => line.includes('SKIPPED'));
      if (code !== 0) resolve(`failed (${signal ?? `exit ${code}`})`);
      else resolve(skipped.length > 0 ? skipped.join('; ') : 'done');
    });
  });
}
