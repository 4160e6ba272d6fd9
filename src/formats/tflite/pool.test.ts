import { describe, expect, it } from 'vitest';
import { int8, int32 } from '../../../test/models/tflite-builder.ts';
import { expectOperator, type Nd, nd, opTypes } from '../../../test/models/tflite-run.ts';
import { Padding } from './schema.ts';

const mean = (values: number[]) => values.reduce((s, v) => s + v, 0) / values.length;
const max = (values: number[]) => Math.max(...values);

/** f over the cells of the window that lie in the map. */
function pooled(
  x: Nd,
  out: readonly number[],
  kernel: number,
  stride: number,
  offset: number,
  f: (v: number[]) => number,
) {
  return nd([x.dims[0], ...out.slice(1)], (n, y, z, c) => {
    const values: number[] = [];
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) {
        const row = y * stride + i - offset;
        const column = z * stride + j - offset;
        if (row >= 0 && row < x.dims[1] && column >= 0 && column < x.dims[2])
          values.push(x.at(n, row, column, c));
      }
    }
    return f(values);
  });
}

describe.each([
  ['AVERAGE_POOL_2D', mean, 'AveragePool', 'GlobalAveragePool'],
  ['MAX_POOL_2D', max, 'MaxPool', 'GlobalMaxPool'],
] as const)('%s', (op, f, windowed, whole) => {
  it.each([
    ['VALID', Padding.VALID, [1, 7, 6, 3], 3, 2, 0, [1, 3, 2, 3]],
    ['SAME, pads on both sides', Padding.SAME, [1, 5, 5, 3], 3, 1, 1, [1, 5, 5, 3]],
    ['SAME, pads at the end', Padding.SAME, [1, 6, 6, 3], 3, 2, 0, [1, 3, 3, 3]],
  ])('counts the cells of the map only: %s', async (_, padding, x, kernel, stride, offset, y) => {
    const options = [
      int8(0, padding),
      int32(1, stride),
      int32(2, stride),
      int32(3, kernel),
      int32(4, kernel),
    ];
    const run = await expectOperator({ op, x, y: [y], options }, [
      (v) => pooled(v, y, kernel, stride, offset, f),
    ]);
    expect(opTypes(run)).toEqual([windowed]);
  });

  it.each([
    ['VALID', Padding.VALID, 4, 1],
    ['VALID, stride 2', Padding.VALID, 4, 2],
    ['SAME', Padding.SAME, 4, 4],
    ['SAME, window larger than the map', Padding.SAME, 7, 7],
  ])('over the whole map is a global pool: %s', async (_, padding, kernel, stride) => {
    const options = [
      int8(0, padding),
      int32(1, stride),
      int32(2, stride),
      int32(3, kernel),
      int32(4, kernel),
    ];
    const run = await expectOperator({ op, x: [1, 4, 4, 5], y: [[1, 1, 1, 5]], options }, [
      (v) => pooled(v, [1, 1, 1, 5], 4, 1, 0, f),
    ]);
    expect(opTypes(run)).toEqual([whole]);
  });
});
