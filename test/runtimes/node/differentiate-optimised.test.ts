// Models as the runtime's own optimiser saves them, in its fused ops.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { differentiate, inspectModel } from '../../../src/onnx.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { deviation, noise } from './halves.ts';
import { vjp } from './vjp.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'optimised-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the runtime makes of the model and saves. */
async function optimised(bytes: Uint8Array, level: 'extended' | 'all'): Promise<Uint8Array> {
  const optimizedModelFilePath = join(folder, 'model.onnx');
  const options = { graphOptimizationLevel: level, optimizedModelFilePath, logSeverityLevel: 3 } as const;
  await (await InferenceSession.create(bytes, options)).release();
  return new Uint8Array(readFileSync(optimizedModelFilePath));
}

const opsOf = (bytes: Uint8Array): string[] =>
  decodeModel(bytes).graph!.node.map((n) => (n.domain ? `${n.domain}.${n.opType}` : n.opType));

const networks: [string, string[]][] = [
  ['resnet18', ['FusedConv']],
  ['mobilenet_v2', ['FusedConv']],
  ['mobilenet_v3', ['FusedConv']],
  ['efficientnet_b0', ['QuickGelu']],
  ['convnext_tiny', ['BiasGelu']],
  ['vit_b_16', ['BiasGelu', 'FusedMatMul']],
  ['swin_t', ['FusedMatMul', 'Gelu']],
];

describe.each(networks)('%s, optimised', (name, expected) => {
  it('has the gradient that torch autograd gives', async () => {
    const bytes = await optimised(readFileSync(goldenPath(`torch-gradients/${name}.onnx`)), 'extended');
    for (const op of expected) expect(opsOf(bytes)).toContain(`com.microsoft.${op}`);
    expect(inspectModel(bytes).gradients).toEqual({ supported: true, missingOps: [] });
    const { x, v, gradient } = readNpz(goldenPath(`torch-gradients/${name}.npz`));
    const float = ({ data, dims }: typeof v): Tensor =>
      new Tensor('float32', Float32Array.from(data), [...dims]);
    const ours = await vjp(bytes, 'y', ['x'], { x: float(x) }, float(v));
    // of the largest value; float32 through a whole network, against torch
    expect(deviation(ours.x, float(gradient))).toBeLessThan(1e-4);
  });
});

it.each([
  ['torch-gradients/bert', 'words.weight'],
  ['torch-text/roberta', null],
  ['torch-text/deberta', null],
])('%s, optimised, can be differentiated as before', async (name, table) => {
  const plain = new Uint8Array(readFileSync(goldenPath(`${name}.onnx`)));
  const bytes = await optimised(plain, 'extended');
  expect(opsOf(bytes)).toContain('com.microsoft.BiasGelu');
  expect(inspectModel(bytes).gradients).toEqual({ supported: true, missingOps: [] });
  if (table === null) return;
  const { v, gradient, y: _, ...ids } = readNpz(goldenPath(`${name}.npz`));
  const embedded = decodeModel(bytes).graph!.node.find((n) => n.input[0] === table)!.output[0];
  const feeds = Object.fromEntries(
    Object.entries(ids).map(([key, { data, dims }]) => [
      key,
      new Tensor('int64', BigInt64Array.from(data, BigInt), [...dims]),
    ]),
  );
  const cotangent = new Tensor('float32', Float32Array.from(v.data), [...v.dims]);
  const found = (await vjp(bytes, 'y', [embedded], feeds, cotangent))[embedded];
  expect(found.dims).toEqual(gradient.dims);
  const exact = new Tensor('float32', Float32Array.from(gradient.data), [...gradient.dims]);
  // of the largest value; float32 through a whole network, against torch
  expect(deviation(found, exact)).toBeLessThan(1e-4);
});

const activations: [string, Record<string, { float: number }>, number[]][] = [
  ['Clip', {}, [-0.2, 0.4]],
  ['LeakyRelu', { alpha: { float: 0.3 } }, []],
  ['HardSigmoid', { alpha: { float: 0.3 }, beta: { float: 0.4 } }, []],
  ['Relu', {}, []],
  ['Sigmoid', {}, []],
  ['Tanh', {}, []],
];

it.each(activations)('a Conv joined with %s has the gradient of the two', async (op, attributes, bounds) => {
  const b = new GraphBuilder(3);
  const x = b.input('x', [2, 8, 5, 5]);
  const map = b.node('Conv', [x, b.weights([8, 8, 1, 1]), b.weights([8])], { kernel_shape: [1, 1] });
  b.output(b.node(op, [map, ...bounds.map((v) => b.floats([v], []))], attributes, 'y'), null);
  const bytes = b.bytes(17, 8);
  const joined = await optimised(bytes, 'extended');
  expect(opsOf(joined)).toEqual(['com.microsoft.FusedConv']);
  const [given, v] = [{ x: noise([2, 8, 5, 5], 4) }, noise([2, 8, 5, 5], 5)];
  const [of, other] = [await vjp(joined, 'y', ['x'], given, v), await vjp(bytes, 'y', ['x'], given, v)];
  // of the largest value: a few roundings of float32, 6e-8 each
  expect(deviation(of.x, other.x)).toBeLessThan(1e-6);
});

it('of the ops that are for one machine, the gradient is refused with what to do', async () => {
  const bytes = await optimised(readFileSync(goldenPath('torch-gradients/resnet18.onnx')), 'all');
  const blocked = opsOf(bytes).filter((op) => op.startsWith('com.microsoft.nchwc.'));
  expect(blocked).toContain('com.microsoft.nchwc.Conv');
  const { supported, missingOps } = inspectModel(bytes).gradients;
  expect(supported).toBe(false);
  expect(missingOps.every((op) => blocked.includes(op))).toBe(true);
  expect(() => differentiate(bytes, { of: 'y', withRespectTo: 'x' })).toThrow(
    /com\.microsoft\.nchwc\..*before ONNX Runtime has optimised it.*occlusion/,
  );
});
