import * as v from 'valibot';
import {
  edgeBefore,
  type FileSettings,
  parse,
  positive,
  quote,
  share,
  side,
  values,
} from './config-values.ts';

const TimmSchema = v.object({
  input_size: v.tuple([v.picklist([1, 3, 4]), side, side]),
  mean: v.nullish(values),
  std: v.nullish(positive),
  interpolation: v.nullish(v.string()),
  crop_pct: v.nullish(share),
  crop_mode: v.nullish(v.string()),
});

const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const;

/** Reads timm's config.json, without its `pretrained_cfg`. */
export function fromTimm(file: object): FileSettings {
  const config = parse(TimmSchema, file);
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
