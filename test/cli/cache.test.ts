// The built command keeps activations: what a second run needs, what a killed one leaves, what goes wrong.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, CACHE, craft, type Outcome } from './run.ts';
import { type Toy, writeToy } from './toy.ts';

const IMAGES = 12;
// 64 px, patch 8, stride 6: 10×10 crops, three images a batch
const CROPS = 100;
const ALL = IMAGES * (CROPS + 1);

let toy: Toy;
let reference: unknown[];
beforeAll(async () => {
  toy = await writeToy(IMAGES);
  await explain('reference', ['--no-cache']);
  reference = numbersOf('reference');
});
afterAll(() => rmSync(toy.folder, { recursive: true }));

const words = (out: string, more: readonly string[] = []) => [
  ...['explain', toy.model, toy.images, '--class', 'triangle', '--concepts', '3', '--patch-size', '8'],
  ...['--batch-size', '3', '--nb-design', '4', '--out', join(toy.folder, out), ...more],
];
const explain = async (out: string, more: readonly string[] = [], cache = CACHE): Promise<Outcome> => {
  const outcome = await craft(words(out, more), undefined, { CRAFT_XAI_CACHE: cache });
  expect(outcome.stderr).not.toMatch(/a fault of its own/);
  expect(outcome.code).toBe(0);
  return outcome;
};

/** Everything of an explanation but its timings; its matrices by their hash. */
function numbersOf(out: string): unknown[] {
  const read = (name: string) => readFileSync(join(toy.folder, out, name));
  const { timings: _, ...rest } = JSON.parse(read('explanation.json').toString());
  return [rest, createHash('sha256').update(read('concepts.safetensors')).digest('hex')];
}

/** How often g ran, by the command's own word; all of it where it says nothing. */
function runsOf({ stderr }: Outcome): number {
  const found = /g ran on (\d+) crops and images; it did on (\d+) in earlier runs/.exec(stderr);
  if (!found) return ALL;
  return Number(found[1]);
}

const newCache = (name: string): string => {
  const cache = join(toy.folder, `cache-${name}`);
  mkdirSync(cache);
  return cache;
};
const entriesIn = (cache: string): string[] => {
  const folder = join(cache, 'activations');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith('.safetensors'));
};

describe('a second explain', () => {
  it('has the numbers of the first, and runs no g; nor for another rank, seed and class', async () => {
    const cache = newCache('second');
    const first = await explain('first', [], cache);
    expect(first.stderr).not.toContain('earlier runs');
    expect(numbersOf('first')).toEqual(reference);
    const second = await explain('second', [], cache);
    expect(second.stderr).toContain(`g ran on 0 crops and images; it did on ${ALL} in earlier runs`);
    expect(numbersOf('second')).toEqual(reference);

    const other = ['--concepts', '5', '--class', 'disk', '--seed', '3'];
    expect(runsOf(await explain('other', other, cache))).toBe(0);
    await explain('other-alone', [...other, '--no-cache']);
    expect(numbersOf('other')).toEqual(numbersOf('other-alone'));
  });

  it('is foretold by --dry-run', async () => {
    const cache = newCache('dry');
    const plan = async (more: readonly string[] = []) =>
      (await explain('dry', ['--dry-run', ...more], cache)).stdout;
    expect(await plan()).toMatch(new RegExp(`runs of g +${ALL}\n`));
    await explain('dry-run', ['--limit', '4'], cache);
    const left = ALL - 4 * (CROPS + 1);
    expect(await plan()).toContain(`${left} of ${ALL}, the rest is kept`);
    expect(JSON.parse(await plan(['--json']))).toMatchObject({ encoderRuns: left, keptRuns: ALL - left });
    await explain('dry-run', [], cache);
    expect(await plan()).toContain(`0 of ${ALL}, all are kept`);
  });

  it('knows an image by its bytes, not by its name', async () => {
    const cache = newCache('names');
    await explain('names', [], cache);
    const [one, two] = readdirSync(toy.images).map((name) => join(toy.images, name));
    const before = readFileSync(two);
    renameSync(one, `${one}-moved.png`);
    expect(runsOf(await explain('names', [], cache))).toBe(0);
    await sharp(before).negate({ alpha: false }).png().toFile(`${two}.tmp`);
    renameSync(`${two}.tmp`, two);
    // it is among the first four, on which the cut is checked again
    expect(runsOf(await explain('names', [], cache))).toBe(CROPS + 1 + 3);
    writeFileSync(two, before);
    renameSync(`${one}-moved.png`, one);
    expect(runsOf(await explain('names', [], cache))).toBe(0);
    expect(numbersOf('names')).toEqual(reference);
  });

  it('runs g for other patches and other preprocessing', async () => {
    const cache = newCache('settings');
    await explain('settings', [], cache);
    // 64 px, patch 32, stride 25: 2×2 crops; the images themselves are kept
    expect(runsOf(await explain('settings', ['--patch-size', '32'], cache))).toBe(IMAGES * 4);
    const { stderr } = await explain('settings', ['--mean', '0.4,0.5,0.6'], cache);
    expect(stderr).not.toContain('earlier runs');
  });

  it('neither uses nor keeps anything with --no-cache', async () => {
    const cache = newCache('none');
    await explain('none', ['--no-cache'], cache);
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('a run that is stopped', () => {
  /** Starts a run and stops it when some entries are there; gives how many. */
  async function stopped(signal: NodeJS.Signals, cache: string): Promise<number> {
    const child = spawn(process.execPath, [BIN, ...words('stopped')], {
      env: { ...process.env, CRAFT_XAI_CACHE: cache },
      stdio: 'ignore',
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    while (entriesIn(cache).length < 6 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    child.kill(signal);
    await closed;
    return endOf(child, signal, cache);
  }

  function endOf(child: ChildProcess, signal: NodeJS.Signals, cache: string): number {
    if (signal === 'SIGKILL') expect(child.signalCode).toBe('SIGKILL');
    else expect(child.exitCode).toBe(130);
    const entries = entriesIn(cache).length;
    expect(entries).toBeGreaterThanOrEqual(6);
    expect(entries).toBeLessThan(2 * IMAGES + 2); // in the middle
    return entries;
  }

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'by %s goes on where it was, to the same numbers',
    async (signal) => {
      const cache = newCache(signal);
      const entries = await stopped(signal, cache);
      expect(existsSync(join(toy.folder, 'stopped'))).toBe(false);
      const again = await explain(`after-${signal}`, [], cache);
      // two of the entries are the checks; at most the batch that was under way is run again
      const crops = Math.min(entries - 2, IMAGES);
      const whole = entries - 2 - crops;
      expect(runsOf(again)).toBe(ALL - crops * CROPS - whole);
      expect(numbersOf(`after-${signal}`)).toEqual(reference);
    },
  );
});

describe('two runs at once', () => {
  it('have the same numbers, and leave what a third can use', async () => {
    const cache = newCache('two');
    await Promise.all([explain('two-a', [], cache), explain('two-b', ['--seed', '0'], cache)]);
    expect(numbersOf('two-a')).toEqual(reference);
    expect(numbersOf('two-b')).toEqual(reference);
    const third = await explain('two-c', [], cache);
    expect(runsOf(third)).toBe(0);
    expect(numbersOf('two-c')).toEqual(reference);
  });
});

describe('a cache that is not as it should be', () => {
  it('counts as empty where it is damaged', async () => {
    const cache = newCache('damaged');
    await explain('damaged', [], cache);
    for (const [k, path] of entriesIn(cache).entries()) {
      if (k % 3 === 0) truncateSync(path, 100);
      else if (k % 3 === 1) writeFileSync(path, 'not what was here');
    }
    const { stderr } = await explain('damaged', [], cache);
    expect(stderr).not.toContain('activations are not kept');
    expect(numbersOf('damaged')).toEqual(reference);
    expect(runsOf(await explain('damaged', [], cache))).toBe(0);
  });

  it('is said once where it cannot be written', async () => {
    const cache = newCache('file');
    writeFileSync(join(cache, 'activations'), 'a file where the folder should be');
    const { stderr } = await explain('file', [], cache);
    expect(stderr.match(/warning: activations are not kept any more/g)).toHaveLength(1);
    expect(numbersOf('file')).toEqual(reference);
  });

  it('stays inside --cache-limit', async () => {
    const cache = newCache('limit');
    await explain('limit', [], cache);
    const bytes = () => entriesIn(cache).reduce((sum, path) => sum + readFileSync(path).length, 0);
    const full = bytes();
    const limit = Math.floor(full / 2);
    // what is used longest ago goes; what a run needs more than the limit is not kept, and said
    const { stderr } = await explain('limit', ['--cache-limit', `${limit}`], cache);
    expect(stderr).toMatch(/warning: activations are not kept any more: .* more than the limit/);
    expect(bytes()).toBeLessThanOrEqual(limit);
    expect(numbersOf('limit')).toEqual(reference);
  });

  it.each(['much', '0', '-1GB', '5XB', ''])('refuses --cache-limit %j', async (limit) => {
    const outcome = await craft(words('x', [`--cache-limit=${limit}`]));
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('--cache-limit: expected a size');
  });
});

it.skipIf(process.platform === 'win32')('a disk that is full half-way leaves no half entry', async () => {
  // no file above 4 blocks: a write ends in the middle with an error, as on a full disk
  const folder = newCache('full');
  const program = `
    import { openActivationCache } from ${JSON.stringify(pathToFileURL(join(BIN, '../../store/activation-cache-fs.js')).href)};
    const cache = await openActivationCache({ folder: ${JSON.stringify(folder)}, onTrouble: console.log });
    for (const n of [1, 2, 3]) {
      const data = new Float32Array(n === 1 ? 100 : 10000);
      await cache.put('0'.repeat(16) + '/' + String(n).padStart(64, '0'), { latent: { data, dims: [data.length] } });
    }`;
  writeFileSync(join(folder, 'fill.mjs'), program);
  const shell = spawn('sh', [
    '-c',
    'ulimit -f 4; exec "$0" "$1"',
    process.execPath,
    join(folder, 'fill.mjs'),
  ]);
  let said = '';
  shell.stdout.on('data', (text) => {
    said += text;
  });
  expect(await new Promise((resolve) => shell.on('close', resolve))).toBe(0);
  expect(said).toMatch(/^\S+ cannot be written \(EFBIG\)\n$/);
  expect(readdirSync(join(folder, '0'.repeat(16)))).toHaveLength(1);
});
