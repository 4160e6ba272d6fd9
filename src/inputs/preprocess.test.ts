import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeImage } from './placement.ts';
import { applyPreprocess, type PixelSettings } from './preprocess.ts';

const settings = fc
  .record({
    width: fc.integer({ min: 1, max: 7 }),
    height: fc.integer({ min: 1, max: 7 }),
    channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
    channelOrder: fc.constantFrom('RGB' as const, 'BGR' as const),
    layout: fc.constantFrom('NCHW' as const, 'NHWC' as const),
    rescale: fc.constantFrom(1, 1 / 255, 1 / 127.5),
    depth: fc.constantFrom(1, 3, 4),
  })
  .chain((s) =>
    fc.record({
      settings: fc.record({
        ...Object.fromEntries(Object.entries(s).map(([key, value]) => [key, fc.constant(value)])),
        mean: perChannel(s.channels, -2, 200),
        std: perChannel(s.channels, 0.125, 128),
      }) as fc.Arbitrary<PixelSettings & { depth: number }>,
      pixels: fc.uint8Array({
        minLength: s.width * s.height * s.depth,
        maxLength: s.width * s.height * s.depth,
      }),
    }),
  );

function perChannel(channels: number, min: number, max: number): fc.Arbitrary<number[]> {
  return fc.array(fc.double({ min, max, noNaN: true }), { minLength: channels, maxLength: channels });
}

/** One value by the definition, from the pixel as red, green, blue and alpha. */
function byDefinition(s: PixelSettings, pixel: readonly number[], c: number): number {
  const rgba = pixel.length === 1 ? [pixel[0], pixel[0], pixel[0], 255] : [...pixel, 255].slice(0, 4);
  const luma = 0.299 * rgba[0] + 0.587 * rgba[1] + 0.114 * rgba[2];
  const colours = s.channelOrder === 'BGR' ? [rgba[2], rgba[1], rgba[0], rgba[3]] : rgba;
  const value = s.channels === 1 ? (pixel.length === 1 ? pixel[0] : Math.round(luma)) : colours[c];
  return (value * s.rescale - s.mean[c]) / s.std[c];
}

describe('applyPreprocess', () => {
  it('is (pixel · rescale − mean) / std, in the layout and order of the model', () => {
    fc.assert(
      fc.property(settings, ({ settings: s, pixels }) => {
        const out = applyPreprocess(pixels, s);
        const count = s.width * s.height;
        expect(out).toHaveLength(count * s.channels);
        for (let i = 0; i < count; i++) {
          const pixel = [...pixels.subarray(i * s.depth, (i + 1) * s.depth)];
          for (let c = 0; c < s.channels; c++) {
            const value = out[s.layout === 'NCHW' ? c * count + i : i * s.channels + c];
            // Luma in 16-bit integers may round a half the other way: one pixel value of 255.
            const slack = s.channels === 1 && s.depth > 1 ? s.rescale / s.std[c] : 0;
            // float32 has 24 bits.
            const expected = byDefinition(s, pixel, c);
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(
              slack + Math.abs(expected) * 2 ** -24 + 1e-30,
            );
          }
        }
      }),
    );
  });

  it('gives the known values of ImageNet and of 8-bit models', () => {
    const one = { width: 1, height: 1, channels: 3, channelOrder: 'RGB', layout: 'NCHW' } as const;
    const imagenet = { ...one, rescale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    // white: (1 − 0.485) / 0.229 = 2.2489 and so on
    expect([...applyPreprocess(Uint8Array.of(255, 255, 255), imagenet)].map((v) => v.toFixed(4))).toEqual([
      '2.2489',
      '2.4286',
      '2.6400',
    ]);
    const eightBit = { ...one, rescale: 1, mean: [128, 128, 128], std: [128, 128, 128] };
    expect([...applyPreprocess(Uint8Array.of(0, 128, 255), eightBit)]).toEqual([-1, 0, 127 / 128]);
  });

  it('makes grey as PIL does', () => {
    const grey = { width: 4, height: 1, channels: 1, channelOrder: 'RGB', layout: 'NCHW' } as const;
    const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30);
    // Image.new('RGB', (1, 1), colour).convert('L') of PIL
    expect([...applyPreprocess(pixels, { ...grey, rescale: 1, mean: [0], std: [1] })]).toEqual([
      76, 150, 29, 18,
    ]);
  });

  it('writes into the place given', () => {
    const s = { width: 1, height: 1, channels: 1, channelOrder: 'RGB', layout: 'NHWC' } as const;
    const batch = new Float32Array(3);
    const place = batch.subarray(1, 2);
    expect(applyPreprocess(Uint8Array.of(7), { ...s, rescale: 1, mean: [0], std: [1] }, place)).toBe(place);
    expect([...batch]).toEqual([0, 7, 0]);
  });

  it('refuses pixels, room and means that do not fit', () => {
    const s = { width: 2, height: 2, channels: 3, channelOrder: 'RGB', layout: 'NCHW', rescale: 1 } as const;
    const three = { mean: [0, 0, 0], std: [1, 1, 1] };
    expect(() => applyPreprocess(new Uint8Array(8), { ...s, ...three })).toThrow('got 8 bytes');
    expect(() => applyPreprocess(new Uint8Array(12), { ...s, ...three }, new Float32Array(4))).toThrow(
      'room for 4',
    );
    expect(() => applyPreprocess(new Uint8Array(12), { ...s, mean: [0], std: [1, 1, 1] })).toThrow(
      'got 1 and 3',
    );
  });
});

describe('placeImage', () => {
  const square = { width: 224, height: 224, shortestEdge: 256 };
  it.each([
    // torchvision: Resize(256), CenterCrop(224)
    [{ width: 500, height: 375 }, 'shortest-edge', { width: 341, height: 256, left: 58, top: 16 }],
    [{ width: 375, height: 500 }, 'shortest-edge', { width: 256, height: 341, left: 16, top: 58 }],
    [{ width: 1, height: 1 }, 'shortest-edge', { width: 256, height: 256, left: 16, top: 16 }],
    [{ width: 500, height: 375 }, 'squash', { width: 256, height: 256, left: 16, top: 16 }],
    [{ width: 500, height: 375 }, 'stretch', { width: 224, height: 224, left: 0, top: 0 }],
  ] as const)('of %o with %s', (image, resizeMode, expected) => {
    expect(placeImage(image, { ...square, resizeMode })).toEqual(expected);
  });

  it('keeps the crop inside and the shape within a pixel, for any image and input', () => {
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 500 }), (iw, ih, width, height, more) => {
        const shortestEdge = Math.min(width, height) + more;
        const p = placeImage(
          { width: iw, height: ih },
          { width, height, resizeMode: 'shortest-edge', shortestEdge },
        );
        expect(p.left).toBeGreaterThanOrEqual(0);
        expect(p.top).toBeGreaterThanOrEqual(0);
        expect(p.left + width).toBeLessThanOrEqual(p.width);
        expect(p.top + height).toBeLessThanOrEqual(p.height);
        // rounding down takes less than one pixel off one side, which counts ih or iw in the cross product
        expect(Math.abs(p.width * ih - p.height * iw)).toBeLessThan(Math.max(iw, ih));
      }),
    );
  });
});
