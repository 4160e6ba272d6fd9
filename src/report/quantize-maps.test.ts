import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMaps } from './app/maps/concept-maps.ts';
import { quantizeMaps } from './quantize-maps.ts';

const shape = fc.record({
  E: fc.integer({ min: 1, max: 4 }),
  h: fc.integer({ min: 1, max: 5 }),
  w: fc.integer({ min: 1, max: 5 }),
  r: fc.integer({ min: 1, max: 4 }),
});
const maps = shape.chain(({ E, h, w, r }) =>
  fc
    .array(fc.float({ min: -2, max: 100, noNaN: true }), {
      minLength: E * h * w * r,
      maxLength: E * h * w * r,
    })
    .map((values) => ({ data: Float32Array.from(values), dims: [E, h, w, r] })),
);

describe('quantizeMaps', () => {
  it('comes back within half a step of each concept’s scale', () => {
    fc.assert(
      fc.property(maps, (tensor) => {
        const [E, h, w, r] = tensor.dims;
        const inputs = Array.from({ length: E }, (_, i) => i);
        const opened = openMaps(quantizeMaps(tensor, inputs, r))!;
        for (let e = 0; e < E; e++) {
          for (let k = 0; k < r; k++) {
            opened.of(e, k).forEach((byte, cell) => {
              const value = Math.max(0, tensor.data[(e * h * w + cell) * r + k]);
              const step = opened.scale[k] / 255;
              // half a step of rounding; 1e-9 for the float64 division and product
              expect(Math.abs(byte * step - value)).toBeLessThanOrEqual(step / 2 + 1e-9 * opened.scale[k]);
            });
          }
        }
      }),
    );
  });

  it('keeps a concept at 0 that is nowhere positive', () => {
    const opened = openMaps(
      quantizeMaps({ data: Float32Array.of(-1, 4, 0, 2), dims: [1, 1, 2, 2] }, [3], 2),
    )!;
    expect(opened.scale).toEqual([0, 4]);
    expect([...opened.of(0, 0)]).toEqual([0, 0]);
    expect([...opened.of(0, 1)]).toEqual([255, 128]);
    expect(opened.strong).toEqual([256, 255]);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s', (value) => {
    expect(() => quantizeMaps({ data: Float32Array.of(1, value), dims: [1, 1, 2, 1] }, [0], 1)).toThrow(
      `renderReport: expected finite map values; got ${value} at element 1`,
    );
  });

  it('holds more values than one call of String.fromCharCode takes', () => {
    const data = new Float32Array(300_001).map((_, i) => i % 256);
    const opened = openMaps(quantizeMaps({ data, dims: [1, 1, 300_001, 1] }, [0], 1))!;
    expect([...opened.of(0, 0).subarray(299_990)]).toEqual([...data.subarray(299_990)]);
  });
});

describe('openMaps', () => {
  it('gives null, not a broken page, where the data are not as long as their dims say', () => {
    const good = quantizeMaps({ data: new Float32Array(8).fill(1), dims: [2, 2, 2, 1] }, [0, 1], 1);
    expect(openMaps({ ...good, dims: [2, 2, 3, 1] })).toBeNull();
    expect(openMaps({ ...good, inputs: [0] })).toBeNull();
    expect(openMaps(null)).toBeNull();
  });

  it('begins the strongest tenth of the active cells where a tenth of them lies above', () => {
    const data = Float32Array.from({ length: 120 }, (_, i) => Math.max(0, i - 19)); // 100 active: 1 … 100
    const { strong } = openMaps(quantizeMaps({ data, dims: [1, 10, 12, 1] }, [0], 1))!;
    expect(strong[0]).toBe(Math.round((91 / 100) * 255)); // 91 … 100 are ten
  });
});
