import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenPath, readNpz } from '../../test/golden/npy.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { resizeBilinear } from './resize.ts';

const cases = ['16_to_64', '24_to_50', '17_to_40', '11_to_33', '64_to_40', '40_to_7', '7_to_100', 'rect'];

/** The same images with the channels last. */
function channelsLast({ data, dims: [n, c, h, w] }: Tensor<Float32Array>): Tensor<Float32Array> {
  const out = new Float32Array(data.length);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) out[((i * h + y) * w + x) * c + k] = data[((i * c + k) * h + y) * w + x];
  return { data: out, dims: [n, h, w, c] };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** The four pixels around the position, weighted: the definition, in double precision. */
function byDefinition(x: Tensor<Float32Array>, width: number, height: number): number[] {
  const [n, c, h, w] = x.dims;
  const out: number[] = [];
  const axis = (i: number, length: number, size: number): [number, number, number] => {
    const at = Math.max(0, ((i + 0.5) * length) / size - 0.5);
    const low = Math.floor(at);
    return [low, Math.min(low + 1, length - 1), at - low];
  };
  for (let plane = 0; plane < n * c; plane++) {
    const pixel = (row: number, column: number) => x.data[(plane * h + row) * w + column];
    for (let i = 0; i < height; i++) {
      const [top, bottom, t] = axis(i, h, height);
      for (let j = 0; j < width; j++) {
        const [left, right, s] = axis(j, w, width);
        const above = (1 - s) * pixel(top, left) + s * pixel(top, right);
        out.push((1 - t) * above + t * ((1 - s) * pixel(bottom, left) + s * pixel(bottom, right)));
      }
    }
  }
  return out;
}

// without −0, which becomes 0 in the sum with a neighbour of share 0
const images = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    c: fc.integer({ min: 1, max: 5 }),
    h: fc.integer({ min: 1, max: 12 }),
    w: fc.integer({ min: 1, max: 12 }),
  })
  .chain(({ n, c, h, w }) =>
    fc
      .array(
        fc.float({ min: -4, max: 4, noNaN: true }).map((v) => v + 0),
        { minLength: n * c * h * w, maxLength: n * c * h * w },
      )
      .map((values): Tensor<Float32Array> => ({ data: Float32Array.from(values), dims: [n, c, h, w] })),
  );
const side = fc.integer({ min: 1, max: 25 });

describe('resizeBilinear', () => {
  // Golden: torch 1.13 interpolate, float32 in 0 … 1; two orders of the sum differ by 6e-7 there.
  it.each(cases)('matches torch on %s, in both layouts', (name) => {
    const { input, output } = readNpz(goldenPath(`patches/resize_${name}.npz`)) as Record<
      string,
      Tensor<Float32Array>
    >;
    const [height, width] = output.dims.slice(2);
    const planar = resizeBilinear(input, { width, height });
    expect(planar.dims).toEqual(output.dims);
    expect(largestDifference(planar.data, output.data)).toBeLessThan(2e-6);

    const last = resizeBilinear(channelsLast(input), { width, height, layout: 'NHWC' });
    expect(last).toEqual(channelsLast(planar));
  });

  it('is the weighted mean of the four pixels around, for any size and channel count', () => {
    fc.assert(
      fc.property(images, side, side, (x, width, height) => {
        const y = resizeBilinear(x, { width, height });
        // The share of a pixel is rounded to float32 (6e-8 of up to 12 pixels), values are up to 4.
        expect(largestDifference(y.data, byDefinition(x, width, height))).toBeLessThan(2e-5);
        expect(resizeBilinear(channelsLast(x), { width, height, layout: 'NHWC' })).toEqual(channelsLast(y));
      }),
    );
  });

  it('gives the same values where the size stays, and a constant stays constant', () => {
    fc.assert(
      fc.property(images, side, side, (x, width, height) => {
        const [, , h, w] = x.dims;
        expect(resizeBilinear(x, { width: w, height: h }).data).toEqual(x.data);
        const flat = { data: x.data.map(() => 0.75), dims: x.dims };
        expect(resizeBilinear(flat, { width, height }).data.every((v) => v === 0.75)).toBe(true);
      }),
    );
  });

  it('refuses what is not a batch of images or a size', () => {
    const x = { data: new Float32Array(12), dims: [1, 3, 2, 2] };
    expect(() => resizeBilinear({ ...x, dims: [3, 2, 2] }, { width: 2, height: 2 })).toThrow(
      /dims \[3,2,2\]/,
    );
    expect(() => resizeBilinear({ ...x, dims: [1, 3, 2] }, { width: 2, height: 2 })).toThrow('product');
    expect(() => resizeBilinear(x, { width: 0, height: 2 })).toThrow('0 × 2');
    expect(() => resizeBilinear(x, { width: 2, height: 1.5 })).toThrow('2 × 1.5');
  });
});
