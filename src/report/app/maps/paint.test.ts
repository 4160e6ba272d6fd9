import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layer, paint } from './paint.ts';

const red = [255, 0, 0] as const;
const blue = [0, 0, 255] as const;
const layer = (values: number[], colour: Layer['colour'] = red, strong = 256): Layer => ({
  values: Uint8Array.from(values),
  colour,
  strong,
});
const pixel = (rgba: Uint8ClampedArray, i: number): number[] => [...rgba.subarray(4 * i, 4 * i + 4)];

describe('paint', () => {
  it('is clear where nothing is active', () => {
    expect(paint([layer([0, 15, 0, 3])], 2, 2, 4, true).some((v) => v > 0)).toBe(false);
    expect(paint([], 2, 2, 4, true)).toEqual(new Uint8ClampedArray(8 * 8 * 4));
  });

  it('draws one block a cell when raw', () => {
    const rgba = paint([layer([200, 0])], 1, 2, 3, false);
    const alphas = Array.from({ length: 18 }, (_, i) => rgba[4 * i + 3] > 0);
    expect(alphas).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0].map(Boolean));
    expect(pixel(rgba, 0).slice(0, 3)).toEqual([255, 0, 0]);
  });

  it('is the same smooth and raw where the map is constant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 4 }), (v, n) => {
        const layers = [layer(new Array(n * n).fill(v))];
        expect(paint(layers, n, n, 5, true)).toEqual(paint(layers, n, n, 5, false));
      }),
    );
  });

  it('is denser where the value is higher', () => {
    const alpha = (v: number): number => paint([layer([v])], 1, 1, 1, false)[3];
    for (let v = 16; v < 255; v += 8) expect(alpha(v + 1)).toBeGreaterThanOrEqual(alpha(v));
    expect(alpha(255)).toBeGreaterThan(alpha(16));
  });

  it('does not depend on the order of the layers', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), (a, b, smooth) => {
        const one = paint([layer(a, red, 200), layer(b, blue, 200)], 3, 3, 4, smooth);
        const two = paint([layer(b, blue, 200), layer(a, red, 200)], 3, 3, 4, smooth);
        one.forEach((v, i) => {
          expect(Math.abs(v - two[i])).toBeLessThanOrEqual(1); // sums of float32 in another order, then rounding
        });
      }),
    );
  });

  it('draws the border of the strongest tenth: inside in the colour, outside white', () => {
    const rgba = paint([layer([255, 100, 100], red, 255)], 1, 3, 4, false);
    expect(pixel(rgba, 3).slice(0, 3)).toEqual([255, 0, 0]);
    expect(pixel(rgba, 4).slice(0, 3)).toEqual([255, 255, 255]);
    expect(rgba[4 * 3 + 3]).toBeGreaterThan(rgba[4 * 1 + 3]); // denser than the tint within
    expect(pixel(rgba, 8)).not.toEqual(pixel(rgba, 4));
  });
});
