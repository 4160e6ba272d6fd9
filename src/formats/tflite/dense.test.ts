import { describe, expect, it } from 'vitest';
import { bool, buildTflite, int8 } from '../../../test/models/tflite-builder.ts';
import {
  constant,
  expectClose,
  expectOperator,
  type Nd,
  nd,
  noise,
  opTypes,
  runImported,
} from '../../../test/models/tflite-run.ts';
import { Activation } from './schema.ts';

const rowsTimes = (x: Nd, w: Nd, bias: Nd | null, width: number) => {
  const rows = x.data.length / width;
  return nd([rows, w.dims[0]], (r, u) => {
    let sum = bias ? bias.at(u) : 0;
    for (let k = 0; k < width; k++) sum += x.data[r * width + k] * w.at(u, k);
    return sum;
  });
};

describe('FULLY_CONNECTED', () => {
  const bias = noise([3], 52);

  it.each([
    ['a vector', [1, 6], 6],
    ['a map, in the order of the file', [1, 2, 3, 4], 24],
    ['a map of one cell', [1, 1, 1, 6], 6],
    ['tokens, joined with the batch', [1, 5, 6], 6],
    ['a map cell by cell', [1, 2, 3, 4], 4],
  ])('is x·Wᵀ + b: %s', async (_, dims, width) => {
    const w = noise([3, width], 51);
    const y = [dims.reduce((a, b) => a * b, 1) / width, 3];
    const run = await expectOperator(
      { op: 'FULLY_CONNECTED', x: dims, y: [y], constants: [constant(w), constant(bias)] },
      [(x) => rowsTimes(x, w, bias, width)],
    );
    expect(opTypes(run)).toContain('Gemm');
  });

  it.each([
    ['tokens', [1, 5, 6]],
    ['maps', [1, 2, 3, 6]],
  ])('keeps the dims of %s where asked', async (_, dims) => {
    const w = noise([3, 6], 53);
    const options = [int8(0, Activation.RELU), bool(2, true)];
    await expectOperator(
      {
        op: 'FULLY_CONNECTED',
        options,
        x: dims,
        y: [[...dims.slice(0, -1), 3]],
        constants: [constant(w), constant(bias)],
      },
      [
        (x) => {
          const flat = rowsTimes(x, w, bias, 6);
          let k = 0;
          return nd([...x.dims.slice(0, -1), 3], () => Math.max(0, flat.data[k++]));
        },
      ],
      { maps: false },
    );
  });

  it('needs no bias, and takes float16 weights through DEQUANTIZE', async () => {
    // 1.5, −2, 2⁻²⁴ (subnormal), 65504 (largest), 0, −0.0999755859375 as binary16
    const bits = Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7bff, 0x0000, 0xae66);
    const values = [1.5, -2, 2 ** -24, 65504, 0, -0.0999755859375];
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 3] },
        { name: 'half', shape: [2, 3], type: 'FLOAT16', data: bits },
        { name: 'w', shape: [2, 3] },
        { name: 'y', shape: [1, 2] },
      ],
      operators: [
        { op: 'DEQUANTIZE', inputs: [1], outputs: [2] },
        { op: 'FULLY_CONNECTED', inputs: [0, 2, -1], outputs: [3] },
      ],
      inputs: [0],
      outputs: [3],
    });
    const x = noise([2, 3], 54);
    const run = await runImported(bytes, x);
    let k = 0;
    expectClose(
      run.outputs[0],
      rowsTimes(
        x,
        nd([2, 3], () => values[k++]),
        null,
        3,
      ),
    );
    expect(opTypes(run)).toEqual(['Gemm']);
  });
});

describe('BATCH_MATMUL', () => {
  it.each([
    [false, [1, 4, 5], [5, 3]],
    [true, [1, 4, 5], [3, 5]],
    [false, [1, 2, 4, 5], [1, 2, 5, 3]],
  ])('times a constant, adj_y %s', async (adjoint, dims, shape) => {
    const w = noise(shape, 55);
    const element = (lead: number[], k: number, j: number) => {
      const tail = adjoint ? [j, k] : [k, j];
      return w.at(...(shape.length === 4 ? [0, lead[1]] : []), ...tail);
    };
    await expectOperator(
      {
        op: 'BATCH_MATMUL',
        options: [bool(1, adjoint)],
        x: dims,
        y: [[...dims.slice(0, -1), 3]],
        constants: [constant(w)],
      },
      [
        (x) =>
          nd([...x.dims.slice(0, -1), 3], (...index) => {
            const lead = index.slice(0, -1);
            let sum = 0;
            for (let k = 0; k < 5; k++) sum += x.at(...lead, k) * element(lead, k, index[index.length - 1]);
            return sum;
          }),
      ],
      { maps: false },
    );
  });

  it.each([
    [false, true, [1, 4, 4]],
    [true, false, [1, 5, 5]],
  ])('of two computed tensors, adj_x %s, adj_y %s', async (adjX, adjY, y) => {
    const options = [bool(0, adjX), bool(1, adjY)];
    await expectOperator({ op: 'BATCH_MATMUL', options, x: [1, 4, 5], y: [y], inputs: [0, 0] }, [
      (x) =>
        nd([2, ...y.slice(1)], (n, i, j) => {
          let sum = 0;
          const inner = adjX ? 4 : 5;
          for (let k = 0; k < inner; k++)
            sum += adjX ? x.at(n, k, i) * x.at(n, k, j) : x.at(n, i, k) * x.at(n, j, k);
          return sum;
        }),
    ]);
  });
});
