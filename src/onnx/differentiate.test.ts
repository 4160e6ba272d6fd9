import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import {
  branchingNetwork,
  quantizedNetwork,
  residualNetwork,
  sharedWeightsNetwork,
  visionTransformer,
} from '../../test/models/networks.ts';
import { CraftError } from '../errors.ts';
import { ORIGINAL_WEIGHTS } from './cut.ts';
import { differentiate } from './differentiate.ts';
import { inspectModel } from './inspect.ts';
import { DataLocation } from './proto/constants.ts';
import type { ModelProto } from './proto/onnx_pb.ts';
import { decodeModel } from './proto/read.ts';

const opsOf = (model: ModelProto): string[] => model.graph!.node.map((n) => n.opType);

function errorOf(run: () => unknown): CraftError {
  try {
    run();
  } catch (error) {
    if (error instanceof CraftError) return error;
    throw error;
  }
  throw new Error('expected a CraftError; got none');
}

describe('differentiate', () => {
  const bytes = residualNetwork().bytes();

  it('takes the inputs and a cotangent, and gives the target and the gradients', () => {
    const model = decodeModel(differentiate(bytes, { of: 'logits', withRespectTo: ['x', 'block'] }));
    expect(model.graph!.input.map((i) => i.name)).toEqual(['x', 'logits/cotangent']);
    expect(model.graph!.output.map((o) => o.name)).toEqual(['logits', 'x/gradient', 'block/gradient']);
    expect(model.opsetImport.map((o) => o.version)).toEqual([20n]);
    // what comes after the target is not needed
    expect(opsOf(model)).not.toContain('Softmax');
  });

  it('writes no gradient before the tensor that it is with respect to', () => {
    const model = decodeModel(differentiate(bytes, { of: 'logits', withRespectTo: 'block' }));
    const backward = model.graph!.node.filter((n) => n.output[0].startsWith('backward'));
    expect(backward.map((n) => n.opType)).not.toContain('Conv');
  });

  it('leaves weights where they are, or takes them in', () => {
    const shared = sharedWeightsNetwork().bytes();
    const weights = (inline: boolean) =>
      decodeModel(
        differentiate(shared, { of: 'middle', withRespectTo: 'x', inline }),
      ).graph!.initializer.find((t) => t.name === 'shared')!;
    expect(weights(false).dataLocation).toBe(DataLocation.EXTERNAL);
    expect(weights(false).externalData[0].value).toBe(ORIGINAL_WEIGHTS);
    expect(weights(true).rawData.length).toBe(4096);
  });

  it('makes the same bytes from the same model, and does not change it', () => {
    const copy = bytes.slice();
    const first = differentiate(bytes, { of: 'logits', withRespectTo: 'x' });
    expect(differentiate(bytes, { of: 'logits', withRespectTo: 'x' })).toEqual(first);
    expect(bytes).toEqual(copy);
  });

  it('turns stride-1 convolutions into convolutions', () => {
    const ops = opsOf(decodeModel(differentiate(bytes, { of: 'logits', withRespectTo: 'stem' })));
    expect(ops).not.toContain('ConvTranspose');
  });

  it('knows no name that the model has', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 4]);
    b.output(b.node('Exp', [b.node('Tanh', [x], {}, 'backward/Mul_0')], {}, 'y'), null);
    const model = decodeModel(differentiate(b.bytes(), { of: 'y', withRespectTo: 'x' }));
    const names = model.graph!.node.flatMap((n) => n.output);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('what cannot be differentiated', () => {
  const bytes = residualNetwork().bytes();

  function withOp(op: string, opset = 20): Uint8Array {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 4, 4]);
    b.output(b.node('Exp', [b.node(op, [x], {}, 'inner')], {}, 'y'), null);
    return b.bytes(opset);
  }

  it('is named, with its place and what still works', () => {
    const model = withOp('Det');
    const error = errorOf(() => differentiate(model, { of: 'y', withRespectTo: 'x' }));
    expect(error.code).toBe('MODEL_UNSUPPORTED');
    expect(error.message).toMatch(/Det "\/inner" \(makes "inner"\)/);
    expect(error.message).toMatch(/cutModel, latent maps, occlusion/);
    expect(inspectModel(model).gradients).toEqual({ supported: false, missingOps: ['Det'] });
  });

  it.each([
    ['nothing', 'x', 'LAYER_NOT_FOUND', /"nothing"/],
    ['logits', 'blok', 'LAYER_NOT_FOUND', /closest names: .*"block"/],
    ['block', 'logits', 'LAYER_NOT_FOUND', /"logits", which reach it by no op/],
  ])('of %s with respect to %s: %s', (of, withRespectTo, code, message) => {
    const error = errorOf(() => differentiate(bytes, { of, withRespectTo }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is a list of no tensors', () => {
    expect(errorOf(() => differentiate(bytes, { of: 'logits', withRespectTo: [] })).code).toBe('OPTION');
  });

  it('stops where an op has no slope', () => {
    const error = errorOf(() => differentiate(withOp('Round'), { of: 'y', withRespectTo: 'x' }));
    expect(error.code).toBe('LAYER_NOT_FOUND');
  });

  it('is a model of an old operator set', () => {
    const old = errorOf(() => differentiate(withOp('Tanh', 6), { of: 'y', withRespectTo: 'x' }));
    expect(old).toMatchObject({ code: 'MODEL_UNSUPPORTED', message: expect.stringMatching(/got 6/) });
  });
});

describe('an op without a gradient', () => {
  const make: Record<string, (b: GraphBuilder, x: string) => void> = {
    LSTM: (b, x) => {
      b.nodes('LSTM', [x, b.weights([1, 16, 8]), b.weights([1, 16, 4])], ['y'], { hidden_size: 4 });
    },
    QLinearMatMul: (b, x) => {
      const scale = b.floats([0.1], []);
      const [q, w, zero] = [x, b.weights([4, 8]), b.floats([0], [])].map((t) =>
        b.node('QuantizeLinear', [t, scale]),
      );
      const product = b.node('QLinearMatMul', [q, scale, zero, w, scale, zero, scale, zero]);
      b.node('DequantizeLinear', [product, scale], {}, 'y');
    },
    DynamicQuantizeLinear: (b, x) => {
      const [q, scale, zero] = b.nodes('DynamicQuantizeLinear', [x], ['q', 'scale', 'zero']);
      const product = b.node('Cast', [b.node('MatMulInteger', [q, b.ints([1]), zero])], { to: 1 });
      b.node('Mul', [product, scale], {}, 'y');
    },
    'com.microsoft.GroupQueryAttention': (b, x) => {
      b.nodes('GroupQueryAttention', [x], ['y'], {}, 'com.microsoft');
    },
  };

  it.each(Object.keys(make))('%s is named, with its node and what still works, beforehand too', (op) => {
    const b = new GraphBuilder();
    make[op](b, b.node('Tanh', [b.input('x', ['N', 2, 8])]));
    b.output(b.node('Identity', ['y'], {}, 'out'), null);
    const bytes = b.bytes(17);
    expect(inspectModel(bytes).gradients).toEqual({ supported: false, missingOps: [op] });
    const { code, message } = errorOf(() => differentiate(bytes, { of: 'out', withRespectTo: 'x' }));
    expect(code).toBe('MODEL_UNSUPPORTED');
    expect(message).toMatch(new RegExp(`got ${op} "/.*cutModel, latent maps, occlusion`));
  });
});

describe('a damaged model', () => {
  const text = new Uint8Array(readFileSync(new URL('../../test/golden/models/text.onnx', import.meta.url)));
  const models: [string, Uint8Array, string, string][] = [
    ['residual', residualNetwork().bytes(), 'logits', 'x'],
    ['residual, opset 9', residualNetwork().bytes(9), 'logits', 'x'],
    ['transformer', visionTransformer('mean').bytes(), 'logits', 'x'],
    ['branches', branchingNetwork(false).bytes(), 'late', 'x'],
    ['quantized', quantizedNetwork().bytes(), 'logits', 'x'],
    ['text', text, 'logits', inspectModel(text).layers[0].tensor],
  ];

  it.each(models)('with some bytes changed is differentiated or refused: %s', (_, bytes, of, wrt) => {
    const change = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const damaged = bytes.slice();
        for (const { at, value } of changes) damaged[at] = value;
        try {
          differentiate(damaged, { of, withRespectTo: wrt });
        } catch (error) {
          if (!(error instanceof CraftError)) throw error;
        }
      }),
      { numRuns: bytes.length > 50_000 ? 40 : 150 },
    );
  });

  it('asks for no more memory than it has weights', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 2, 8]);
    const pooled = b.node('AveragePool', [x], { kernel_shape: [2 ** 40], pads: [2 ** 40, 2 ** 40] });
    const normed = b.node('LRN', [pooled], { size: 2 ** 40 });
    b.output(b.node('Tile', [normed, b.ints([2 ** 40, 1, 1])], {}, 'y'), null);
    expect(errorOf(() => differentiate(b.bytes(), { of: 'y', withRespectTo: 'x' })).code).toBe(
      'MODEL_UNSUPPORTED',
    );
  });
});
