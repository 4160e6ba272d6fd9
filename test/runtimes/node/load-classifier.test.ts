// Models of every kind from bytes and from disk to a classifier that is cut, checked and ready for Craft.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { Craft, type Tensor } from '../../../src/index.ts';
import { loadClassifier } from '../../../src/node.ts';
import { DataLocation, DataType } from '../../../src/onnx/proto/constants.ts';
import { StringStringEntryProtoSchema } from '../../../src/onnx/proto/onnx_pb.ts';
import { inspectModel } from '../../../src/onnx.ts';
import { random } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/tensor.ts';
import { goldenPath } from '../../golden/npy.ts';
import type { GraphBuilder } from '../../models/builder.ts';
import {
  channelsLastNetwork,
  halfPrecisionNetwork,
  residualNetwork,
  visionTransformer,
} from '../../models/networks.ts';

const uniform = (dims: readonly number[]): Tensor<Float32Array> => {
  const rng = random(9);
  return { data: Float32Array.from({ length: sizeOf(dims) }, () => 2 * rng.uniform() - 1), dims };
};

/** Loads, explains a few random images in dense mode, and gives what came out. */
async function explained(model: { bytes(): Uint8Array }, dims: readonly number[]) {
  const classifier = await loadClassifier(model.bytes());
  const craft = new Craft({ ...classifier, numberOfConcepts: 3, rows: 'dense', batchSize: 4 });
  const images = uniform(dims);
  const fit = await craft.fit(images);
  const U = await craft.transform(images);
  const importance = await craft.estimateImportance(images, { classId: 1, nbDesign: 4 });
  const check = await classifier.check(images);
  await classifier.release();
  return { classifier, fit, U, importance, check };
}

/** The model with its weights in another file, and that file. */
function moveOut(builder: GraphBuilder, location: string): { model: Uint8Array; weights: Uint8Array } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  for (const t of builder.graph.initializer) {
    const { length } = t.rawData;
    parts.push(t.rawData);
    t.externalData = [
      entry('location', location),
      entry('offset', String(offset)),
      entry('length', String(length)),
    ];
    t.dataLocation = DataLocation.EXTERNAL;
    t.rawData = new Uint8Array(0);
    offset += length;
  }
  return { model: builder.bytes(), weights: new Uint8Array(Buffer.concat(parts)) };
}

describe('loadClassifier', () => {
  it('finds the map before the pool, and that the head is affine', async () => {
    const { classifier, fit, U, importance, check } = await explained(residualNetwork(), [6, 3, 12, 12]);
    expect(classifier.layer).toMatchObject({ tensor: 'block', layout: 'NCHW', chosenBy: 'suggestion' });
    expect(classifier.model.output.name).toBe('logits'); // before the softmax
    expect([fit.method, importance.method, U.dims]).toEqual(['nmf', 'closed-form', [6, 6, 6, 3]]);
    expect(check.maxAbsDifference).toBeLessThan(1e-5);
  });

  it('runs a model of a fixed batch of one on any number of images', async () => {
    const free = await explained(residualNetwork(), [5, 3, 12, 12]);
    const fixed = await explained(residualNetwork(1), [5, 3, 12, 12]);
    expect(fixed.U.dims).toEqual([5, 6, 6, 3]);
    fixed.importance.total.forEach((s, i) => {
      expect(s).toBeCloseTo(free.importance.total[i], 5); // one image at a time or four: float32 sums
    });
  });

  it.each(['cls', 'mean'] as const)('explains a vision transformer that reads %s', async (head) => {
    const { classifier, fit, U, importance } = await explained(visionTransformer(head), [6, 3, 8, 8]);
    expect(classifier).toMatchObject({
      latentLayout: 'NTC',
      prefixTokens: 1,
      reads: head === 'cls' ? 'prefix' : 'mean',
    });
    expect(fit.method).toBe('semi-nmf'); // LayerNorm is signed
    expect(U.dims).toEqual([6, 4, 4, 3]);
    expect(importance.degenerate).toBe(0);
  });

  it('leaves CLS and the registers of a DINOv2 out of the grid', async () => {
    const bytes = () => new Uint8Array(readFileSync(goldenPath('torch-gradients/dinov2.onnx')));
    const { classifier, U } = await explained({ bytes }, [4, 3, 24, 24]);
    expect(classifier).toMatchObject({ latentLayout: 'NTC', prefixTokens: 1 + 4 });
    expect(U.dims).toEqual([4, 6, 6, 3]);
    const before = inspectModel(bytes()).layers.find((l) => l.layout === 'NTC' && l.prefixTokens === 1);
    expect(before?.grid).toEqual([6, 6]); // the registers come behind the places
  });

  it('reads a model with channels last', async () => {
    const { classifier, U } = await explained(channelsLastNetwork(), [4, 10, 10, 3]);
    expect(classifier).toMatchObject({ inputLayout: 'NHWC', latentLayout: 'NHWC' });
    expect(U.dims).toEqual([4, 10, 10, 3]);
  });

  it('reads a model that computes in half precision, and one whose input is half', async () => {
    const { U } = await explained(halfPrecisionNetwork(), [4, 3, 8, 8]);
    expect(U.dims).toEqual([4, 8, 8, 3]);
    const half = halfPrecisionNetwork();
    const type = half.graph.input[0].type?.value;
    if (type?.case !== 'tensorType') throw new Error('expected a tensor');
    type.value.elemType = DataType.FLOAT16;
    const fromHalf = (await explained(half, [4, 3, 8, 8])).U;
    fromHalf.data.forEach((u, k) => {
      expect(Math.abs(u - U.data[k])).toBeLessThan(2 ** -10); // the input is rounded to 11 bits
    });
  });

  it('cuts where the user says, and says why not', async () => {
    const bytes = residualNetwork().bytes();
    const classifier = await loadClassifier(bytes, { layer: 'stem' });
    expect(classifier.layer).toMatchObject({ tensor: 'stem', chosenBy: 'user' });
    expect(classifier.affineHead).toBe(false);
    await classifier.release();
    await expect(loadClassifier(bytes, { layer: 'inner' })).rejects.toMatchObject({ code: 'NOT_A_CUT' });
    await expect(loadClassifier(bytes, { layer: 'stam' })).rejects.toThrow(/"stem"/);
  });

  it('warns of labels that do not fit', async () => {
    const classifier = await loadClassifier(residualNetwork().bytes(), { labels: ['a', 'b'] });
    expect(classifier.warnings).toEqual([expect.stringMatching(/2 names and the model 5 classes/)]);
    await classifier.release();
  });

  it('refuses texts', async () => {
    const classifier = await loadClassifier(residualNetwork().bytes());
    await expect(classifier.inputToLatent(['a text'])).rejects.toMatchObject({ code: 'INPUT' });
    await classifier.release();
  });
});

describe('a model on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'craft-model-'));
  const path = join(folder, 'model.onnx');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('brings its external data', async () => {
    const inside = await loadClassifier(residualNetwork().bytes());
    const { model, weights } = moveOut(residualNetwork(), 'model.onnx.data');
    writeFileSync(path, model);
    writeFileSync(join(folder, 'model.onnx.data'), weights);
    const outside = await loadClassifier(path);
    const images = uniform([2, 3, 12, 12]);
    expect(await outside.inputToLatent(images)).toEqual(await inside.inputToLatent(images));
    await Promise.all([inside.release(), outside.release()]);
  });

  it.each(['../secret', '/etc/hostname', 'a/../../b', 'C:\\x'])('never reads %s for it', async (location) => {
    writeFileSync(path, moveOut(residualNetwork(), location).model);
    await expect(loadClassifier(path)).rejects.toMatchObject({ code: 'MODEL_FORMAT' });
  });
});
