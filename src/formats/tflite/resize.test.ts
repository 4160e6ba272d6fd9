import { describe, expect, it } from 'vitest';
import { bool, int32 } from '../../../test/models/tflite-builder.ts';
import { expectOperator, intConstant, type Nd, nd } from '../../../test/models/tflite-run.ts';

const sizes: [string, number[], number[]][] = [
  ['twice as large', [3, 4], [6, 8]],
  ['larger by a fraction', [3, 4], [7, 10]],
  ['smaller', [7, 9], [3, 5]],
];
const modes: [string, boolean, boolean][] = [
  ['corners of cells', false, false],
  ['centres of cells', false, true],
  ['aligned corners', true, false],
];

/** Factor from a cell of the result to a cell of the source. */
const factor = (size: number, wanted: number, align: boolean) =>
  align && wanted > 1 ? (size - 1) / (wanted - 1) : size / wanted;

/** As tensorflow/lite/kernels/internal/reference/resize_bilinear.h. */
function bilinear(x: Nd, wanted: number[], align: boolean, half: boolean): Nd {
  const place = (v: number, size: number, to: number) => {
    const at = half ? (v + 0.5) * factor(size, to, align) - 0.5 : v * factor(size, to, align);
    const low = Math.max(Math.floor(at), 0);
    return { low, high: Math.min(Math.ceil(at), size - 1), part: at - low };
  };
  return nd([x.dims[0], ...wanted, x.dims[3]], (n, i, j, c) => {
    const r = place(i, x.dims[1], wanted[0]);
    const s = place(j, x.dims[2], wanted[1]);
    const row = (k: number) => x.at(n, k, s.low, c) * (1 - s.part) + x.at(n, k, s.high, c) * s.part;
    return row(r.low) * (1 - r.part) + row(r.high) * r.part;
  });
}

/** As tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h. */
function nearest(x: Nd, wanted: number[], align: boolean, half: boolean): Nd {
  const place = (v: number, size: number, to: number) => {
    const at = (v + (half ? 0.5 : 0)) * factor(size, to, align);
    return Math.max(0, Math.min(align ? Math.round(at) : Math.floor(at), size - 1));
  };
  return nd([x.dims[0], ...wanted, x.dims[3]], (n, i, j, c) =>
    x.at(n, place(i, x.dims[1], wanted[0]), place(j, x.dims[2], wanted[1]), c),
  );
}

describe.each(modes)('from %s', (_, align, half) => {
  it.each(sizes)('RESIZE_BILINEAR %s', async (_, size, wanted) => {
    const model = {
      op: 'RESIZE_BILINEAR',
      options: [bool(2, align), bool(3, half)],
      constants: [intConstant(wanted)],
    };
    await expectOperator({ ...model, x: [1, ...size, 2], y: [[1, ...wanted, 2]] }, [
      (x) => bilinear(x, wanted, align, half),
    ]);
  });

  it.each(sizes)('RESIZE_NEAREST_NEIGHBOR %s', async (_, size, wanted) => {
    const options = [bool(0, align), bool(1, half)];
    const model = { op: 'RESIZE_NEAREST_NEIGHBOR', options, constants: [intConstant(wanted)] };
    await expectOperator({ ...model, x: [1, ...size, 2], y: [[1, ...wanted, 2]] }, [
      (x) => nearest(x, wanted, align, half),
    ]);
  });
});

describe('RESIZE_NEAREST_NEIGHBOR', () => {
  // The engine gets a float32 factor and rounds down: a factor a bit too small loses a cell.
  it('reaches the size that the file states', async () => {
    for (const size of [3, 7, 10, 33]) {
      for (const wanted of [1, 5, 7, 11, 13, 29, 40]) {
        const model = { op: 'RESIZE_NEAREST_NEIGHBOR', constants: [intConstant([wanted, wanted])] };
        const run = await expectOperator({ ...model, x: [1, size, size, 1], y: [[1, wanted, wanted, 1]] }, [
          (x) => nearest(x, [wanted, wanted], false, false),
        ]);
        expect(run.outputs[0].dims).toEqual([2, wanted, wanted, 1]);
      }
    }
  });
});

describe('blocks and channels', () => {
  it('SPACE_TO_DEPTH has row, column, channel of a block', async () => {
    await expectOperator(
      { op: 'SPACE_TO_DEPTH', options: [int32(0, 2)], x: [1, 4, 6, 3], y: [[1, 2, 3, 12]] },
      [
        (x) =>
          nd([2, 2, 3, 12], (n, i, j, c) => {
            const cell = Math.floor(c / 3);
            return x.at(n, 2 * i + Math.floor(cell / 2), 2 * j + (cell % 2), c % 3);
          }),
      ],
    );
  });

  it('DEPTH_TO_SPACE is the way back', async () => {
    await expectOperator(
      { op: 'DEPTH_TO_SPACE', options: [int32(0, 2)], x: [1, 2, 3, 12], y: [[1, 4, 6, 3]] },
      [
        (x) =>
          nd([2, 4, 6, 3], (n, i, j, c) =>
            x.at(n, Math.floor(i / 2), Math.floor(j / 2), (2 * (i % 2) + (j % 2)) * 3 + c),
          ),
      ],
    );
  });
});
