import { describe, it } from 'vitest';
import { float32, int32 } from '../../../test/models/tflite-builder.ts';
import { expectOperator, type Nd, nd } from '../../../test/models/tflite-run.ts';

/** f of the last dim as a whole. */
function alongLast(x: Nd, f: (row: number[]) => number[]): Nd {
  const last = x.dims.length - 1;
  return nd(x.dims, (...i) => {
    const row = Array.from({ length: x.dims[last] }, (_, c) => x.at(...i.slice(0, last), c));
    return f(row)[i[last]];
  });
}

const softmaxOf = (beta: number) => (row: number[]) => {
  const e = row.map((v) => Math.exp(beta * v));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
};

describe.each([[[1, 5]], [[1, 3, 5]], [[1, 2, 3, 5]]])('along the last dim of %j', (dims) => {
  it.each([1, 0.5])('SOFTMAX with β = %d', async (beta) => {
    await expectOperator({ op: 'SOFTMAX', options: [float32(0, beta)], x: dims, y: [dims] }, [
      (x) => alongLast(x, softmaxOf(beta)),
    ]);
  });

  it('LOG_SOFTMAX', async () => {
    await expectOperator({ op: 'LOG_SOFTMAX', x: dims, y: [dims] }, [
      (x) => alongLast(x, (row) => softmaxOf(1)(row).map(Math.log)),
    ]);
  });

  it('L2_NORMALIZATION', async () => {
    await expectOperator({ op: 'L2_NORMALIZATION', x: dims, y: [dims] }, [
      (x) => alongLast(x, (row) => row.map((v) => v / Math.hypot(...row))),
    ]);
  });
});

describe('L2_NORMALIZATION', () => {
  it('is 0, not NaN, at 0', async () => {
    await expectOperator({ op: 'L2_NORMALIZATION', x: [1, 4], y: [[1, 4]] }, [(x) => nd(x.dims, () => 0)], {
      low: 0,
      high: 0,
    });
  });
});

describe('LOCAL_RESPONSE_NORMALIZATION', () => {
  it('divides by the power of 2·radius + 1 channels', async () => {
    const dims = [1, 2, 3, 7];
    const options = [int32(0, 2), float32(1, 1.5), float32(2, 0.25), float32(3, 0.75)];
    await expectOperator({ op: 'LOCAL_RESPONSE_NORMALIZATION', options, x: dims, y: [dims] }, [
      (x) =>
        alongLast(x, (row) =>
          row.map((v, c) => {
            let sum = 0;
            for (let k = Math.max(0, c - 2); k <= Math.min(6, c + 2); k++) sum += row[k] ** 2;
            return v / (1.5 + 0.25 * sum) ** 0.75;
          }),
        ),
    ]);
  });
});
