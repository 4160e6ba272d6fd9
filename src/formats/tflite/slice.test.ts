import { describe, expect, it } from 'vitest';
import { int32 } from '../../../test/models/tflite-builder.ts';
import {
  expectOperator,
  intConstant,
  nd,
  type OneOperator,
  oneOperator,
} from '../../../test/models/tflite-run.ts';
import { tfliteToOnnx } from '../tflite.ts';

describe('SLICE', () => {
  it('takes begin and size, −1 for the rest', async () => {
    const constants = [intConstant([0, 1, 0, 2]), intConstant([1, 2, -1, -1])];
    await expectOperator({ op: 'SLICE', x: [1, 4, 3, 5], y: [[1, 2, 3, 3]], constants }, [
      (x) => nd([2, 2, 3, 3], (n, i, j, c) => x.at(n, i + 1, j, c + 2)),
    ]);
  });

  it('may take all', async () => {
    const constants = [intConstant([0, 0]), intConstant([-1, -1])];
    await expectOperator({ op: 'SLICE', x: [1, 4], y: [[1, 4]], constants }, [(x) => x]);
  });
});

describe('STRIDED_SLICE', () => {
  const masks = (begin: number, end: number, shrink: number) => [
    int32(0, begin),
    int32(1, end),
    int32(4, shrink),
  ];

  it('steps, forwards and backwards', async () => {
    const constants = [intConstant([0, 0, -1, 4]), intConstant([1, 4, -4, 0]), intConstant([1, 2, -1, -2])];
    await expectOperator(
      { op: 'STRIDED_SLICE', x: [1, 4, 3, 5], y: [[1, 2, 3, 2]], constants, options: masks(0, 0, 0) },
      [(x) => nd([2, 2, 3, 2], (n, i, j, c) => x.at(n, 2 * i, 2 - j, 4 - 2 * c))],
    );
  });

  it('leaves bounds out where a mask says so', async () => {
    const constants = [intConstant([9, 1, 9]), intConstant([9, 9, -1]), intConstant([1, 1, 1])];
    await expectOperator(
      { op: 'STRIDED_SLICE', x: [1, 4, 5], y: [[1, 3, 4]], constants, options: masks(0b101, 0b011, 0) },
      [(x) => nd([2, 3, 4], (n, i, c) => x.at(n, i + 1, c))],
    );
  });

  it('drops a dim, such as that of the class token', async () => {
    const constants = [intConstant([0, 0, 0]), intConstant([0, 1, 0]), intConstant([1, 1, 1])];
    await expectOperator(
      { op: 'STRIDED_SLICE', x: [1, 5, 4], y: [[1, 4]], constants, options: masks(0b101, 0b101, 0b010) },
      [(x) => nd([2, 4], (n, c) => x.at(n, 0, c))],
    );
  });

  it('drops a dim of a map, in the order of the file', async () => {
    const constants = [intConstant([0, 0, -1, 0]), intConstant([1, 2, 0, 4]), intConstant([1, 1, 1, 1])];
    await expectOperator(
      { op: 'STRIDED_SLICE', x: [1, 2, 3, 4], y: [[1, 2, 4]], constants, options: masks(0, 0, 0b100) },
      [(x) => nd([2, 2, 4], (n, i, c) => x.at(n, i, 2, c))],
    );
  });

  it.each([
    ['drop the batch', { options: masks(0, 0, 1), y: [[4]] }, /batch/],
    ['add an axis', { options: [int32(3, 1)], y: [[1, 1, 4]] }, /new axis/],
  ])('refuses to %s', (_, change, message) => {
    const constants = [intConstant([0, 0]), intConstant([1, 4]), intConstant([1, 1])];
    const model: OneOperator = { op: 'STRIDED_SLICE', x: [1, 4], constants, ...change };
    expect(() => tfliteToOnnx(oneOperator(model))).toThrow(message);
  });
});

describe('GATHER', () => {
  it('takes channels of a map in another order', async () => {
    const model = { op: 'GATHER', options: [int32(0, 3)], x: [1, 2, 3, 4], y: [[1, 2, 3, 2]] };
    await expectOperator({ ...model, constants: [intConstant([3, 1])] }, [
      (x) => nd([2, 2, 3, 2], (n, i, j, k) => x.at(n, i, j, [3, 1][k])),
    ]);
  });

  it('takes one token', async () => {
    const model = { op: 'GATHER', options: [int32(0, 1)], x: [1, 5, 4], y: [[1, 4]] };
    await expectOperator({ ...model, constants: [intConstant([2], [])] }, [
      (x) => nd([2, 4], (n, c) => x.at(n, 2, c)),
    ]);
  });

  it('takes a table of tokens', async () => {
    const model = { op: 'GATHER', options: [int32(0, 1)], x: [1, 5, 3], y: [[1, 2, 2, 3]] };
    await expectOperator(
      { ...model, constants: [intConstant([4, 0, 1, 1], [2, 2])] },
      [(x) => nd([2, 2, 2, 3], (n, i, j, c) => x.at(n, [4, 0, 1, 1][2 * i + j], c))],
      { maps: false },
    );
  });
});
