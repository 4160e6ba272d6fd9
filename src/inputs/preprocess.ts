// What is done to an image before the model sees it, as plain data, and its last step, on pixels.

import * as v from 'valibot';
import { CraftError } from '../errors.ts';

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const perChannel = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(4));

/**
 * From a decoded image to the tensor that the model reads:
 * resize → centre crop to width × height → (pixel · rescale − mean) / std, channel by channel.
 */
export const PreprocessSchema = v.object({
  /** Size of the model's input in pixels. */
  width: size,
  height: size,
  /** 1: the image is made grey; 3: colour; 4: colour and alpha. */
  channels: v.picklist([1, 3, 4]),
  channelOrder: v.picklist(['RGB', 'BGR']),
  layout: v.picklist(['NCHW', 'NHWC']),
  /**
   * `stretch`: straight to width × height; `shortest-edge`: aspect kept, then centre crop;
   * `squash`: to the shape of width × height, enlarged until its shorter side is `shortestEdge`,
   * then centre crop.
   */
  resizeMode: v.picklist(['stretch', 'shortest-edge', 'squash']),
  /** Length of the shorter side before the centre crop, in pixels; not read by `stretch`. */
  shortestEdge: size,
  interpolation: v.picklist(['nearest', 'bilinear', 'bicubic', 'lanczos']),
  /** Factor on the 0 … 255 pixel values before mean and std. */
  rescale: v.pipe(v.number(), v.finite()),
  /** One value a channel, in the model's channel order. */
  mean: perChannel,
  std: perChannel,
  /** Where the settings come from: a file beside the model, the caller, or a guess from the model. */
  origin: v.picklist(['file', 'caller', 'guess']),
  /** What was guessed and why, for the reader of the result. */
  notes: v.array(v.string()),
});

export type Preprocess = v.InferOutput<typeof PreprocessSchema>;

/** What {@link applyPreprocess} reads of the settings. */
export type PixelSettings = Pick<
  Preprocess,
  'width' | 'height' | 'channels' | 'channelOrder' | 'layout' | 'rescale' | 'mean' | 'std'
>;

/**
 * From the pixels of a resized and cropped image to the values that the model reads:
 * (pixel · rescale − mean) / std, in the model's layout and channel order.
 *
 * Grey from colour is ITU-R 601 luma in 16-bit integers, the bits of PIL's convert('L').
 *
 * @param pixels - width × height pixels, row by row, each of 1 (grey), 3 (RGB) or 4 values (RGBA);
 *   which one is read from the length. Alpha is dropped unless the model has 4 channels; it is 255
 *   where the pixels have none.
 * @param out - where the values go, e.g. one image of a batch; default: new memory.
 * @returns `out`: [C, H, W] or [H, W, C].
 * @throws {@link CraftError} `SHAPE` if the number of pixels or the room in `out` does not fit, `OPTION` unless
 *   there is a mean and a std for every channel.
 */
export function applyPreprocess(
  pixels: Uint8Array | Uint8ClampedArray,
  settings: PixelSettings,
  out: Float32Array = new Float32Array(settings.width * settings.height * settings.channels),
): Float32Array {
  const { width, height, channels, layout } = settings;
  const count = width * height;
  const depth = pixels.length / count;
  if (![1, 3, 4].includes(depth) || out.length !== count * channels) {
    throw new CraftError(
      'SHAPE',
      `applyPreprocess: expected ${width} × ${height} pixels of 1, 3 or 4 values and room for ${count * channels} values; got ${pixels.length} bytes and room for ${out.length}`,
    );
  }
  if (settings.mean.length !== channels || settings.std.length !== channels) {
    throw new CraftError(
      'OPTION',
      `applyPreprocess: expected a mean and a std for each of ${channels} channels; got ${settings.mean.length} and ${settings.std.length}`,
    );
  }

  const [toPixel, toChannel] = layout === 'NCHW' ? [1, count] : [channels, 1];
  for (let c = 0; c < channels; c++) {
    const value = valueTable(settings, c);
    const colour = settings.channelOrder === 'BGR' && channels >= 3 && c < 3 ? 2 - c : c;
    let at = c * toChannel;
    for (let i = 0; i < count; i++, at += toPixel) {
      out[at] = value[sample(pixels, i * depth, depth, colour, channels)];
    }
  }
  return out;
}

/** The model's value for each of the 256 values of a pixel, for channel `c` of the model. */
function valueTable({ rescale, mean, std }: PixelSettings, c: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, pixel) => (pixel * rescale - mean[c]) / std[c]);
}

/** Value of one colour (0 red, 1 green, 2 blue, 3 alpha) of the pixel at `at`, for a model of `channels`. */
function sample(
  pixels: Uint8Array | Uint8ClampedArray,
  at: number,
  depth: number,
  colour: number,
  channels: number,
): number {
  if (channels === 1 && depth >= 3) {
    return (19595 * pixels[at] + 38470 * pixels[at + 1] + 7471 * pixels[at + 2] + 0x8000) >> 16;
  }
  if (colour === 3) return depth === 4 ? pixels[at + 3] : 255;
  return depth === 1 ? pixels[at] : pixels[at + colour];
}
