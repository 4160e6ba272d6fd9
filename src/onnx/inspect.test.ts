import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import {
  branchingNetwork,
  channelsLastNetwork,
  halfPrecisionNetwork,
  quantizedNetwork,
  residualNetwork,
  visionTransformer,
} from '../../test/models/networks.ts';
import { inspectModel } from './inspect.ts';

const read = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../test/golden/${path}.onnx`, import.meta.url)));

const layerOf = (bytes: Uint8Array, tensor: string) =>
  inspectModel(bytes).layers.find((l) => l.tensor === tensor);

describe('inspectModel', () => {
  it('describes a torch CNN', () => {
    const m = inspectModel(read('models/cnn'));
    expect(m.inputs).toEqual([{ name: 'input', dims: ['N', 3, 64, 64], type: 'float32' }]);
    expect(m).toMatchObject({
      opset: 13,
      producer: 'pytorch 1.13.0',
      input: 'input',
      logits: 'logits',
      classes: 4,
    });
    expect(m.gradients).toEqual({ supported: true, missingOps: [] });
    expect(m.suggested).toBe('features');
    expect(m.layers.find((l) => l.tensor === 'features')).toEqual({
      tensor: 'features',
      name: '/features/features.3/features.3.2/Relu',
      module: 'features.3.2',
      op: 'Relu',
      shape: ['N', 64, 8, 8],
      layout: 'NCHW',
      grid: [8, 8],
      prefixTokens: 0,
      nonNegative: true,
      pooledAfter: true,
      linearHead: false, // two linear layers with a Relu between
      reads: 'mean',
    });
  });

  it('describes a text model: ids explained, mask beside, the vector that the head reads suggested', () => {
    const m = inspectModel(read('models/text'));
    expect(m).toMatchObject({
      input: 'input_ids',
      logits: 'logits',
      classes: 4,
      suggested: 'activations',
      readsText: true,
    });
    expect(m.layers.find((l) => l.tensor === 'hidden')).toMatchObject({
      shape: ['N', 'L', 32],
      layout: 'NTC',
      grid: null,
      prefixTokens: 0,
      reads: 'mean', // masked
      pooledAfter: false, // not of all tokens
    });
    expect(m.layers.find((l) => l.tensor === 'activations')).toMatchObject({
      nonNegative: true,
      layout: 'NC',
    });
  });

  // What a reader of each paper would choose: the last map before the pool or classifier; of SqueezeNet the
  // last Fire module, since conv10 makes the class scores.
  it.each([
    ['models/tv', 'features', [3, 3], true],
    ['light/light_resnet50', 'r171', [7, 7], true],
    ['light/light_densenet121', 'r907', [7, 7], true],
    ['light/light_inception_v1', 'r137', [6, 6], true],
    ['light/light_squeezenet', 'r60', [13, 13], false],
    ['light/light_vgg19', 'r36', [7, 7], false],
    ['light/light_bvlc_alexnet', 'r14', [6, 6], false],
  ])('suggests the last feature map of %s', (path, tensor, grid, pooledAfter) => {
    const m = inspectModel(read(path));
    expect(m.suggested).toBe(tensor);
    expect(m.layers.find((l) => l.tensor === tensor)).toMatchObject({ grid, pooledAfter, nonNegative: true });
  });

  it('leaves the softmax out of the class scores', () => {
    expect(inspectModel(residualNetwork().bytes())).toMatchObject({
      logits: 'logits',
      classes: 5,
      suggested: 'block',
    });
  });

  it('lists no layer that a residual connection bypasses', () => {
    const { layers } = inspectModel(residualNetwork().bytes());
    expect(layers.map((l) => l.tensor).slice(1)).toEqual(['stem', 'sum', 'block', 'pooled', 'flat']);
    expect(layers.map((l) => l.linearHead).slice(1)).toEqual([false, false, true, true, true]);
  });

  it.each([
    ['cls', 'prefix'],
    ['mean', 'mean'],
  ] as const)('knows what a transformer reads of its tokens: %s', (head, reads) => {
    const m = inspectModel(visionTransformer(head).bytes());
    expect(m.suggested).toBe('hidden');
    const expected = { layout: 'NTC', grid: [4, 4], prefixTokens: 1, reads, linearHead: true };
    expect(m.layers.find((l) => l.tensor === 'hidden')).toMatchObject(expected);
    expect(m.layers.find((l) => l.tensor === 'attended')).toMatchObject({ reads, linearHead: false });
    expect(m.layers.find((l) => l.tensor === 'embedded')).toMatchObject({ reads: 'all', grid: [4, 4] });
    expect(m.layers.find((l) => l.tensor === 'patches')).toMatchObject({ layout: 'NCHW', prefixTokens: 0 });
  });

  it('tells channels first from channels last', () => {
    const bytes = channelsLastNetwork().bytes();
    expect(layerOf(bytes, 'first')).toMatchObject({ layout: 'NCHW', grid: [10, 10] });
    const last = { layout: 'NHWC', grid: [10, 10], pooledAfter: true, linearHead: true, reads: 'mean' };
    expect(layerOf(bytes, 'map')).toMatchObject(last);
    expect(inspectModel(bytes).suggested).toBe('map');
  });

  it('looks through quantization', () => {
    const m = inspectModel(quantizedNetwork().bytes());
    expect(m).toMatchObject({ logits: 'logits', suggested: 'map' });
    const map = { nonNegative: true, pooledAfter: true, layout: 'NCHW', linearHead: false };
    expect(m.layers.find((l) => l.tensor === 'map')).toMatchObject(map);
  });

  it('takes a fixed batch as it is', () => {
    expect(layerOf(residualNetwork(1).bytes(), 'block')?.shape).toEqual([1, 8, 6, 6]);
  });

  it('names the types of a half-precision model', () => {
    const m = inspectModel(halfPrecisionNetwork().bytes());
    expect(m.outputs).toEqual([{ name: 'logits', dims: ['N', 4], type: 'float16' }]);
    expect(m.layers.map((l) => l.tensor)).toContain('map');
  });

  it('counts what a branch captures as read', () => {
    const tensors = (capture: boolean) =>
      inspectModel(branchingNetwork(capture).bytes()).layers.map((l) => l.tensor);
    expect(tensors(false)).toContain('late');
    expect(tensors(true)).not.toContain('late');
    expect(tensors(true)).toContain('early');
  });

  it('suggests the last vector of a plain network', () => {
    const b = new GraphBuilder();
    const hidden = b.node(
      'Relu',
      [b.node('MatMul', [b.input('x', ['N', 4]), b.weights([4, 6])])],
      {},
      'hidden',
    );
    b.output(b.node('MatMul', [hidden, b.weights([6, 2])], {}, 'scores'), ['N', 2]);
    expect(inspectModel(b.bytes())).toMatchObject({
      suggested: 'hidden',
      suggestedWhy: 'the last vector before the classifier',
    });
  });

  it('says which outputs it cannot use', () => {
    const b = new GraphBuilder();
    const parts = b.node('SplitToSequence', [b.input('x', ['N', 4])], { axis: 0 }, 'parts');
    b.output(parts, null);
    const model = b.model();
    const info = model.graph!.output[0];
    info.type!.value = { case: 'sequenceType', value: { $typeName: 'onnx.TypeProto.Sequence' } };
    expect(() => inspectModel(b.bytes())).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }));
  });
});
