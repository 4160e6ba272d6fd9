import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise, permuted } from '../../../test/models/tflite-run.ts';
import { NCHW_FROM_NHWC, NHWC_FROM_NCHW, transposed } from './layout.ts';

const dimsOf4 = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })));

describe('transposed', () => {
  it('moves element i to where the permutation says', () => {
    fc.assert(
      fc.property(dimsOf4, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (dims, perm) => {
        const x = noise(dims, 5);
        const moved = transposed(Float32Array.from(x.data), dims, perm);
        const expected = permuted(x, perm);
        expect(moved.dims).toEqual(expected.dims);
        expect([...moved.data]).toEqual([...expected.data]);
      }),
    );
  });

  it('from NHWC to NCHW and back is nothing', () => {
    fc.assert(
      fc.property(dimsOf4, (dims) => {
        const data = Float32Array.from(noise(dims, 6).data);
        const there = transposed(data, dims, NCHW_FROM_NHWC);
        expect(transposed(there.data, there.dims, NHWC_FROM_NCHW)).toEqual({ data, dims });
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(transposed(new Float32Array(0), [2, 0], [1, 0])).toEqual({
      data: new Float32Array(0),
      dims: [0, 2],
    });
  });
});
