import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, encodeSeen } from './image-decode-fs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'craft-xai-decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Settings = Parameters<typeof decodeImage>[2];
const whole: Settings = {
  width: 2,
  height: 2,
  channels: 3,
  resizeMode: 'stretch',
  shortestEdge: 2,
  interpolation: 'bilinear',
};

async function decode(bytes: Uint8Array, settings: Partial<Settings> = {}): Promise<number[]> {
  const path = join(folder, 'image');
  await writeFile(path, bytes);
  const decoded = await decodeImage(sharp, path, { ...whole, ...settings });
  if ('reason' in decoded) throw new Error(decoded.reason);
  return [...decoded.pixels];
}

/** One colour everywhere, so that no resize changes it. */
const flat = (colour: string | object, channels: 3 | 4 = 3) =>
  sharp({ create: { width: 16, height: 12, channels, background: colour } });
const four = (...pixel: number[]) => Array.from({ length: 4 }, () => pixel).flat();

describe('decodeImage', () => {
  it.each([
    ['png', () => flat('#804020').png()],
    ['palette png', () => flat('#804020').png({ palette: true })],
    ['tiff', () => flat('#804020').tiff({ compression: 'lzw' })],
    ['lossless webp', () => flat('#804020').webp({ lossless: true })],
    ['16-bit png', () => flat('#804020').toColourspace('rgb16').png()],
    ['16-bit tiff', () => flat('#804020').toColourspace('rgb16').tiff({ compression: 'lzw' })],
  ])('gives the exact colour of a %s', async (_, make) => {
    expect(await decode(await make().toBuffer())).toEqual(four(0x80, 0x40, 0x20));
  });

  it.each([
    ['jpeg', () => flat('#804020').jpeg({ quality: 100 })],
    ['progressive jpeg', () => flat('#804020').jpeg({ quality: 100, progressive: true })],
    ['webp', () => flat('#804020').webp({ quality: 100 })],
    ['avif', () => flat('#804020').avif({ quality: 100 })],
    ['gif', () => flat('#804020').gif()],
  ])('gives the colour of a lossy %s', async (_, make) => {
    const pixels = await decode(await make().toBuffer());
    // Lossy codecs round in YCbCr: 4 of 255.
    four(0x80, 0x40, 0x20).forEach((v, i) => {
      expect(Math.abs(pixels[i] - v)).toBeLessThanOrEqual(4);
    });
  });

  it('makes CMYK and grey colour', async () => {
    const cmyk = await flat('#ffffff').toColourspace('cmyk').jpeg().toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    expect(await decode(cmyk)).toEqual(four(255, 255, 255));
    expect(await decode(await flat('#808080').toColourspace('b-w').png().toBuffer())).toEqual(
      four(128, 128, 128),
    );
    expect(await decode(await flat('#808080').toColourspace('grey16').png().toBuffer())).toEqual(
      four(128, 128, 128),
    );
  });

  it('lays transparent pixels over white, or keeps alpha for four channels', async () => {
    const half = await flat({ r: 255, g: 0, b: 0, alpha: 0.5 }, 4).png().toBuffer();
    expect(await decode(half)).toEqual(four(255, 127, 127));
    expect(await decode(half, { channels: 4 })).toEqual(four(255, 0, 0, 128));
    expect(await decode(await flat('#804020').png().toBuffer(), { channels: 4 })).toEqual(
      four(0x80, 0x40, 0x20, 255),
    );
    const grey = await flat({ r: 9, g: 9, b: 9, alpha: 0 }, 4).toColourspace('b-w').png().toBuffer();
    expect(await decode(grey)).toEqual(four(255, 255, 255));
  });

  it('converts a wide gamut by its profile', async () => {
    const p3 = await flat('#ff0000').withIccProfile('p3').png().toBuffer();
    // The red of sRGB is (234, 51, 35) there; carried in 8 bits and back: rounding of 2.
    const pixels = await decode(p3);
    four(255, 0, 0).forEach((v, i) => {
      expect(Math.abs(pixels[i] - v)).toBeLessThanOrEqual(2);
    });
  });

  it('turns an image upright by each of the eight EXIF orientations', async () => {
    // red green / blue white, as it is to be seen
    const upright = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    // the stored image for each orientation: the inverse of what a viewer does
    const stored = [
      [0, 1, 2, 3],
      [1, 0, 3, 2],
      [3, 2, 1, 0],
      [2, 3, 0, 1],
      [0, 2, 1, 3],
      [1, 3, 0, 2],
      [3, 1, 2, 0],
      [2, 0, 3, 1],
    ];
    for (let orientation = 1; orientation <= 8; orientation++) {
      const pixels = stored[orientation - 1].flatMap((i) => [...upright.subarray(3 * i, 3 * i + 3)]);
      const file = await sharp(Buffer.from(pixels), { raw: { width: 2, height: 2, channels: 3 } })
        .withMetadata({ orientation })
        .png()
        .toBuffer();
      expect(await decode(file), `orientation ${orientation}`).toEqual([...upright]);
    }
  });

  it('places the crop on the upright image', async () => {
    // stored 4 × 2, seen 2 × 4 (orientation 6): the centre of the seen image is rows 1 and 2
    const stored = Buffer.from([0, 10, 20, 30, 40, 50, 60, 70].flatMap((v) => [v, v, v]));
    const file = await sharp(stored, { raw: { width: 4, height: 2, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const pixels = await decode(file, { resizeMode: 'shortest-edge' });
    expect(pixels.filter((_, i) => i % 3 === 0)).toEqual([50, 10, 60, 20]);
  });

  it('takes the first frame of a gif and the first page of a tiff', async () => {
    const frames = Buffer.from([...four(255, 0, 0), ...four(0, 255, 0)]);
    const animated = sharp(frames, { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } });
    const gif = await animated
      .clone()
      .gif({ delay: [100, 100] })
      .toBuffer();
    const tiff = await animated.clone().tiff({ compression: 'lzw' }).toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect((await sharp(tiff).metadata()).pages).toBe(2);
    expect(await decode(gif)).toEqual(four(255, 0, 0));
    expect(await decode(tiff)).toEqual(four(255, 0, 0));
  });

  it('takes 1 × 1, very long, and 20-megapixel images', async () => {
    const square: Partial<Settings> = {
      width: 224,
      height: 224,
      resizeMode: 'shortest-edge',
      shortestEdge: 256,
    };
    const dot = await sharp(Buffer.from([1, 2, 3]), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    expect(await decode(dot)).toEqual(four(1, 2, 3));
    const line = sharp({ create: { width: 1, height: 16_000, channels: 3, background: '#804020' } });
    expect(new Set(await decode(await line.png().toBuffer(), square))).toEqual(new Set([0x80, 0x40, 0x20]));
    const large = sharp({ create: { width: 5472, height: 3648, channels: 3, background: '#808080' } });
    expect(await decode(await large.jpeg().toBuffer(), square)).toHaveLength(224 * 224 * 3);
  });

  it('averages when it makes an image smaller', async () => {
    const checks = Buffer.from(Array.from({ length: 64 * 64 }, (_, i) => ((i + (i >> 6)) % 2 ? 255 : 0)));
    const file = await sharp(checks, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toBuffer();
    for (const interpolation of ['bilinear', 'bicubic', 'lanczos'] as const) {
      const pixels = await decode(file, { interpolation });
      // Half of black and white, without the moiré that two source pixels alone would give: 2 of 255.
      for (const v of pixels) expect(Math.abs(v - 127.5)).toBeLessThanOrEqual(2);
    }
  });
});

describe('encodeSeen', () => {
  it('gives a JPEG of what the model sees', async () => {
    const path = join(folder, 'seen');
    await writeFile(path, await flat('#804020').png().toBuffer());
    const seen = await encodeSeen(sharp, path, { ...whole, width: 40, height: 30 });
    if ('reason' in seen) throw new Error(seen.reason);
    expect(await sharp(seen.jpeg).metadata()).toMatchObject({
      format: 'jpeg',
      width: 40,
      height: 30,
      space: 'srgb',
    });
    const grey = await encodeSeen(sharp, path, { ...whole, channels: 1 });
    if ('reason' in grey) throw new Error(grey.reason);
    expect(await sharp(grey.jpeg).metadata()).toMatchObject({ space: 'b-w' });
  });
});
