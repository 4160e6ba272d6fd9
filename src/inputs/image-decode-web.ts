// The bytes of an image to the pixels that the model sees of it, in a browser: in a page or in a worker.

import { imageKind } from './image-kind.ts';
import { placeImage } from './placement.ts';
import type { Preprocess } from './preprocess.ts';
import { type Rgba, resample } from './resample-web.ts';

const MOST_BYTES = 256 * 2 ** 20;
/** 4 bytes each while it is resized. */
const MOST_PIXELS = 100e6;
/** Rows that are read from a canvas at once: a canvas has a largest size, and it differs. */
const BAND = 2048;

/** Interleaved rows of 3 (RGB) or 4 (RGBA) values, width × height of the settings; or why there are none. */
export type Decoded = { pixels: Uint8Array } | { reason: string };

type ResizeSettings = Pick<
  Preprocess,
  'width' | 'height' | 'channels' | 'resizeMode' | 'shortestEdge' | 'interpolation'
>;

/**
 * Decodes an image as Node does: upright by its EXIF orientation, in sRGB with 8 bits, transparent pixels over
 * white (kept for a model of 4 channels), the first frame, resized and cropped by the settings.
 *
 * The browser decodes and our own code resizes, so that browsers differ by their decoders only. TIFF is read
 * where the browser reads it.
 *
 * @returns the pixels, or in plain words why the image cannot be used; nothing about one image throws.
 */
export async function decodeBlob(blob: Blob, settings: ResizeSettings): Promise<Decoded> {
  const refused = await whyRefused(blob);
  if (refused !== null) return { reason: refused };
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' });
  } catch {
    return { reason: 'damaged, cut short, or of a kind that this browser does not decode' };
  }
  try {
    if (bitmap.width * bitmap.height > MOST_PIXELS) {
      return {
        reason: `too large: ${bitmap.width} × ${bitmap.height} pixels; the most is ${MOST_PIXELS / 1e6} megapixels`,
      };
    }
    const depth = settings.channels === 4 ? 4 : 3;
    const image = readPixels(bitmap, depth === 3);
    return { pixels: resample(image, placeImage(bitmap, settings), settings, settings.interpolation, depth) };
  } catch {
    return { reason: 'too large for the memory of this browser' };
  } finally {
    bitmap.close();
  }
}

/** Pixels of the settings' size as a JPEG file of quality 85, for people. */
export async function encodeJpeg(
  pixels: Uint8Array,
  { width, height, channels }: Pick<Preprocess, 'width' | 'height' | 'channels'>,
): Promise<Blob> {
  const depth = pixels.length / (width * height);
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; from < pixels.length; from += depth, to += 4) {
    image.data.set(pixels.subarray(from, from + depth), to);
    if (depth === 3) image.data[to + 3] = 255;
    if (channels === 1) image.data.fill(luma(pixels, from), to, to + 3); // as the model sees it
  }
  const canvas = new OffscreenCanvas(width, height);
  contextOf(canvas).putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
}

/** ITU-R 601 luma, as in {@link applyPreprocess}. */
function luma(pixels: Uint8Array, at: number): number {
  return (19595 * pixels[at] + 38470 * pixels[at + 1] + 7471 * pixels[at + 2] + 0x8000) >> 16;
}

async function whyRefused(blob: Blob): Promise<string | null> {
  if (blob.size > MOST_BYTES) return `too large: more than ${MOST_BYTES / 2 ** 20} MB`;
  try {
    const kind = imageKind(new Uint8Array(await blob.slice(0, 64).arrayBuffer()));
    return 'reason' in kind ? kind.reason : null;
  } catch {
    return 'the file has vanished or cannot be read';
  }
}

/** The pixels of a bitmap, over white where it lets through and `isFlat`. */
function readPixels(bitmap: ImageBitmap, isFlat: boolean): Rgba {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(4 * width * height);
  const canvas = new OffscreenCanvas(width, Math.min(height, BAND));
  const context = contextOf(canvas);
  context.fillStyle = '#ffffff';
  for (let y = 0; y < height; y += canvas.height) {
    const rows = Math.min(canvas.height, height - y);
    if (isFlat) context.fillRect(0, 0, width, rows);
    else context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, y, width, rows, 0, 0, width, rows);
    data.set(context.getImageData(0, 0, width, rows).data, 4 * width * y);
  }
  return { data, width, height };
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  // in memory, not on a graphics card, whose arithmetic is its own
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (!context) throw new Error('no canvas');
  return context;
}
