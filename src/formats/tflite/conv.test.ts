import { describe, expect, it } from 'vitest';
import { int8, int32 } from '../../../test/models/tflite-builder.ts';
import {
  constant,
  expectOperator,
  intConstant,
  type Nd,
  nd,
  noise,
} from '../../../test/models/tflite-run.ts';
import { Activation, Padding } from './schema.ts';

interface Case {
  readonly name: string;
  readonly padding: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

const cases: Case[] = [
  { name: 'VALID', padding: Padding.VALID, size: [7, 6], kernel: [3, 2], stride: [1, 1], dilation: [1, 1] },
  {
    name: 'VALID, strides',
    padding: Padding.VALID,
    size: [8, 9],
    kernel: [3, 3],
    stride: [2, 3],
    dilation: [1, 1],
  },
  {
    name: 'VALID, dilations',
    padding: Padding.VALID,
    size: [9, 9],
    kernel: [3, 2],
    stride: [1, 1],
    dilation: [2, 3],
  },
  {
    name: 'SAME, odd size',
    padding: Padding.SAME,
    size: [7, 5],
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
  },
  {
    name: 'SAME, even size',
    padding: Padding.SAME,
    size: [8, 6],
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
  },
  {
    name: 'SAME, even kernel',
    padding: Padding.SAME,
    size: [5, 5],
    kernel: [2, 4],
    stride: [1, 1],
    dilation: [1, 1],
  },
  {
    name: 'SAME, dilations',
    padding: Padding.SAME,
    size: [7, 7],
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [2, 3],
  },
];

/** Output size and first row of the window, as tensorflow/lite/kernels/padding.h has them. */
function placeWindow(c: Case, k: 0 | 1): { size: number; offset: number } {
  const extent = (c.kernel[k] - 1) * c.dilation[k] + 1;
  if (c.padding === Padding.VALID) {
    return { size: Math.floor((c.size[k] + c.stride[k] - extent) / c.stride[k]), offset: 0 };
  }
  const size = Math.floor((c.size[k] + c.stride[k] - 1) / c.stride[k]);
  return { size, offset: Math.floor(Math.max(0, (size - 1) * c.stride[k] + extent - c.size[k]) / 2) };
}

/** Σ over the window and the channels of one group. */
function convolution(x: Nd, c: Case, outputs: number, term: (tap: Tap) => number): Nd {
  const [rows, columns] = [placeWindow(c, 0), placeWindow(c, 1)];
  return nd([x.dims[0], rows.size, columns.size, outputs], (n, y, z, o) => {
    let sum = 0;
    for (let i = 0; i < c.kernel[0]; i++) {
      for (let j = 0; j < c.kernel[1]; j++) {
        const row = y * c.stride[0] + i * c.dilation[0] - rows.offset;
        const column = z * c.stride[1] + j * c.dilation[1] - columns.offset;
        sum += term({ n, row, column, i, j, o });
      }
    }
    return sum;
  });
}
type Tap = Record<'n' | 'row' | 'column' | 'i' | 'j' | 'o', number>;

function optionsOf(c: Case, activation = Activation.NONE as number) {
  return [
    int8(0, c.padding),
    int32(1, c.stride[1]),
    int32(2, c.stride[0]),
    int8(3, activation),
    int32(4, c.dilation[1]),
    int32(5, c.dilation[0]),
  ];
}

describe('CONV_2D', () => {
  const weights = (c: Case) => noise([4, ...c.kernel, 3], 11);
  const bias = noise([4], 12);
  const reference = (c: Case) => (x: Nd) => {
    const w = weights(c);
    const sum = convolution(x, c, 4, ({ n, row, column, i, j, o }) =>
      [0, 1, 2].reduce((s, ch) => s + x.at(n, row, column, ch) * w.at(o, i, j, ch), 0),
    );
    return nd(sum.dims, (n, y, z, o) => sum.at(n, y, z, o) + bias.at(o));
  };
  const y = (c: Case) => [[1, placeWindow(c, 0).size, placeWindow(c, 1).size, 4]];

  it.each(cases)('is the sum over the window: $name', async (c) => {
    const model = { op: 'CONV_2D', x: [1, ...c.size, 3], y: y(c), options: optionsOf(c) };
    await expectOperator({ ...model, constants: [constant(weights(c)), constant(bias)] }, [reference(c)]);
  });

  it.each([
    ['RELU', Activation.RELU, (v: number) => Math.max(0, v), 'Relu'],
    ['RELU6', Activation.RELU6, (v: number) => Math.min(6, Math.max(0, v)), 'Clip'],
    ['RELU_N1_TO_1', Activation.RELU_N1_TO_1, (v: number) => Math.min(1, Math.max(-1, v)), 'Clip'],
    ['TANH', Activation.TANH, Math.tanh, 'Tanh'],
  ])('has its fused activation %s as a node of its own', async (_, activation, f, opType) => {
    const c = cases[3];
    const run = await expectOperator(
      {
        op: 'CONV_2D',
        x: [1, ...c.size, 3],
        y: y(c),
        options: optionsOf(c, activation),
        constants: [constant(weights(c)), constant(bias)],
      },
      [
        (x) => {
          const linear = reference(c)(nd(x.dims, (...i) => x.at(...i)));
          return nd(linear.dims, (...i) => f(linear.at(...i)));
        },
      ],
      { low: -3, high: 3 },
    );
    expect(run.onnx.graph!.node.map((n) => [n.opType, n.name])).toEqual([
      ['Conv', 'y/conv'],
      [opType, 'y'],
    ]);
  });

  it('takes groups from the channels of the weights, and no bias', async () => {
    const c = cases[0];
    const w = noise([4, ...c.kernel, 2], 13);
    const model = {
      op: 'CONV_2D',
      x: [1, ...c.size, 4],
      y: y(c),
      options: optionsOf(c),
      constants: [constant(w)],
    };
    await expectOperator(model, [
      (x) =>
        convolution(x, c, 4, ({ n, row, column, i, j, o }) => {
          const start = o < 2 ? 0 : 2;
          return [0, 1].reduce((s, ch) => s + x.at(n, row, column, start + ch) * w.at(o, i, j, ch), 0);
        }),
    ]);
  });
});

describe('DEPTHWISE_CONV_2D', () => {
  it.each(cases)('filters each channel, twice for a multiplier of 2: $name', async (c) => {
    const w = noise([1, ...c.kernel, 6], 21);
    const bias = noise([6], 22);
    const options = [
      ...optionsOf(c).slice(0, 3),
      int32(3, 2),
      int8(4, 0),
      int32(5, c.dilation[1]),
      int32(6, c.dilation[0]),
    ];
    const y = [[1, placeWindow(c, 0).size, placeWindow(c, 1).size, 6]];
    const constants = [constant(w), constant(bias)];
    await expectOperator({ op: 'DEPTHWISE_CONV_2D', x: [1, ...c.size, 3], y, options, constants }, [
      (x) => {
        const sum = convolution(x, c, 6, ({ n, row, column, i, j, o }) => {
          return x.at(n, row, column, Math.floor(o / 2)) * w.at(0, i, j, o);
        });
        return nd(sum.dims, (n, y, z, o) => sum.at(n, y, z, o) + bias.at(o));
      },
    ]);
  });
});

describe('TRANSPOSE_CONV', () => {
  it.each([
    ['SAME, even', Padding.SAME, [3, 4], [6, 8], [3, 3], [2, 2]],
    ['SAME, odd', Padding.SAME, [3, 4], [5, 7], [3, 2], [2, 2]],
    ['VALID', Padding.VALID, [3, 4], [7, 9], [3, 3], [2, 2]],
    ['VALID, cells left over', Padding.VALID, [3, 2], [8, 5], [3, 2], [2, 3]],
  ] as const)('scatters each cell through the window: %s', async (_, padding, size, out, kernel, stride) => {
    const w = noise([2, ...kernel, 3], 31);
    const bias = noise([2], 32);
    // pads of the forward convolution: the window's first cell lies outside by this much
    const pad = ([0, 1] as const).map((k) => {
      if (padding === Padding.VALID) return 0;
      return Math.floor(Math.max(0, (size[k] - 1) * stride[k] + kernel[k] - out[k]) / 2);
    });
    const constants = [constant(w), intConstant([1, ...out, 2]), constant(bias)];
    const options = [int8(0, padding), int32(1, stride[1]), int32(2, stride[0])];
    await expectOperator(
      {
        op: 'TRANSPOSE_CONV',
        x: [1, ...size, 3],
        y: [[1, ...out, 2]],
        options,
        constants,
        inputs: [2, 1, 0, 3],
      },
      [
        (x) =>
          nd([2, ...out, 2], (n, y, z, o) => {
            let sum = bias.at(o);
            for (let r = 0; r < size[0]; r++) {
              for (let s = 0; s < size[1]; s++) {
                const i = y + pad[0] - r * stride[0];
                const j = z + pad[1] - s * stride[1];
                for (let ch = 0; ch < 3; ch++) sum += x.at(n, r, s, ch) * w.at(o, i, j, ch);
              }
            }
            return sum;
          }),
      ],
    );
  });
});
