import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeExplanation, makeMaps, makeMatrices } from '../../test/report/fixture.ts';
import { saveExplanation } from '../store/explanation-fs.ts';
import { writeReport } from './report-fs.ts';

describe('writeReport', () => {
  let folder: string;
  const explanation = makeExplanation({ concepts: 3, inputs: 4 });
  const importance = {
    data: Float32Array.from(explanation.concepts, (concept) => concept.importance.value),
    dims: [3],
  };
  const head = Uint8Array.of(8, 7, 6);

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'craft-report-fs-')), 'out');
    const matrices = { ...makeMatrices(explanation), importance, maps: makeMaps(explanation) };
    await saveExplanation(folder, { explanation, matrices });
  });
  afterAll(() => rm(join(folder, '..'), { recursive: true, force: true }));

  it('writes a page of one file, which runs no code but its own', async () => {
    const html = await readFile(await writeReport(folder), 'utf8');
    expect(html).toMatch(/script-src 'sha256-[\w+/=]+'; style-src/);
    expect(html).toContain('"live":null');
    await expect(stat(join(folder, 'report'))).rejects.toThrow('ENOENT');
  });

  it('writes the head and the engine beside it when it is given the head', async () => {
    const html = await readFile(await writeReport(folder, async () => head), 'utf8');
    expect(html).toMatch(/script-src 'sha256-[\w+/=]+' 'self' file: 'wasm-unsafe-eval'; style-src/);
    expect(html).toContain('"live":{"head":"report/head.js","engine":"report/engine.js","inputs":[0,1,2,3]');
    const script = await readFile(join(folder, 'report/head.js'), 'utf8');
    expect(script).toMatch(/^craftXai\.receive\("head", \{"model":"CAcG",/); // base64 of 8, 7, 6
    const { size } = await stat(join(folder, 'report/engine.js'));
    expect(size).toBeLessThan(6e6); // 14 MB of WebAssembly, packed
  }, 60_000); // packs it
});
