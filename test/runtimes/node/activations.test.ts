// What is kept between runs, with the real engine: whether g is opened at all, and what makes entries others.

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { explain } from '../../../src/craft/explain.ts';
import { parseRequest } from '../../../src/craft/request.ts';
import { openImageFolder } from '../../../src/inputs/image-folder-fs.ts';
import { inspectModel } from '../../../src/onnx/inspect.ts';
import { type ClassifierOptions, classifierOf } from '../../../src/runtimes/load-classifier.ts';
import { readModelFile } from '../../../src/runtimes/model-file-fs.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import type { Runtime } from '../../../src/runtimes/runtime.ts';
import { openActivationCache } from '../../../src/store/activation-cache-fs.ts';
import { random } from '../../../src/tensor/random.ts';
import { sizeOf, type Tensor } from '../../../src/tensor/tensor.ts';
import { type Toy, writeToy } from '../../cli/toy.ts';
import { goldenPath } from '../../golden/npy.ts';
import type { GraphBuilder } from '../../models/builder.ts';
import {
  channelsLastNetwork,
  halfPrecisionNetwork,
  quantizedNetwork,
  residualNetwork,
  visionTransformer,
} from '../../models/networks.ts';

let toy: Toy;
let folder: string;
beforeAll(async () => {
  toy = await writeToy(9);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'craft-xai-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => rmSync(toy.folder, { recursive: true }));

/** The real engine, with the number of models that it opened which read images: g and f. */
async function countingRuntime(): Promise<Runtime & { opened: number }> {
  const runtime = await nodeRuntime();
  const counting = {
    version: runtime.version,
    opened: 0,
    open: async (...model: Parameters<Runtime['open']>) => {
      const session = await runtime.open(...model);
      if (session.inputNames.includes('input')) counting.opened++;
      return session;
    },
  };
  return counting;
}

/** Explains the toy images with a cache, or without. */
async function explained(
  settings: { concepts?: number; class?: number } = {},
  {
    cached = true,
    model = goldenPath('models/cnn.onnx'),
    ...options
  }: ClassifierOptions & { cached?: boolean; model?: string } = {},
) {
  const runtime = await countingRuntime();
  const activations = cached ? await openActivationCache({ folder }) : undefined;
  const classifier = await classifierOf(runtime, await readModelFile(model), { ...options, activations });
  const images = await openImageFolder(toy.images, { preprocess: classifier.preprocess, batchSize: 4 });
  const request = parseRequest({
    class: 2,
    concepts: 4,
    patchSize: 16,
    batchSize: 4,
    nbDesign: 4,
    ...settings,
  });
  const source = Object.assign(images, { source: 'images' });
  const { explanation, matrices } = await explain(request, { classifier, source, limit: null });
  await classifier.release();
  await activations?.close();
  const { timings: _, ...rest } = explanation;
  return {
    result: { ...rest, matrices },
    encoderRuns: classifier.encoderRuns(),
    kept: classifier.activations?.kept ?? 0,
    opened: runtime.opened,
  };
}

// 64 px, patch 16, stride 12: 5×5 crops; a probe on noise runs g twice, a check of the first images once on each
const ALL = 9 * 26;
const CHECKS = 2 + 4;

describe('explain with activations kept', () => {
  it('gives the same bits as without; the second time g is not even opened', async () => {
    const without = await explained({}, { cached: false });
    const first = await explained();
    const second = await explained();
    expect(first.result).toEqual(without.result);
    expect(second.result).toEqual(without.result);
    expect([without.encoderRuns, first.encoderRuns, second.encoderRuns]).toEqual([
      ALL + CHECKS,
      ALL + CHECKS,
      0,
    ]);
    expect(second.kept).toBe(ALL);
    // g, f for the probe and f for the check
    expect([first.opened, second.opened]).toEqual([3, 0]);
  });

  it('runs no g for another rank and another class', async () => {
    await explained();
    const other = { concepts: 6, class: 1 };
    const again = await explained(other);
    expect(again.encoderRuns).toBe(0);
    expect(again.result).toEqual((await explained(other, { cached: false })).result);
  });

  it('runs g again for another layer, another preprocessing, another engine', async () => {
    await explained();
    const { layers, suggested } = inspectModel(readFileSync(goldenPath('models/cnn.onnx')));
    const earlier = layers[layers.findIndex(({ tensor }) => tensor === suggested) - 1].tensor;
    const changes: ClassifierOptions[] = [
      { layer: earlier },
      { preprocess: { mean: [0.4, 0.5, 0.6] } },
      { engine: 'another' },
    ];
    for (const change of changes) {
      const { kept, encoderRuns } = await explained({}, change);
      expect([kept, encoderRuns]).toEqual([0, ALL + CHECKS]);
    }
    const folders = readdirSync(folder);
    expect(folders).toHaveLength(3); // preprocessing is in the keys of the images
  });

  it('runs g again where the weights beside the model are others', async () => {
    const bytes = residualNetwork().bytes();
    const runs: number[] = [];
    for (const weight of [1, 2, 1]) {
      const files = new Map([['weights.bin', Uint8Array.of(weight)]]);
      const activations = await openActivationCache({ folder });
      const file = { name: 'model', bytes, files };
      const classifier = await classifierOf(await nodeRuntime(), file, { activations });
      runs.push(classifier.encoderRuns());
      await classifier.release();
    }
    expect(runs).toEqual([2, 2, 0]); // those of the probe
  });

  it('takes the same model under another name', async () => {
    await explained();
    const copy = join(toy.folder, 'copy.onnx');
    copyFileSync(goldenPath('models/cnn.onnx'), copy);
    expect((await explained({}, { model: copy })).encoderRuns).toBe(0);
  });
});

describe('the engine', () => {
  const uniform = (dims: readonly number[]): Tensor<Float32Array> => {
    const rng = random(9);
    return { data: Float32Array.from({ length: sizeOf(dims) }, () => 2 * rng.uniform() - 1), dims };
  };
  const networks: [string, GraphBuilder, number[]][] = [
    ['a residual network', residualNetwork(), [3, 12, 12]],
    ['one of a fixed batch of three', residualNetwork(3), [3, 12, 12]],
    ['channels last', channelsLastNetwork(), [10, 10, 3]],
    ['a transformer', visionTransformer(), [3, 8, 8]],
    ['half precision', halfPrecisionNetwork(), [3, 8, 8]],
    ['a quantized network', quantizedNetwork(), [3, 6, 6]],
  ];

  // that what is missing may run in smaller batches than without a cache
  it.each(networks)('gives an input of %s the same bits in a batch of any size', async (_, model, dims) => {
    const file = { name: 'model', bytes: model.bytes(), files: new Map() };
    const classifier = await classifierOf(await nodeRuntime(), file);
    const images = uniform([8, ...dims]);
    const size = sizeOf(dims);
    const all = await classifier.inputToLatent(images);
    const each = all.data.length / 8;
    for (const [from, to] of [
      [0, 1],
      [3, 4],
      [2, 5],
      [1, 8],
    ]) {
      const data = images.data.subarray(from * size, to * size);
      const part = await classifier.inputToLatent({ data, dims: [to - from, ...dims] });
      expect(part.data).toEqual(all.data.subarray(from * each, to * each));
    }
    await classifier.release();
  });
});
