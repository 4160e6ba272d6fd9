// Networks of the field as other exporters write them: our shapes against the runtime's, and their cuts.

import { readdirSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/onnx/analysis.ts';
import { valueInfo } from '../../../src/onnx/build.ts';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import type { ModelProto } from '../../../src/onnx/proto/onnx_pb.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/read.ts';
import { valuesOf } from '../../../src/onnx/tensor-values.ts';
import { inspectModel } from '../../../src/onnx.ts';
import { random } from '../../../src/tensor/random.ts';
import { floatTensor } from '../../models/builder.ts';
import { cutDeviation, noise, run } from './halves.ts';

const folder = new URL('../../golden/light/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
const load = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));

/** Cuts of each network, from the first to the last. */
const CUTS = 5;
/** Half a gigabyte of weights in the linear layers: one cut, the suggested one. */
const HUGE = /alexnet|vgg|zfnet/;

/** Larger weights stay constant: 575 MB of VGG would show nothing more. */
const MAX_RANDOM = 1 << 16;

/** Weights of these files are constants; random ones let a mistaken wire show in the output. */
function withRandomWeights(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const shapes = new Map(graph.initializer.map((t) => [t.name, valuesOf(t, 8)]));
  const rng = random(11);
  graph.node = graph.node.filter((node) => {
    const dims = node.opType === 'ConstantOfShape' ? shapes.get(node.input[0]) : null;
    const size = dims?.reduce((a, b) => a * b, 1) ?? Number.POSITIVE_INFINITY;
    if (!dims || size > MAX_RANDOM) return true;
    // positive, so that variances are valid and activations stay alive
    const values = Float32Array.from({ length: size }, () => 0.01 + (0.1 * rng.uniform()) / Math.sqrt(size));
    graph.initializer.push(floatTensor(values, dims, node.output[0]));
    return false;
  });
  return encodeModel(model);
}

/** Dims of every tensor as onnxruntime infers them. */
async function dimsByRuntime(model: ModelProto): Promise<Map<string, readonly (number | string)[]>> {
  const graph = model.graph!;
  // the mask of Dropout, a second output, is unknown to the runtime at this opset
  graph.output = graph.node.map((n) => n.output[0]).map((name) => valueInfo(name, DataType.FLOAT, null));
  const session = await ort.InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  const dims = new Map(
    session.outputMetadata.flatMap((m) => (m.isTensor ? [[m.name, m.shape] as const] : [])),
  );
  await session.release();
  return dims;
}

describe.each(files)('%s', (file) => {
  it('has the shapes that onnxruntime infers', async () => {
    const { shapes } = openModel(decodeModel(load(file)));
    const expected = await dimsByRuntime(decodeModel(load(file)));
    expect(expected.size).toBeGreaterThan(20);
    const ours = new Map([...expected.keys()].map((name) => [name, shapes.dimsOf(name)]));
    expect(ours).toEqual(expected);
  });

  it('is the same function after a cut', async () => {
    const bytes = withRandomWeights(load(file));
    const { input, inputs, outputs, layers, suggested } = inspectModel(bytes);
    const feeds = { [input]: noise(inputs[0].dims as number[]) };
    const expected = (await run(bytes, feeds))[outputs[0].name];
    const spread = Array.from(
      { length: CUTS },
      (_, i) => layers[Math.round((i * (layers.length - 1)) / (CUTS - 1))],
    );
    const tried = HUGE.test(file) ? layers.filter((l) => l.tensor === suggested) : spread;
    for (const { tensor } of tried) {
      const { deviation } = await cutDeviation(bytes, tensor, feeds, expected);
      // float32 sums in another order; measured ≤ 1e-6
      expect(deviation, tensor).toBeLessThan(1e-5);
    }
  });
});
