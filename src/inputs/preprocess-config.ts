// Preprocessing from the file that stands beside a published model: Hugging Face's
// preprocessor_config.json or timm's config.json. Both are read leniently where keys are many and
// versions differ, and strictly where a value would change the numbers.

import { CraftError } from '../errors.ts';
import { type FileSettings, quote } from './config-values.ts';
import { fromHuggingFace } from './hugging-face-config.ts';
import { fromTimm } from './timm-config.ts';

const HUGGING_FACE_KEYS = ['image_mean', 'image_std', 'do_normalize', 'do_resize', 'do_rescale', 'crop_size'];

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
    if ('input_size' in inner) return fromTimm(inner);
    if (HUGGING_FACE_KEYS.some((key) => key in inner)) return fromHuggingFace(inner);
  }
  throw new CraftError(
    'OPTION',
    `preprocess file: expected Hugging Face's preprocessor_config.json (keys image_mean, size, …) or timm's config.json (key input_size); got the keys ${Object.keys(config).slice(0, 8).map(quote).join(', ') || '(none)'}`,
  );
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value;
}
