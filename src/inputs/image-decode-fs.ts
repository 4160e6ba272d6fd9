// A file to the pixels that the model sees of it.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Sharp, SharpOptions } from 'sharp';
import { CraftError } from '../errors.ts';
import { imageKind } from './image-kind.ts';
import { placeImage } from './placement.ts';
import type { Preprocess } from './preprocess.ts';

const MOST_BYTES = 256 * 2 ** 20;
const MOST_PIXELS = 268_402_689; // 16383 × 16383

/** Interleaved rows of 3 (RGB) or 4 (RGBA) values, width × height of the settings; or why there are none. */
export type Decoded = { pixels: Uint8Array } | { reason: string };

export interface SharpFunction {
  (input?: Uint8Array, options?: SharpOptions): Sharp;
  /** Of sharp and of all that it decodes with. */
  readonly versions: object;
}
type ResizeSettings = Pick<
  Preprocess,
  'width' | 'height' | 'channels' | 'resizeMode' | 'shortestEdge' | 'interpolation'
>;

/** sharp's name for a filter. */
const KERNELS = { nearest: 'nearest', bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;

/**
 * Loads sharp, which is an optional dependency.
 *
 * @throws {@link CraftError} `RUNTIME` if it is not installed.
 */
export async function loadSharp(): Promise<SharpFunction> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new CraftError(
      'RUNTIME',
      'images: expected the package sharp, which decodes them; got an error from loading it: run npm install sharp',
      { cause },
    );
  }
}

/**
 * Decodes an image file: upright by its EXIF orientation, in sRGB with 8 bits, transparent pixels over
 * white (kept for a model of 4 channels), the first frame or page, resized and cropped by the
 * settings.
 *
 * A down-scale averages all source pixels that fall on a pixel (antialias), as PIL and torchvision do
 * for images, and unlike the resize of crops. The pixels are not PIL's to the last unit: libvips has
 * its own arithmetic.
 *
 * @returns the pixels, or in plain words why the file cannot be used; nothing about one file throws.
 */
export async function decodeImage(
  sharp: SharpFunction,
  path: string,
  settings: ResizeSettings,
): Promise<Decoded> {
  const file = await readImageFile(path);
  return 'reason' in file ? file : decodeBytes(sharp, file.bytes, settings);
}

/** {@link decodeImage} of the bytes of a file. */
export async function decodeBytes(
  sharp: SharpFunction,
  bytes: Uint8Array,
  settings: ResizeSettings,
): Promise<Decoded> {
  // The messages of libvips do not come into a reason: its error buffer is one for all threads, so
  // that with files decoded at once a message may be empty or another file's.
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: false });
  const header = await image.metadata().catch(() => null);
  if (header === null) return { reason: 'damaged, cut short, or of a variant that is not supported' };
  if (header.width * header.height > MOST_PIXELS) {
    const most = `${Math.floor(MOST_PIXELS / 1e6)} megapixels`;
    return { reason: `too large: ${header.width} × ${header.height} pixels; the most is ${most}` };
  }
  try {
    const pixels = await seenPixels(image, header.autoOrient, header.hasAlpha === true, settings);
    return { pixels };
  } catch {
    return { reason: 'truncated or damaged: not all of its pixels can be decoded' };
  }
}

/**
 * Decodes an image file as {@link decodeImage} and encodes what the model sees of it, for people.
 *
 * @returns a JPEG file of quality 85 and the settings' size, or why there is none.
 */
export async function encodeSeen(
  sharp: SharpFunction,
  path: string,
  settings: ResizeSettings,
): Promise<{ jpeg: Uint8Array } | { reason: string }> {
  const { width, height } = settings;
  const decoded = await decodeImage(sharp, path, { ...settings, channels: 3 });
  if ('reason' in decoded) return decoded;
  const image = sharp(decoded.pixels, { raw: { width, height, channels: 3 } });
  const seen = settings.channels === 1 ? image.toColourspace('b-w') : image;
  return { jpeg: await seen.jpeg({ quality: 85 }).toBuffer() };
}

async function seenPixels(
  image: Sharp,
  size: { width: number; height: number },
  hasAlpha: boolean,
  settings: ResizeSettings,
): Promise<Uint8Array> {
  const { width, height, left, top } = placeImage(size, settings);
  const upright = image.autoOrient();
  // only an image with alpha: flatten would drop the fourth colour of one in CMYK
  if (hasAlpha && settings.channels !== 4) upright.flatten({ background: '#ffffff' });
  // all of it: a cut before the resize keeps libvips from reducing a JPEG or WebP by 2, 4 or 8 while it is decoded, whose
  // pixels are 3 of 255 levels off on average, and which no browser does
  upright.extract({ left: 0, top: 0, width: size.width, height: size.height });
  upright.resize(width, height, { fit: 'fill', kernel: KERNELS[settings.interpolation] });
  if (width !== settings.width || height !== settings.height) {
    upright.extract({ left, top, width: settings.width, height: settings.height });
  }
  if (settings.channels === 4) upright.ensureAlpha();
  const { data } = await upright
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return data;
}

/** The bytes of a file, or why it is none that can be decoded. */
export async function readImageFile(path: string): Promise<{ bytes: Uint8Array } | { reason: string }> {
  try {
    // not to wait for a writer, if it became a pipe since the folder was listed
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const info = await file.stat();
      if (!info.isFile()) return { reason: 'not a file' };
      if (info.size > MOST_BYTES) return { reason: `too large: more than ${MOST_BYTES / 2 ** 20} MB` };
      const bytes = await file.readFile();
      const kind = imageKind(bytes);
      return 'reason' in kind ? kind : { bytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'the file has vanished',
  EACCES: 'no permission to read the file',
  EPERM: 'no permission to read the file',
  ELOOP: 'a link that leads to itself',
};

/** Why a file could not be read, in plain words. */
function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return REASONS[code] ?? `the file cannot be read (${code})`;
}
