import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenPath, readNpy } from '../../test/golden/npy.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cropBatches, cropBoxes, cutCrops } from './crops.ts';
import { resizeBilinear } from './resize.ts';

interface Positions {
  image: number;
  patch: number;
  top_left_yx: [number, number][];
}
const positions = JSON.parse(readFileSync(goldenPath('patches/positions.json'), 'utf8')) as Record<
  string,
  Positions
>;

/** The top left size × size of the golden images, as the fixtures use them. */
function goldenImages(size: number): Tensor<Float32Array> {
  const { data, dims } = readNpy(goldenPath('patches/images_u8.npy'));
  const [n, c, , w] = dims;
  const out: number[] = [];
  for (let plane = 0; plane < n * c; plane++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) out.push(Math.fround(data[(plane * w + y) * w + x] / 255));
  return { data: Float32Array.from(out), dims: [n, c, size, size] };
}

/** toEqual is slow on arrays of this length. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (x: Float32Array) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  return bytes(a).equals(bytes(b));
}

/** A box of one image, without a resize. */
function cut(
  x: Tensor<Float32Array>,
  n: number,
  box: { x: number; y: number; width: number; height: number },
) {
  const [, c, h, w] = x.dims;
  const out: number[] = [];
  for (let k = 0; k < c; k++)
    for (let i = 0; i < box.height; i++)
      for (let j = 0; j < box.width; j++) out.push(x.data[((n * c + k) * h + box.y + i) * w + box.x + j]);
  return { data: Float32Array.from(out), dims: [1, c, box.height, box.width] };
}

const cases = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    c: fc.integer({ min: 1, max: 4 }),
    h: fc.integer({ min: 1, max: 14 }),
    w: fc.integer({ min: 1, max: 14 }),
    pick: fc.nat(),
    stride: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    batchSize: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ n, c, h, w, pick, stride, batchSize }) => ({
    batch: {
      data: Float32Array.from({ length: n * c * h * w }, (_, i) => (i * 7919) % 1013),
      dims: [n, c, h, w],
    },
    options: { patchSize: 1 + (pick % Math.min(h, w)), batchSize, ...(stride && { stride }) },
  }));

describe('cropBoxes', () => {
  it.each(Object.entries(positions))(
    'finds the places of the reference for %s',
    (_, { image, patch, top_left_yx }) => {
      const boxes = cropBoxes({ width: image, height: image, patchSize: patch });
      expect(boxes).toEqual(top_left_yx.map(([y, x]) => ({ x, y, width: patch, height: patch })));
    },
  );

  it('gives (⌊(H − s)/stride⌋ + 1)·(⌊(W − s)/stride⌋ + 1) whole crops, row by row', () => {
    fc.assert(
      fc.property(cases, ({ batch, options: { patchSize: s, stride } }) => {
        const [, , height, width] = batch.dims;
        const step = stride ?? Math.max(1, Math.floor(0.8 * s));
        const boxes = cropBoxes({ width, height, patchSize: s, ...(stride && { stride }) });
        const across = Math.floor((width - s) / step) + 1;
        expect(boxes).toHaveLength(across * (Math.floor((height - s) / step) + 1));
        boxes.forEach((box, i) => {
          const [x, y] = [(i % across) * step, Math.floor(i / across) * step];
          expect(box).toEqual({ x, y, width: s, height: s });
        });
      }),
    );
  });

  it('says the sizes when a crop is larger than the image', () => {
    expect(() => cropBoxes({ width: 64, height: 48, patchSize: 49 })).toThrow(
      /from 1 to 48.*64 × 48; got 49/,
    );
    expect(() => cropBoxes({ width: 64, height: 48, patchSize: 0 })).toThrow('got 0');
    expect(() => cropBoxes({ width: 64, height: 48, patchSize: 16, stride: 0 })).toThrow('stride');
  });
});

describe('cutCrops', () => {
  // Golden: torch unfold. A crop is exact before the resize, so it is compared through a resize of the
  // stored patch: both go through the same sums, hence the same bits.
  it.each(Object.keys(positions))('cuts what torch unfolds for %s', (name) => {
    const { image, patch } = positions[name];
    const images = goldenImages(image);
    const boxes = cropBoxes({ width: image, height: image, patchSize: patch });
    const stored = readNpy(goldenPath(`patches/unfold_${name}.npy`)) as Tensor<Float32Array>;
    boxes.forEach((box, i) => {
      const size = 3 * patch * patch;
      expect(sameBits(cut(images, 0, box).data, stored.data.subarray(i * size, (i + 1) * size))).toBe(true);
    });
    const crops = cutCrops(images, boxes);
    const resized = resizeBilinear(stored, { width: image, height: image });
    expect(crops.dims).toEqual(resized.dims);
    expect(sameBits(crops.data, resized.data)).toBe(true);
  });

  it('cuts any range as it cuts all, and refuses a box or a range outside', () => {
    const images = goldenImages(20);
    const boxes = cropBoxes({ width: 20, height: 20, patchSize: 8 });
    const all = cutCrops(images, boxes);
    const size = 3 * 20 * 20;
    const some = cutCrops(images, boxes, { from: 5, to: 12 });
    expect(some.dims).toEqual([7, 3, 20, 20]);
    expect(some.data).toEqual(all.data.subarray(5 * size, 12 * size));
    expect(() => cutCrops(images, boxes, { to: all.dims[0] + 1 })).toThrow('crops');
    expect(() => cutCrops(images, [{ x: 13, y: 0, width: 8, height: 8 }])).toThrow(
      /20 × 20; got 8 × 8 at \(13, 0\)/,
    );
  });
});

describe('cropBatches', () => {
  it('gives every crop once, in order, resized to the whole input', () => {
    fc.assert(
      fc.property(cases, ({ batch, options }) => {
        const [n, c, height, width] = batch.dims;
        const boxes = cropBoxes({ width, height, ...options });
        let k = 0;
        for (const { batch: crops, refs } of cropBatches(batch, options)) {
          expect(refs.length).toBeLessThanOrEqual(options.batchSize);
          expect(crops.dims).toEqual([refs.length, c, height, width]);
          refs.forEach((ref, i) => {
            expect(ref).toEqual({ input: Math.floor(k / boxes.length), box: boxes[k % boxes.length] });
            const whole = resizeBilinear(cut(batch, ref.input, ref.box), { width, height });
            const size = c * height * width;
            expect(sameBits(crops.data.subarray(i * size, (i + 1) * size), whole.data)).toBe(true);
            k++;
          });
        }
        expect(k).toBe(n * boxes.length);
      }),
    );
  });

  it('works with channels last', () => {
    const batch = {
      data: Float32Array.from({ length: 2 * 6 * 8 * 3 }, (_, i) => i % 17),
      dims: [2, 6, 8, 3],
    };
    const boxes = cropBoxes({ width: 8, height: 6, patchSize: 4 });
    const [first] = cropBatches(batch, { layout: 'NHWC', patchSize: 4, batchSize: 99 });
    expect(first.batch).toEqual(cutCrops(batch, boxes, { layout: 'NHWC' }));
    expect(first.batch.dims).toEqual([2 * boxes.length, 6, 8, 3]);
  });

  it('uses its memory again, and takes new memory when it was given away', () => {
    const batch = { data: Float32Array.from({ length: 3 * 8 * 8 }, (_, i) => i), dims: [1, 3, 8, 8] };
    const memory = new Set<ArrayBufferLike>();
    for (const { batch: crops } of cropBatches(batch, { patchSize: 4, batchSize: 1 }))
      memory.add(crops.data.buffer);
    expect(memory.size).toBe(1);

    const all = cutCrops(batch, cropBoxes({ width: 8, height: 8, patchSize: 4 })).data;
    let at = 0;
    for (const { batch: crops } of cropBatches(batch, { patchSize: 4, batchSize: 1 })) {
      const kept = structuredClone(crops.data, { transfer: [crops.data.buffer as ArrayBuffer] });
      expect(kept).toEqual(all.slice(at, (at += kept.length)));
    }
    expect(at).toBe(all.length);
  });

  it('refuses a batch size that is not a whole number from 1', () => {
    const batch = { data: new Float32Array(12), dims: [1, 3, 2, 2] };
    expect(() => [...cropBatches(batch, { patchSize: 1, batchSize: 0 })]).toThrow('batch size');
  });
});
