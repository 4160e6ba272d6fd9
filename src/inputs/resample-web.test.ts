import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { random } from '../tensor/random.ts';
import { type Rgba, resample } from './resample-web.ts';

const KERNELS = { nearest: 'nearest', bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;
type Interpolation = keyof typeof KERNELS;

const all = ({ width, height }: { width: number; height: number }) => ({ width, height, left: 0, top: 0 });

/** Waves of low frequency with a little noise, as photographs are. */
function photograph(width: number, height: number): Rgba {
  const rng = random(3);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let c = 0; c < 3; c++) {
      data[4 * i + c] = 128 + 80 * Math.sin(x / (9 + c)) * Math.cos(y / (7 + c)) + 20 * rng.uniform();
    }
    data[4 * i + 3] = 255;
  }
  return { data, width, height };
}

async function bySharp(
  image: Rgba,
  to: { width: number; height: number },
  how: Interpolation,
): Promise<Uint8Array> {
  const raw = { width: image.width, height: image.height, channels: 4 as const };
  const flat = await sharp(image.data, { raw }).removeAlpha().raw().toBuffer();
  return sharp(flat, { raw: { ...raw, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: KERNELS[how] })
    .raw()
    .toBuffer();
}

function differences(a: Uint8Array, b: Uint8Array): { most: number; mean: number } {
  let most = 0;
  let sum = 0;
  a.forEach((value, i) => {
    const d = Math.abs(value - b[i]);
    most = Math.max(most, d);
    sum += d;
  });
  return { most, mean: sum / a.length };
}

describe('resample', () => {
  // Golden: libvips through sharp, which resizes in Node. From a factor of 4 on it averages whole boxes first.
  it.each([
    ['bilinear', 224],
    ['bicubic', 224],
    ['lanczos', 224],
    ['nearest', 224],
    ['bilinear', 70],
    ['lanczos', 50],
    ['bicubic', 17],
    ['bilinear', 320],
    ['bicubic', 500],
    ['bilinear', 500],
    ['lanczos', 500],
    ['nearest', 500],
  ] as const)('gives the very pixels of Node, %s to %i', async (how, side) => {
    const image = photograph(348, 300);
    const to = { width: side, height: side };
    expect(differences(resample(image, all(to), to, how, 3), await bySharp(image, to, how)).most).toBe(0);
  });

  it('gives the very pixels of Node for any size', { timeout: 60_000 }, async () => {
    const source = fc.integer({ min: 1, max: 400 });
    const how = fc.constantFrom<Interpolation>('bilinear', 'bicubic', 'lanczos');
    const target = fc.integer({ min: 4, max: 300 });
    await fc.assert(
      fc.asyncProperty(source, source, target, target, how, async (w, h, width, height, filter) => {
        const [image, to] = [photograph(w, h), { width, height }];
        const ours = resample(image, all(to), to, filter, 3);
        expect(differences(ours, await bySharp(image, to, filter)).most).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps an image of one colour to a level, which whole weights may miss', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const how = fc.constantFrom<Interpolation>('nearest', 'bilinear', 'bicubic', 'lanczos');
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        how,
        fc.integer({ min: 0, max: 255 }),
        (w, h, W, H, filter, colour) => {
          const image = { data: new Uint8ClampedArray(4 * w * h).fill(colour), width: w, height: h };
          const size = { width: W, height: H };
          const pixels = resample(image, all(size), size, filter, 3);
          expect(pixels.every((value) => Math.abs(value - colour) <= 1)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cuts out of the resized image what it gives whole', () => {
    const image = photograph(60, 50);
    const size = { width: 30, height: 25 };
    const whole = resample(image, all(size), size, 'bicubic', 3);
    const part = resample(image, { ...size, left: 7, top: 4 }, { width: 10, height: 9 }, 'bicubic', 3);
    for (let y = 0; y < 9; y++) {
      const start = ((y + 4) * 30 + 7) * 3;
      expect(part.subarray(y * 30, (y + 1) * 30)).toEqual(whole.subarray(start, start + 30));
    }
  });

  it('halves a checkerboard to grey: the mean of two by two', () => {
    const data = Uint8ClampedArray.from({ length: 4 * 64 }, (_, i) => {
      const [x, y] = [(i >> 2) % 8, (i >> 2) >> 3];
      return (x + y) % 2 ? 200 : 100;
    });
    const half = { width: 4, height: 4 };
    const grey = resample({ data, width: 8, height: 8 }, all(half), half, 'bilinear', 3);
    const inner = grey.subarray(3 * 5, 3 * 7); // the filter meets no edge there
    expect([...inner]).toEqual([150, 150, 150, 150, 150, 150]);
  });

  it('does not let the colour of a transparent pixel in', () => {
    const data = Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 0);
    const one = { width: 1, height: 1 };
    expect([...resample({ data, width: 2, height: 1 }, all(one), one, 'bilinear', 4)]).toEqual([
      255, 0, 0, 128,
    ]);
  });

  it('refuses data of another size', () => {
    const one = { width: 1, height: 1 };
    const image = { data: new Uint8ClampedArray(3), width: 1, height: 1 };
    expect(() => resample(image, all(one), one, 'bilinear', 3)).toThrow(
      expect.objectContaining({ code: 'SHAPE' }),
    );
  });
});
