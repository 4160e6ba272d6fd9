// The built command on a real small model and real images.

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExplanation } from '../../src/store/explanation-fs.ts';
import { BIN, craft } from './run.ts';
import { type Toy, writeToy } from './toy.ts';

let toy: Toy;
/** What `explain --seed 7` left in the folder out, which later tests read. */
let explained: Awaited<ReturnType<typeof craft>>;
beforeAll(async () => {
  toy = await writeToy();
  explained = await explain('out', '--seed', '7');
});
afterAll(() => rmSync(toy.folder, { recursive: true }));

const explain = (out: string, ...more: string[]) =>
  craft([
    'explain',
    toy.model,
    toy.images,
    '--class',
    'triangle',
    '--concepts',
    '4',
    '--patch-size',
    '16',
    '--out',
    join(toy.folder, out),
    ...more,
  ]);

describe('help', () => {
  it.each(['inspect', 'cut', 'explain', 'report', 'demo'])('%s --help shows an example', async (name) => {
    const { code, stdout } = await craft([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`craft-xai ${name}`);
    expect(stdout).toContain('Examples:');
  });

  it('is what no command at all gets, with exit code 2', async () => {
    const { code, stdout, stderr } = await craft([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Commands:');
  });

  it('--version prints the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await craft(['--version'])).stdout).toBe(`${version}\n`);
  });
});

describe('misuse', () => {
  it.each([
    [['explian'], /expected one of inspect, cut/],
    [['explain'], /expected MODEL and INPUTS/],
    [['explain', 'a', 'b'], /--class NAME\|ID/],
    [['explain', 'a', 'b', '--clas', 'x'], /Unknown option '--clas'/],
    [
      ['explain', 'a', 'b', '--class', 'x', '--out', 'o', '--concepts', 'many'],
      /--concepts: expected a number; got "many"/,
    ],
    [['explain', 'a', 'b', '--class', 'x', '--out', 'o', '--concepts', '0'], /concepts: expected/],
    [['inspect', 'a', 'b'], /expected 1 words/],
  ])('%j ends with 2', async (words, text) => {
    const { code, stdout, stderr } = await craft(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(text);
  });

  it('names the classes that are near', async () => {
    const { code, stderr } = await explain('x', '--class', 'traingle');
    expect(code).toBe(2);
    expect(stderr).toMatch(/triangle.*CLASS_NOT_FOUND/s);
  });
});

describe('failure', () => {
  it.each([
    [['inspect', 'no-such.onnx'], 'FILE'],
    [['report', '.'], 'FILE'],
  ])('%j ends with 1 and a code', async (words, code) => {
    const outcome = await craft(words, toy.folder);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`[${code}]`);
  });

  it('leaves a folder with other files alone', async () => {
    const outcome = await explain('images');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('a folder with other files');
    expect(readdirSync(toy.images)).toHaveLength(12);
  });
});

describe('inspect', () => {
  it('lists cuts as a table and as JSON', async () => {
    const { stdout } = await craft(['inspect', toy.model]);
    expect(stdout).toMatch(/Suggested: \S+/);
    const json = JSON.parse((await craft(['inspect', toy.model, '--json'])).stdout);
    const suggested = json.layers.find((l: { tensor: string }) => l.tensor === json.suggested);
    expect(suggested).toMatchObject({ nonNegative: true, layout: 'NCHW' });
    expect(suggested.shape.slice(1)).toEqual([64, 8, 8]);
  });
});

describe('cut', () => {
  it('writes two models that make the whole', async () => {
    const { stdout, code } = await craft(['cut', toy.model, '--out', join(toy.folder, 'parts'), '--json']);
    expect(code).toBe(0);
    const { encoder, head, latent } = JSON.parse(stdout);
    const x = new Tensor(
      'float32',
      Float32Array.from({ length: 2 * 3 * 64 * 64 }, (_, i) => Math.sin(i)),
      [2, 3, 64, 64],
    );
    const [f, g, h] = await Promise.all(
      [toy.model, encoder, head].map((path) => InferenceSession.create(path)),
    );
    const whole = (await f.run({ input: x })).logits.data as Float32Array;
    const z = await g.run({ input: x });
    const halves = (await h.run({ [latent.inputName]: z[latent.inputName] })).logits.data as Float32Array;
    halves.forEach((y, i) => {
      expect(y).toBeCloseTo(whole[i], 4); // float32 in another fusion
    });
  });
});

describe('explain', () => {
  it('prints the plan and writes nothing with --dry-run', async () => {
    const { code, stdout } = await explain('dry', '--dry-run', '--json', '--no-cache');
    const plan = JSON.parse(stdout);
    expect(code).toBe(0);
    // 64 px, patch 16, stride 12: 5×5 crops; the head is pool → linear → ReLU → linear: its first half runs on
    // 4 + 1 rows in all, its second on 32·(4+1) masks an image; two more runs of h an image for completeness
    expect(plan).toMatchObject({
      images: 12,
      cropsPerImage: 25,
      rows: 300,
      encoderRuns: 12 * 26,
      headRuns: 12 * 162 + 5,
    });
    expect(existsSync(join(toy.folder, 'dry'))).toBe(false);
  });

  it('writes the files of the contract, the path alone on stdout', async () => {
    const { code, stdout, stderr } = explained;
    expect(stderr).not.toMatch(/fault/);
    expect([code, stdout]).toEqual([0, `${join(toy.folder, 'out', 'index.html')}\n`]);
    expect(readdirSync(join(toy.folder, 'out')).sort()).toEqual([
      'assets',
      'concepts.safetensors',
      'explanation.json',
      'index.html',
    ]);
    const { explanation, matrices } = await loadExplanation(join(toy.folder, 'out'));
    expect(explanation.settings).toMatchObject({ seed: 7, numberOfConcepts: 4, patchSize: 16, stride: 12 });
    expect(explanation.class).toEqual({ id: 2, label: 'triangle' });
    expect(explanation.preprocess).toMatchObject({ origin: 'file', mean: [0.5, 0.5, 0.5] });
    expect(explanation.layer.cutCheck.maxAbsDifference).toBeLessThan(
      1e-4 * explanation.layer.cutCheck.maxAbsLogit,
    );
    expect(explanation.importance).toMatchObject({
      path: 'folded-pool',
      headEvaluations: 12 * 160,
      prefixEvaluations: 5,
    });
    expect(matrices.W.dims).toEqual([4, 64]);
    expect(matrices.maps?.dims).toEqual([12, 8, 8, 4]);
    const total = explanation.concepts.map((c) => c.importance.value);
    expect(total).toEqual([...total].sort((a, b) => b - a));
    for (const { importance, bestRows } of explanation.concepts) {
      expect(importance.lower).toBeLessThanOrEqual(importance.value);
      expect(importance.upper).toBeGreaterThanOrEqual(importance.value);
      for (const row of bestRows) {
        const { image } = explanation.inputs.items[row.input];
        expect(image && existsSync(join(toy.folder, 'out', image))).toBe(true);
      }
    }
  });

  it('gives byte-identical numbers for the same seed', async () => {
    await explain('a', '--seed', '7');
    const read = (folder: string) => {
      const { timings, ...rest } = JSON.parse(
        readFileSync(join(toy.folder, folder, 'explanation.json'), 'utf8'),
      );
      expect(Object.keys(timings)).toContain('fit');
      return [rest, readFileSync(join(toy.folder, folder, 'concepts.safetensors'))];
    };
    expect(read('a')).toEqual(read('out'));
  });

  it('prints the explanation and nothing else with --json', async () => {
    const { stdout } = await explain('json', '--json', '--limit', '6');
    expect(JSON.parse(stdout).inputs.items).toHaveLength(6);
  });

  it('skips files that are no images, names them and goes on', async () => {
    const mixed = join(toy.folder, 'mixed');
    mkdirSync(mixed);
    for (const name of readdirSync(toy.images).slice(0, 6))
      writeFileSync(join(mixed, name), readFileSync(join(toy.images, name)));
    writeFileSync(join(mixed, 'broken.jpg'), 'no picture');
    writeFileSync(join(mixed, 'empty.png'), '');
    const { code, stdout } = await craft([
      'explain',
      toy.model,
      mixed,
      '--class',
      '2',
      '--concepts',
      '3',
      '--patch-size',
      '16',
      '--out',
      join(toy.folder, 'mixed-out'),
      '--json',
    ]);
    expect(code).toBe(0);
    const { inputs, warnings } = JSON.parse(stdout);
    expect(inputs.items).toHaveLength(6);
    expect(inputs.skipped.map((s: { name: string }) => s.name)).toEqual(['broken.jpg', 'empty.png']);
    expect(warnings.join()).toContain('2 files were skipped');
  });

  it('stops on Ctrl-C with 130 and leaves nothing half-written', async () => {
    const out = join(toy.folder, 'stopped');
    const child = spawn(process.execPath, [
      BIN,
      'explain',
      toy.model,
      toy.images,
      '--class',
      '2',
      '--concepts',
      '4',
      '--patch-size',
      '8',
      '--nb-design',
      '4096',
      '--out',
      out,
    ]);
    let stderr = '';
    child.stderr.on('data', (text) => {
      if (!stderr) child.kill('SIGINT'); // it has begun
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(stderr).toContain('[ABORTED]');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(toy.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('report', () => {
  const copyOfOut = (name: string): string => {
    const folder = join(toy.folder, name);
    cpSync(join(toy.folder, 'out'), folder, { recursive: true });
    return folder;
  };

  it('writes the same page again from the files', async () => {
    const folder = copyOfOut('again');
    const page = join(folder, 'index.html');
    const before = readFileSync(page, 'utf8');
    rmSync(page);
    const { stdout, code } = await craft(['report', folder]);
    expect([code, stdout]).toEqual([0, `${page}\n`]);
    // compared as a yes or no: a difference of two pages is no message
    expect(readFileSync(page, 'utf8') === before).toBe(true);
  });

  it('puts the second half of the model beside the page, if it is the model that was explained', async () => {
    const folder = copyOfOut('live');
    const { code, stderr } = await craft(['report', folder, '--model', toy.model]);
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(join(folder, 'report')).sort()).toEqual(['engine.js', 'head.js']);
    expect(readFileSync(join(folder, 'index.html'), 'utf8').includes('report/head.js')).toBe(true);

    // an empty metadata_props more
    const other = join(toy.folder, 'other.onnx');
    writeFileSync(other, Buffer.concat([readFileSync(toy.model), Buffer.from([0x72, 0])]));
    const refused = await craft(['report', folder, '--model', other]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/expected the model that was explained, .* with SHA-256 .*\[VALUE\]/s);
  });

  it.each([
    ['another version', (text: string) => text.replace('"version": 1', '"version": 2'), /version 1; got 2/],
    ['another format', (text: string) => text.replace('craft-xai/explanation', 'other'), /expected format/],
    ['a cut end', (text: string) => text.slice(0, -100), /expected JSON/],
    [
      'a path out of the folder',
      (text: string) => text.replace(/assets\/inputs\/00000/, 'assets/../../x'),
      /images below assets/,
    ],
    [
      'a field of another type',
      (text: string) => text.replace(/"degenerate": \d+/, '"degenerate": "none"'),
      /importance.degenerate/,
    ],
  ])('refuses %s', async (_, damage, message) => {
    const folder = copyOfOut('damaged');
    const file = join(folder, 'explanation.json');
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    const { code, stderr } = await craft(['report', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('[FILE_FORMAT]');
  });
});
