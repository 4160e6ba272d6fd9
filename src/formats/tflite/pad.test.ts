import { describe, expect, it } from 'vitest';
import { int8 } from '../../../test/models/tflite-builder.ts';
import { constant, expectOperator, intConstant, nd, oneOperator } from '../../../test/models/tflite-run.ts';
import { tfliteToOnnx } from '../tflite.ts';

const x = [1, 3, 4, 2];
const y = [1, 6, 5, 4];
const pads = intConstant([0, 0, 2, 1, 0, 1, 1, 1], [4, 2]);

describe('PAD, PADV2', () => {
  it('pads maps with 0', async () => {
    await expectOperator({ op: 'PAD', x, y: [y], constants: [pads] }, [
      (v) => nd([2, ...y.slice(1)], (n, i, j, c) => v.at(n, i - 2, j, c - 1)),
    ]);
  });

  it('pads maps with a constant', async () => {
    const value = constant(nd([], () => -1.5));
    await expectOperator({ op: 'PADV2', x, y: [y], constants: [pads, value] }, [
      (v) =>
        nd([2, ...y.slice(1)], (n, i, j, c) => {
          const inside = i >= 2 && i < 5 && j < 4 && c >= 1 && c < 3;
          return inside ? v.at(n, i - 2, j, c - 1) : -1.5;
        }),
    ]);
  });

  it('pads tokens', async () => {
    const constants = [intConstant([0, 0, 1, 0, 0, 0], [3, 2])];
    await expectOperator({ op: 'PAD', x: [1, 3, 2], y: [[1, 4, 2]], constants }, [
      (v) => nd([2, 4, 2], (n, i, c) => v.at(n, i - 1, c)),
    ]);
  });

  it('refuses to pad the batch', () => {
    const bytes = oneOperator({
      op: 'PAD',
      x: [1, 3],
      y: [[2, 3]],
      constants: [intConstant([1, 0, 0, 0], [2, 2])],
    });
    expect(() => tfliteToOnnx(bytes)).toThrow(/along the batch/);
  });
});

describe('MIRROR_PAD', () => {
  it.each([
    ['REFLECT', 0, (i: number, n: number) => (i < 0 ? -i : i < n ? i : 2 * n - 2 - i)],
    ['SYMMETRIC', 1, (i: number, n: number) => (i < 0 ? -i - 1 : i < n ? i : 2 * n - 1 - i)],
  ])('%s', async (_, mode, mirror) => {
    const constants = [intConstant([0, 0, 2, 1, 0, 1, 1, 1], [4, 2])];
    await expectOperator({ op: 'MIRROR_PAD', options: [int8(0, mode)], x, y: [y], constants }, [
      (v) =>
        nd([2, ...y.slice(1)], (n, i, j, c) => v.at(n, mirror(i - 2, 3), mirror(j, 4), mirror(c - 1, 2))),
    ]);
  });

  it('refuses pads larger than the map', () => {
    const constants = [intConstant([0, 0, 3, 0], [2, 2])];
    const bytes = oneOperator({ op: 'MIRROR_PAD', x: [1, 3], y: [[1, 6]], constants });
    expect(() => tfliteToOnnx(bytes)).toThrow(/at most 2/);
  });
});
