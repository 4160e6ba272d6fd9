import * as v from 'valibot';
import {
  edgeBefore,
  type FileSettings,
  finite,
  flag,
  pair,
  parse,
  positive,
  share,
  shortest,
  side,
  values,
} from './config-values.ts';

const HuggingFaceSchema = v.object({
  size: v.nullish(v.union([side, pair, shortest])),
  crop_size: v.nullish(v.union([side, pair])),
  crop_pct: v.nullish(share),
  do_resize: flag,
  do_center_crop: flag,
  do_rescale: flag,
  do_normalize: flag,
  do_flip_channel_order: flag,
  rescale_factor: v.nullish(v.pipe(finite, v.gtValue(0))),
  rescale_offset: flag,
  include_top: flag,
  image_mean: v.nullish(
    v.union([
      v.pipe(
        finite,
        v.transform((m) => [m]),
      ),
      values,
    ]),
  ),
  image_std: v.nullish(
    v.union([
      v.pipe(
        finite,
        v.gtValue(0),
        v.transform((s) => [s]),
      ),
      positive,
    ]),
  ),
  resample: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5))),
});
type HuggingFace = v.InferOutput<typeof HuggingFaceSchema>;

// PIL's numbers for its filters
const RESAMPLE = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'bilinear', 'bilinear'] as const;

/** Reads Hugging Face's preprocessor_config.json. */
export function fromHuggingFace(file: object): FileSettings {
  const config = parse(HuggingFaceSchema, file);
  const notes: string[] = [];
  const settings: FileSettings['settings'] = {
    ...huggingFaceSize(config, notes),
    ...huggingFaceScale(config),
  };
  if (config.do_flip_channel_order) settings.channelOrder = 'BGR';
  if (config.resample != null) {
    settings.interpolation = RESAMPLE[config.resample];
    if (config.resample > 3) {
      notes.push(
        `The file asks for PIL's filter ${config.resample}, which is not available: bilinear is used.`,
      );
    }
  }
  return { settings, notes };
}

/** Hugging Face's `size` is a square or a shorter side, by the class of its processor. */
function huggingFaceSize(config: HuggingFace, notes: string[]): FileSettings['settings'] {
  const { size, crop_size, crop_pct, do_center_crop } = config;
  if (config.do_resize === false) {
    notes.push(
      'The file says do_resize false: images that have not the size of the model are stretched to it.',
    );
    return { ...rectangle(crop_size ?? size), resizeMode: 'stretch' };
  }
  if (size == null) return rectangle(crop_size);
  if (typeof size === 'object' && 'height' in size) {
    const crop = do_center_crop && crop_size != null ? rectangle(crop_size) : size;
    if (crop.width === size.width && crop.height === size.height) return { ...size, resizeMode: 'stretch' };
    return { ...crop, resizeMode: 'squash', shortestEdge: Math.min(size.width, size.height) };
  }

  const edge = typeof size === 'number' ? size : size.shortest_edge;
  // ConvNeXt's processor: below 384 the shorter side is size / crop_pct, from 384 on no crop at all
  if (crop_pct != null) {
    if (edge >= 384) return { width: edge, height: edge, resizeMode: 'stretch' };
    return {
      width: edge,
      height: edge,
      resizeMode: 'shortest-edge',
      shortestEdge: edgeBefore(edge, crop_pct),
    };
  }
  if (typeof size === 'number' && !do_center_crop)
    return { width: size, height: size, resizeMode: 'stretch' };
  const crop = rectangle(crop_size ?? edge);
  return { ...crop, resizeMode: 'shortest-edge', shortestEdge: edge };
}

function rectangle(size: HuggingFace['size'] | HuggingFace['crop_size']): {
  width?: number;
  height?: number;
} {
  if (size == null) return {};
  if (typeof size === 'number') return { width: size, height: size };
  if ('shortest_edge' in size) return { width: size.shortest_edge, height: size.shortest_edge };
  return { width: size.width, height: size.height };
}

function huggingFaceScale(config: HuggingFace): FileSettings['settings'] {
  const rescale = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  // rescale_offset takes 1 off after the factor: the same as a mean that is larger by 1
  const offset = config.rescale_offset ? 1 : 0;
  if (config.do_normalize === false) return { rescale, mean: [offset], std: [1] };
  if (config.image_mean == null || config.image_std == null) return {};
  // EfficientNet's processor divides by std a second time for a model with its classifier
  const std = config.include_top ? config.image_std.map((s) => s * s) : config.image_std;
  return { rescale, mean: config.image_mean.map((m) => m + offset), std: [...std] };
}
