import { describe, expect, it } from 'vitest';
import {
  type BuiltModel,
  type BuiltTensor,
  buildTflite,
  int8,
  int32,
} from '../../../test/models/tflite-builder.ts';
import {
  constant,
  expectClose,
  intConstant,
  nd,
  noise,
  runImported,
} from '../../../test/models/tflite-run.ts';
import { CraftError } from '../../errors.ts';
import { tfliteToOnnx } from '../tflite.ts';
import { Padding } from './schema.ts';

const x: BuiltTensor = { name: 'x', shape: [1, 4] };
const y: BuiltTensor = { name: 'y', shape: [1, 4] };
const base: BuiltModel = {
  tensors: [x, y],
  operators: [{ op: 'RELU', inputs: [0], outputs: [1] }],
  inputs: [0],
  outputs: [1],
};

const refusal = (change: Partial<BuiltModel>): { code: string; message: string } => {
  try {
    tfliteToOnnx(buildTflite({ ...base, ...change }));
  } catch (error) {
    expect(error).toBeInstanceOf(CraftError);
    return error as CraftError;
  }
  return { code: 'none', message: '' };
};

describe('names', () => {
  it('are those of the file up to the first semicolon, each once, computed tensors first', () => {
    const tensors = [
      { name: 'net/input', shape: [1, 1, 1, 2] },
      { ...constant(noise([2, 1, 1, 2], 1), 'net/conv;weights') },
      { name: 'net/conv;net/bias', shape: [1, 1, 1, 2] },
      { name: 'net/conv;other', shape: [1, 1, 1, 2] },
      { name: '', shape: [1, 1, 1, 2] },
      { name: 'a\u001b[31mb\n', shape: [1, 1, 1, 2] },
    ];
    const bytes = buildTflite({
      tensors,
      operators: [
        {
          op: 'CONV_2D',
          inputs: [0, 1],
          outputs: [2],
          options: [int8(0, Padding.VALID), int32(1, 1), int32(2, 1)],
        },
        ...[3, 4, 5].map((k) => ({ op: 'ABS', inputs: [k - 1], outputs: [k] })),
      ],
      inputs: [0],
      outputs: [5],
    });
    const { input, outputs } = tfliteToOnnx(bytes);
    expect(input).toEqual({ name: 'net/input', dims: ['N', 2, 1, 1], pixel: null });
    expect(outputs).toEqual(['a_[31mb_']);
    return runImported(bytes, noise([3, 1, 1, 2], 2)).then(({ onnx }) => {
      expect(onnx.graph!.node.map((n) => n.output[0])).toEqual([
        'net/conv',
        'net/conv_1',
        'tensor_4',
        'a_[31mb_',
      ]);
      expect(onnx.graph!.initializer.map((t) => t.name)).toEqual(['net/conv_2']);
    });
  });
});

describe('outputs', () => {
  it('may be the input, or one tensor twice', async () => {
    const v = noise([2, 4], 3);
    const { outputs, imported } = await runImported(buildTflite({ ...base, outputs: [0, 1, 1] }), v);
    expect(new Set([imported.input.name, ...imported.outputs]).size).toBe(4);
    expectClose(outputs[0], v);
    for (const k of [1, 2])
      expectClose(
        outputs[k],
        nd(v.dims, (...i) => Math.max(0, v.at(...i))),
      );
  });
});

describe('what is not supported', () => {
  it('is named at once, operators with their counts', () => {
    const tensors = [x, y, y, y, { ...y, type: 'BOOL' }];
    const operators = [
      { op: 'LSTM', inputs: [0], outputs: [1] },
      { op: 'MyOperator', inputs: [1], outputs: [2] },
      { op: 'LSTM', inputs: [2], outputs: [3] },
      { op: 'STABLEHLO', inputs: [3], outputs: [4] },
    ];
    const { code, message } = refusal({ tensors, operators, outputs: [3] });
    expect(code).toBe('MODEL_UNSUPPORTED');
    expect(message).toContain('LSTM (2×), CUSTOM MyOperator (1×), CUSTOM STABLEHLO (1×)');
    expect(message).toContain('computed tensors of BOOL without scale (1×)');
  });

  it.each<[string, Partial<BuiltModel>, RegExp]>([
    ['two inputs', { tensors: [x, y, x], inputs: [0, 2] }, /2 inputs/],
    ['no input', { inputs: [] }, /0 inputs/],
    ['no output', { outputs: [] }, /no output/],
    ['a free height', { tensors: [{ ...x, signature: [-1, -1] }, y] }, /free size/],
    ['text', { tensors: [{ ...x, type: 'STRING' }, y] }, /STRING/],
    ['whole numbers', { tensors: [{ ...x, type: 'INT32' }, y] }, /INT32 without scale/],
    ['4-bit numbers', { tensors: [{ ...x, type: 'INT4', scale: [1] }, y] }, /INT4/],
    ['sparse data', { tensors: [{ ...x, sparse: true }, y] }, /sparse/],
    [
      'axes that are computed',
      {
        tensors: [x, { ...y, shape: [1] }, { name: 'axes', shape: [1], type: 'INT32' }],
        operators: [
          { op: 'SHAPE', inputs: [0], outputs: [2] },
          { op: 'SUM', inputs: [0, 2], outputs: [1] },
        ],
      },
      /computed where a constant belongs/,
    ],
  ])('%s', (_, change, message) => {
    const error = refusal(change);
    expect(error.code).toBe('MODEL_UNSUPPORTED');
    expect(error.message).toMatch(message);
  });

  it('leaves a free batch alone', () => {
    expect(refusal({ tensors: [{ ...x, signature: [-1, 4] }, y] }).code).toBe('none');
  });
});

describe('what contradicts itself', () => {
  it.each<[string, Partial<BuiltModel>]>([
    ['another schema version', { version: 2 }],
    ['an output of another shape', { tensors: [x, { ...y, shape: [1, 5] }] }],
    ['an output of another rank', { tensors: [x, { ...y, shape: [1, 2, 2] }] }],
    ['too few inputs', { operators: [{ op: 'ADD', inputs: [0], outputs: [1] }] }],
    ['no outputs', { operators: [{ op: 'RELU', inputs: [0], outputs: [] }], outputs: [0] }],
    ['a tensor index too large', { operators: [{ op: 'RELU', inputs: [7], outputs: [1] }] }],
    ['an index of −1 for an output', { outputs: [-1] }],
    ['a negative dim', { tensors: [{ ...x, shape: [1, -4] }, y] }],
    ['a shape that overflows', { tensors: [{ ...x, shape: [2 ** 30, 2 ** 30] }, y] }],
    ['a rank of 9', { tensors: [{ ...x, shape: new Array(9).fill(1) }, y] }],
    ['a constant shorter than its shape', { tensors: [x, y, { ...intConstant([1, 2]), shape: [3] }] }],
    ['a scale that is not finite', { tensors: [{ ...x, type: 'INT8', scale: [Number.NaN] }, y] }],
    ['scales that fit no dim', { tensors: [{ ...x, type: 'INT8', scale: [1, 2, 3], axis: 1 }, y] }],
    [
      'scales of an axis that is not there',
      { tensors: [{ ...x, type: 'INT8', scale: [1, 2], axis: -7 }, y] },
    ],
    ['more zero points than scales', { tensors: [{ ...x, type: 'INT8', scale: [1], zeroPoint: [0, 0] }, y] }],
    ['a tensor computed twice', { operators: [...base.operators, ...base.operators] }],
    [
      'a tensor read before it is computed',
      {
        tensors: [x, y, y],
        operators: [
          { op: 'RELU', inputs: [2], outputs: [1] },
          { op: 'RELU', inputs: [0], outputs: [2] },
        ],
      },
    ],
  ])('%s', (_, change) => {
    expect(refusal(change).code).toBe('MODEL_FORMAT');
  });
});
