import { describe, expect, it } from 'vitest';
import { type BuiltModel, buildTflite, int8, int32 } from '../../../test/models/tflite-builder.ts';
import {
  constant,
  expectClose,
  expectOperator,
  intConstant,
  type Nd,
  nd,
  noise,
  oneOperator,
  opTypes,
  permuted,
  runImported,
} from '../../../test/models/tflite-run.ts';
import { CraftError } from '../../errors.ts';
import { tfliteToOnnx } from '../tflite.ts';
import { Padding } from './schema.ts';

/** The same elements in row-major order under other dims. */
const reshaped = (x: Nd, dims: readonly number[]): Nd => {
  let k = 0;
  return nd(dims, () => x.data[k++]);
};

describe('RESHAPE, SQUEEZE, EXPAND_DIMS', () => {
  it.each([
    ['a map to a vector', 'RESHAPE', [1, 2, 3, 4], [1, 24]],
    ['a map to tokens', 'RESHAPE', [1, 2, 3, 4], [1, 6, 4]],
    ['tokens to a map', 'RESHAPE', [1, 6, 4], [1, 2, 3, 4]],
    ['a map to a map', 'RESHAPE', [1, 2, 3, 4], [1, 3, 2, 4]],
    ['a vector to one cell', 'RESHAPE', [1, 4], [1, 1, 1, 4]],
    ['one cell to a vector', 'RESHAPE', [1, 1, 1, 4], [1, 4]],
    ['one channel to a vector', 'RESHAPE', [1, 3, 2, 1], [1, 6]],
    ['windows joined with the batch', 'RESHAPE', [1, 4, 6], [2, 2, 6]],
    ['one cell to a vector', 'SQUEEZE', [1, 1, 1, 4], [1, 4]],
    ['a new axis', 'EXPAND_DIMS', [1, 4], [1, 1, 4]],
  ])('%s (%s) keeps the order of the file', async (_, op, x, y) => {
    const maps = y.length === 4 && y[1] * y[2] === 1;
    await expectOperator({ op, x, y: [y] }, [(v) => reshaped(v, [2 * y[0], ...y.slice(1)])], { maps });
  });

  it('transposes a map only where its order shows', async () => {
    const types = async (x: number[], y: number[]) => {
      return opTypes(await expectOperator({ op: 'RESHAPE', x, y: [y] }, []));
    };
    expect(await types([1, 1, 1, 4], [1, 4])).toEqual(['Reshape']);
    expect(await types([1, 3, 2, 1], [1, 6])).toEqual(['Reshape']);
    expect(await types([1, 2, 3, 4], [1, 24])).toEqual(['Transpose', 'Reshape']);
  });

  it.each([
    ['to a scalar', [1, 1], []],
    ['that puts channels before images', [1, 4], [4]],
  ])('refuses or frees the batch of a reshape %s', async (_, x, y) => {
    const bytes = oneOperator({ op: 'RESHAPE', x, y: [y] });
    if (y.length === 0) expect(() => tfliteToOnnx(bytes)).toThrow(CraftError);
    else
      expectClose((await runImported(bytes, noise([2, 4], 3))).outputs[0], reshaped(noise([2, 4], 3), [8]));
  });

  it('needs no sizes computed by SHAPE, STRIDED_SLICE and PACK', async () => {
    const int = (name: string, shape: number[]) => ({ name, shape, type: 'INT32' });
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 2, 3, 4] },
        int('shape', [4]),
        intConstant([0]),
        intConstant([1]),
        intConstant([1]),
        int('batch', []),
        intConstant([24], []),
        int('target', [2]),
        { name: 'y', shape: [1, 24] },
      ],
      operators: [
        { op: 'SHAPE', inputs: [0], outputs: [1] },
        { op: 'STRIDED_SLICE', inputs: [1, 2, 3, 4], outputs: [5], options: [int32(4, 1)] },
        { op: 'PACK', inputs: [5, 6], outputs: [7], options: [int32(0, 2)] },
        { op: 'RESHAPE', inputs: [0, 7], outputs: [8] },
      ],
      inputs: [0],
      outputs: [8],
    });
    const x = noise([2, 2, 3, 4], 61);
    const run = await runImported(bytes, x);
    expectClose(run.outputs[0], reshaped(x, [2, 24]));
    expect(opTypes(run)).toEqual(['Transpose', 'Reshape']);
    expect(run.imported.ops).toEqual({ SHAPE: 1, STRIDED_SLICE: 1, PACK: 1, RESHAPE: 1 });
  });
});

describe('TRANSPOSE', () => {
  it.each([
    [
      [1, 2, 3, 4],
      [0, 2, 1, 3],
    ],
    [
      [1, 2, 3, 4],
      [0, 3, 1, 2],
    ],
    [
      [1, 2, 3, 4],
      [0, 3, 2, 1],
    ],
    [
      [1, 2, 3],
      [0, 2, 1],
    ],
    [
      [1, 2, 3, 4, 5],
      [0, 3, 1, 4, 2],
    ],
  ])('%j by %j', async (x, perm) => {
    const run = await expectOperator(
      { op: 'TRANSPOSE', x, y: [perm.map((axis) => x[axis])], constants: [intConstant(perm)] },
      [(v) => permuted(v, perm)],
      { maps: false },
    );
    // NHWC to NCHW is what the map is already
    if (perm.join() === '0,3,1,2') expect(opTypes(run)).toEqual(['Identity']);
  });

  it('follows the batch to another dim and back', async () => {
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: [1, 4, 3, 2] },
        intConstant([2, 0, 1, 3]),
        { name: 'heads', shape: [3, 1, 4, 2] },
        intConstant([0], []),
        { name: 'q', shape: [1, 1, 4, 2] },
        { name: 'k', shape: [1, 1, 4, 2] },
        { name: 'v', shape: [1, 1, 4, 2] },
        intConstant([1, 2, 0, 3]),
        { name: 'y', shape: [1, 4, 1, 2] },
      ],
      operators: [
        { op: 'TRANSPOSE', inputs: [0, 1], outputs: [2] },
        { op: 'SPLIT', inputs: [3, 2], outputs: [4, 5, 6], options: [int32(0, 3)] },
        { op: 'TRANSPOSE', inputs: [5, 7], outputs: [8] },
      ],
      inputs: [0],
      outputs: [8],
    });
    const x = noise([2, 4, 3, 2], 62);
    const run = await runImported(bytes, x, false);
    expectClose(
      run.outputs[0],
      nd([2, 4, 1, 2], (n, t, _, c) => x.at(n, t, 1, c)),
    );
  });
});

describe('CONCATENATION', () => {
  it.each([1, 2, 3, -1])('joins maps along axis %d', async (axis) => {
    const at = axis < 0 ? axis + 4 : axis;
    const dims = [1, 2, 3, 4];
    const y = dims.map((d, k) => (k === at ? 2 * d : d));
    await expectOperator(
      { op: 'CONCATENATION', options: [int32(0, axis), int8(1, 0)], x: dims, y: [y], inputs: [0, 0] },
      [(x) => nd([2, ...y.slice(1)], (...i) => x.at(...i.map((v, k) => (k === at ? v % dims[k] : v))))],
    );
  });

  it.each([
    ['tokens', [1, 5, 3], [1, 1, 3], 1],
    ['a map', [1, 2, 3, 4], [1, 2, 3, 1], 3],
  ])('repeats a constant for each image: %s', async (_, dims, shape, axis) => {
    const token = noise(shape, 63);
    const y = dims.map((d, k) => (k === axis ? d + 1 : d));
    await expectOperator(
      {
        op: 'CONCATENATION',
        options: [int32(0, axis)],
        x: dims,
        y: [y],
        constants: [constant(token)],
        inputs: [1, 0],
      },
      [
        (x) =>
          nd([2, ...y.slice(1)], (n, ...i) => {
            const k = axis - 1;
            if (i[k] === 0) return token.at(0, ...i);
            return x.at(n, ...i.map((v, j) => (j === k ? v - 1 : v)));
          }),
      ],
    );
  });

  it('refuses to join images', () => {
    const bytes = oneOperator({
      op: 'CONCATENATION',
      options: [int32(0, 0)],
      x: [1, 3],
      y: [[2, 3]],
      inputs: [0, 0],
    });
    expect(() => tfliteToOnnx(bytes)).toThrow(/along the batch/);
  });
});

describe('SPLIT', () => {
  it.each([
    [3, [1, 2, 3, 6]],
    [-2, [1, 4, 4, 2]],
  ])('into equal parts along axis %d', async (axis, x) => {
    const at = axis < 0 ? axis + 4 : axis;
    const y = x.map((d, k) => (k === at ? d / 2 : d));
    const part = (p: number) => (v: Nd) =>
      nd([2, ...y.slice(1)], (...i) => v.at(...i.map((e, k) => (k === at ? e + p * y[k] : e))));
    await expectOperator(
      {
        op: 'SPLIT',
        x,
        y: [y, y],
        constants: [intConstant([axis], [])],
        inputs: [1, 0],
        options: [int32(0, 2)],
      },
      [part(0), part(1)],
    );
  });

  it('SPLIT_V into parts of given sizes, one the rest', async () => {
    const constants = [intConstant([1, -1]), intConstant([3], [])];
    await expectOperator(
      {
        op: 'SPLIT_V',
        x: [1, 2, 2, 4],
        y: [
          [1, 2, 2, 1],
          [1, 2, 2, 3],
        ],
        constants,
      },
      [
        (x) => nd([2, 2, 2, 1], (n, i, j) => x.at(n, i, j, 0)),
        (x) => nd([2, 2, 2, 3], (n, i, j, c) => x.at(n, i, j, c + 1)),
      ],
    );
  });
});

describe('layouts that meet', () => {
  it('turns tokens into the map that a convolution reads', async () => {
    const w = noise([2, 1, 1, 4], 64);
    const model: BuiltModel = {
      tensors: [
        { name: 'x', shape: [1, 6, 4] },
        { name: 'map', shape: [1, 2, 3, 4] },
        constant(w, 'w'),
        { name: 'y', shape: [1, 2, 3, 2] },
      ],
      operators: [
        { op: 'RESHAPE', inputs: [0], outputs: [1] },
        {
          op: 'CONV_2D',
          inputs: [1, 2],
          outputs: [3],
          options: [int8(0, Padding.VALID), int32(1, 1), int32(2, 1)],
        },
      ],
      inputs: [0],
      outputs: [3],
    };
    const x = noise([2, 6, 4], 65);
    const run = await runImported(buildTflite(model), x);
    const map = reshaped(x, [2, 2, 3, 4]);
    expectClose(
      run.outputs[0],
      nd([2, 2, 3, 2], (n, i, j, o) =>
        [0, 1, 2, 3].reduce((s, c) => s + map.at(n, i, j, c) * w.at(o, 0, 0, c), 0),
      ),
    );
  });
});
