// What each of the dropped files is: the model, what belongs to it, and the images.

import { CraftError } from '../errors.ts';
import type { NamedBlob } from '../inputs/image-files-web.ts';
import { parseLabels } from '../inputs/labels.ts';

/** What a run is made of. */
export interface Given {
  readonly model: NamedBlob | null;
  /** Files of the model's weights, by their path below the model's folder. */
  readonly externalData: Readonly<Record<string, Blob>>;
  readonly labels: readonly string[] | null;
  /** Parsed preprocessor_config.json, or config.json of timm. */
  readonly config: unknown;
  readonly images: readonly NamedBlob[];
}

export const NOTHING_GIVEN: Given = { model: null, externalData: {}, labels: null, config: null, images: [] };

const MODEL = /\.(onnx|tflite)$/i;
const IMAGE = /\.(jpe?g|png|webp|gif|avif|tiff?|hei[cf])$/i;
const TEXT = /\.txt$/i;
const JSON_FILE = /\.json$/i;
const MOST_TEXT_BYTES = 64 * 2 ** 20;

/**
 * Adds files to what was given before: a new model takes the place of the old one and of all that belonged to it,
 * new images that of the old ones.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if a list of class names or a JSON file is damaged, `FILE` if there are two
 *   models.
 */
export async function sortFiles(files: readonly NamedBlob[], before: Given): Promise<Given> {
  const models = files.filter(({ name }) => MODEL.test(name));
  if (models.length > 1) {
    throw new CraftError(
      'FILE',
      `files: expected one model; got ${models.length}: ${models
        .map(({ name }) => name)
        .slice(0, 3)
        .join(', ')} – drop one`,
    );
  }
  const [model = null] = models;
  const images = files.filter(({ name }) => IMAGE.test(name));
  const kept = model ? { ...NOTHING_GIVEN, images: before.images } : before;
  const texts = await readTexts(files.filter(({ name }) => TEXT.test(name) || JSON_FILE.test(name)));
  return {
    model: model ?? kept.model,
    externalData: { ...kept.externalData, ...weightsOf(files, model) },
    labels: texts.labels ?? kept.labels,
    config: texts.config ?? kept.config,
    images: images.length > 0 ? images : kept.images,
  };
}

/** All other files: which of them the model names is known when it is read. */
function weightsOf(files: readonly NamedBlob[], model: NamedBlob | null): Record<string, Blob> {
  const folder = model ? model.name.slice(0, model.name.lastIndexOf('/') + 1) : '';
  const rest = files.filter(({ name }) => ![MODEL, IMAGE, TEXT, JSON_FILE].some((kind) => kind.test(name)));
  return Object.fromEntries(
    rest.map(({ name, blob }) => [name.startsWith(folder) ? name.slice(folder.length) : name, blob]),
  );
}

async function readTexts(files: readonly NamedBlob[]): Promise<Pick<Given, 'labels' | 'config'>> {
  let labels: readonly string[] | null = null;
  let config: unknown = null;
  for (const { name, blob } of files) {
    const text = blob.size <= MOST_TEXT_BYTES ? await blob.text() : '';
    if (TEXT.test(name))
      labels = /readme|licen[cs]e/i.test(name) ? labels : named(name, () => parseLabels(text));
    else {
      const value = named(name, () => parsed(text));
      if (isSettings(name, value)) config = value;
      if (isLabels(value)) labels = named(name, () => parseLabels(text));
    }
  }
  return { labels, config };
}

function isSettings(name: string, value: unknown): boolean {
  if (/(^|\/)preprocessor_config\.json$/.test(name)) return true;
  return isRecord(value) && ('pretrained_cfg' in value || 'input_size' in value || 'image_mean' in value);
}

function isLabels(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return isRecord(value) && ('id2label' in value || 'label_names' in value || '0' in value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CraftError('FILE_FORMAT', `expected JSON; got text that is none`, { cause });
  }
}

/** An error of `work` says which file it is about. */
function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof CraftError)) throw cause;
    throw new CraftError(cause.code, `${name}: ${cause.message}`, { cause });
  }
}
