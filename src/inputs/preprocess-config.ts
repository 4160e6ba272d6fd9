// Preprocessing from the file that stands beside a published model: Hugging Face's
// preprocessor_config.json or timm's config.json. Both are read leniently where keys are many and
// versions differ, and strictly where a value would change the numbers.

import * as v from 'valibot';
import { CraftError } from '../errors.ts';
import type { Preprocess } from './preprocess.ts';

/** What a file says, and remarks on what it says that cannot be followed to the letter. */
export interface FileSettings {
  /** mean and std may have one value for all channels. */
  settings: Partial<Omit<Preprocess, 'origin' | 'notes'>>;
  notes: string[];
}

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const pair = v.object({ height: side, width: side });
const shortest = v.object({ shortest_edge: side });
const finite = v.pipe(v.number(), v.finite());
const values = v.pipe(v.array(finite), v.minLength(1), v.maxLength(4));
const positive = v.pipe(v.array(v.pipe(finite, v.gtValue(0))), v.minLength(1), v.maxLength(4));
const flag = v.nullish(v.boolean());

const HuggingFaceSchema = v.object({
  size: v.nullish(v.union([side, pair, shortest])),
  crop_size: v.nullish(v.union([side, pair])),
  crop_pct: v.nullish(v.pipe(finite, v.gtValue(0), v.maxValue(1))),
  do_resize: flag,
  do_center_crop: flag,
  do_rescale: flag,
  do_normalize: flag,
  do_flip_channel_order: flag,
  rescale_factor: v.nullish(v.pipe(finite, v.gtValue(0))),
  rescale_offset: flag,
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

const TimmSchema = v.object({
  input_size: v.tuple([v.picklist([1, 3, 4]), side, side]),
  mean: v.nullish(values),
  std: v.nullish(positive),
  interpolation: v.nullish(v.string()),
  crop_pct: v.nullish(v.pipe(finite, v.gtValue(0), v.maxValue(1))),
  crop_mode: v.nullish(v.string()),
});

const HUGGING_FACE_KEYS = ['image_mean', 'image_std', 'do_normalize', 'do_resize', 'do_rescale', 'crop_size'];
// PIL's numbers for its filters
const RESAMPLE = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'bilinear', 'bilinear'] as const;
const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const;

/**
 * Reads a parsed preprocessor_config.json (Hugging Face) or config.json (timm, with or without its
 * `pretrained_cfg`).
 *
 * @throws {@link CraftError} `OPTION` if it is neither, or a value is out of range; the message names
 *   the key.
 */
export function readPreprocessConfig(config: unknown): FileSettings {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) {
    throw new CraftError('OPTION', `preprocess file: expected a JSON object; got ${kindOf(config)}`);
  }
  const inner = 'pretrained_cfg' in config ? config.pretrained_cfg : config;
  if (inner !== null && typeof inner === 'object') {
    if ('input_size' in inner) return fromTimm(parse(TimmSchema, inner));
    if (HUGGING_FACE_KEYS.some((key) => key in inner))
      return fromHuggingFace(parse(HuggingFaceSchema, inner));
  }
  throw new CraftError(
    'OPTION',
    `preprocess file: expected Hugging Face's preprocessor_config.json (keys image_mean, size, …) or timm's config.json (key input_size); got the keys ${Object.keys(config).slice(0, 8).join(', ') || '(none)'}`,
  );
}

function fromHuggingFace(config: HuggingFace): FileSettings {
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
  return { rescale, mean: config.image_mean.map((m) => m + offset), std: config.image_std };
}

function fromTimm(config: v.InferOutput<typeof TimmSchema>): FileSettings {
  const notes: string[] = [];
  const [channels, height, width] = config.input_size;
  const settings: FileSettings['settings'] = { channels, width, height, rescale: 1 / 255 };
  if (config.mean && config.std) Object.assign(settings, { mean: config.mean, std: config.std });

  const interpolation = INTERPOLATIONS.find((name) => name === config.interpolation);
  if (interpolation) settings.interpolation = interpolation;
  else if (config.interpolation) {
    notes.push(`The file says interpolation ${quote(config.interpolation)}: bilinear is used.`);
    settings.interpolation = 'bilinear';
  }

  const mode = config.crop_mode ?? 'center';
  if (mode !== 'center' && mode !== 'squash') {
    notes.push(`The file says crop_mode ${quote(mode)}, which is not available: a centre crop is used.`);
  }
  settings.resizeMode = mode === 'squash' ? 'squash' : 'shortest-edge';
  settings.shortestEdge = edgeBefore(Math.min(width, height), config.crop_pct ?? 0.875);
  return { settings, notes };
}

/** Length of the shorter side from which a crop of `side` pixels is the share `cropPct`. */
function edgeBefore(side: number, cropPct: number): number {
  const edge = Math.floor(side / cropPct);
  if (edge > 16384) {
    throw new CraftError(
      'OPTION',
      `preprocess file: expected crop_pct to leave at most 16384 pixels before the crop; got ${cropPct} for ${side} pixels`,
    );
  }
  return edge;
}

/** Checks `value`, and names the key of the first value that is wrong. */
function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = v.getDotPath(issue) ?? 'the object';
  throw new CraftError(
    'OPTION',
    `preprocess file: expected ${key} to be ${expectation(issue)}; got ${quote(issue.received)}: correct the file or leave it out`,
  );
}

function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.expected ? issue.expected.slice(0, 120) : issue.message.slice(0, 120);
}

/** A piece of an outside file for a message: short, and without control characters. */
function quote(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value;
}
