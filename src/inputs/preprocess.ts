// What is done to an image before the model sees it, as plain data.

import * as v from 'valibot';

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
  /** `stretch`: straight to width × height; `shortest-edge`: aspect kept, then centre crop. */
  resizeMode: v.picklist(['stretch', 'shortest-edge']),
  /** Length of the shorter side after a `shortest-edge` resize, in pixels; not read by `stretch`. */
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
