// What each of the dropped files is: the model, what belongs to it, and the images or texts.

import { CraftError } from '../errors.ts';
import type { NamedBlob } from '../inputs/image-files-web.ts';
import { type Given, NOTHING_GIVEN } from './given.ts';
import { readAside } from './read-aside.ts';

const MODEL = /\.(onnx|tflite)$/i;
const IMAGE = /\.(jpe?g|png|webp|gif|avif|tiff?|hei[cf])$/i;
const TABLE = /\.(csv|tsv|tab|jsonl|ndjson|parquet)$/i;
const ASIDE = /\.(txt|json)$/i;

/**
 * Adds files to what was given before: a new model takes the place of the old one and of all that belonged to it,
 * new images or texts that of the old ones.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if a list of class names or a JSON file is damaged, `FILE` if there are two
 *   models or two tables.
 */
export async function sortFiles(files: readonly NamedBlob[], before: Given): Promise<Given> {
  const model = onlyOne(files, MODEL, 'model');
  const table = onlyOne(files, TABLE, 'table of texts');
  const images = files.filter(({ name }) => IMAGE.test(name));
  const kept = model ? { ...NOTHING_GIVEN, images: before.images, table: before.table } : before;
  const aside = await readAside(
    files.filter(({ name }) => ASIDE.test(name)),
    kept,
  );
  return {
    model: model ?? kept.model,
    externalData: { ...kept.externalData, ...weightsOf(files, model) },
    images: images.length > 0 ? images : kept.images,
    ...aside,
    table: table ?? aside.table,
  };
}

function onlyOne(files: readonly NamedBlob[], kind: RegExp, what: string): NamedBlob | null {
  const found = files.filter(({ name }) => kind.test(name));
  if (found.length <= 1) return found[0] ?? null;
  const names = found.map(({ name }) => name).slice(0, 3);
  throw new CraftError(
    'FILE',
    `files: expected one ${what}; got ${found.length}: ${names.join(', ')} – drop one`,
  );
}

/** All other files: which of them the model names is known when it is read. */
function weightsOf(files: readonly NamedBlob[], model: NamedBlob | null): Record<string, Blob> {
  const folder = model ? model.name.slice(0, model.name.lastIndexOf('/') + 1) : '';
  const rest = files.filter(({ name }) => ![MODEL, IMAGE, TABLE, ASIDE].some((kind) => kind.test(name)));
  return Object.fromEntries(
    rest.map(({ name, blob }) => [name.startsWith(folder) ? name.slice(folder.length) : name, blob]),
  );
}
