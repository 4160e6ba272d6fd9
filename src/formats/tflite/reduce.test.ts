import { describe, expect, it } from 'vitest';
import { bool } from '../../../test/models/tflite-builder.ts';
import {
  expectOperator,
  intConstant,
  type Nd,
  nd,
  oneOperator,
  opTypes,
} from '../../../test/models/tflite-run.ts';
import { tfliteToOnnx } from '../tflite.ts';

const folds: [string, (values: number[]) => number][] = [
  ['MEAN', (v) => v.reduce((a, b) => a + b, 0) / v.length],
  ['SUM', (v) => v.reduce((a, b) => a + b, 0)],
  ['REDUCE_MAX', (v) => Math.max(...v)],
  ['REDUCE_MIN', (v) => Math.min(...v)],
];

/** f over all elements that share the index of the dims that stay. */
function reduced(x: Nd, axes: readonly number[], keep: boolean, f: (values: number[]) => number): Nd {
  const kept = x.dims.map((d, k) => (axes.includes(k) ? 1 : d));
  const full = nd(kept, (...index) => {
    const values: number[] = [];
    nd(x.dims, (...i) => {
      if (i.every((v, k) => axes.includes(k) || v === index[k])) values.push(x.at(...i));
      return 0;
    });
    return f(values);
  });
  let k = 0;
  return keep
    ? full
    : nd(
        kept.filter((_, i) => !axes.includes(i)),
        () => full.data[k++],
      );
}

describe.each(folds)('%s', (op, f) => {
  it.each([
    [[1, 2], true],
    [[1, 2], false],
    [[-2, -3], false],
    [[3], true],
    [[3], false],
    [[1], false],
    [[2], true],
    [[1, 2, 3], false],
    [[], true],
  ])('of a map over axes %j, keep_dims %s', async (given, keep) => {
    const x = [1, 2, 3, 4];
    const axes = given.map((a) => (a < 0 ? a + 4 : a));
    const y = keep ? x.map((d, k) => (axes.includes(k) ? 1 : d)) : x.filter((_, k) => !axes.includes(k));
    await expectOperator({ op, options: [bool(0, keep)], x, y: [y], constants: [intConstant(given)] }, [
      (v) => reduced(v, axes, keep, f),
    ]);
  });

  it('of tokens', async () => {
    await expectOperator({ op, x: [1, 5, 4], y: [[1, 4]], constants: [intConstant([1])] }, [
      (v) => reduced(v, [1], false, f),
    ]);
  });
});

describe('MEAN', () => {
  it.each([
    [true, ['GlobalAveragePool']],
    [false, ['GlobalAveragePool', 'Flatten']],
  ])('over the whole map is a global pool, keep_dims %s', async (keep, types) => {
    const y = keep ? [1, 1, 1, 4] : [1, 4];
    const model = {
      op: 'MEAN',
      options: [bool(0, keep)],
      x: [1, 2, 3, 4],
      y: [y],
      constants: [intConstant([2, 1])],
    };
    expect(opTypes(await expectOperator(model, []))).toEqual(types);
  });

  it('refuses the mean of images', () => {
    const bytes = oneOperator({ op: 'MEAN', x: [1, 4], y: [[4]], constants: [intConstant([0])] });
    expect(() => tfliteToOnnx(bytes)).toThrow(/along the batch/);
  });
});
