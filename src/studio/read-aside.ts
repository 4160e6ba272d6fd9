// What the .txt and .json files beside a model are: class names, settings, a tokenizer, or the texts themselves.

import { CraftError } from '../errors.ts';
import type { NamedBlob } from '../inputs/image-files-web.ts';
import { parseLabels } from '../inputs/labels.ts';
import type { TextFiles } from '../inputs/text/text-settings.ts';
import type { Given } from './given.ts';

type Aside = Pick<Given, 'labels' | 'config' | 'textFiles' | 'table' | 'unsure'>;

const MOST_BYTES = 64 * 2 ** 20;
const IS_LABELS = /label|class|categor|synset/i;
/** Of no use here, and no list of anything asked for. */
const NO_USE = /readme|licen[cs]e|(^|\/)(vocab|merges|special_tokens_map|added_tokens|generation_config)\b/i;
/** Of a model of texts, by the end of its name. */
const TEXT_FILES: Readonly<Record<string, keyof TextFiles>> = {
  'tokenizer.json': 'tokenizer',
  'tokenizer_config.json': 'tokenizerConfig',
  'config.json': 'config',
};

/**
 * Reads them, after what was given before. A list whose name does not tell is of class names, and of texts where there is
 * a tokenizer.
 *
 * @throws {@link CraftError} `FILE_FORMAT` that names the file.
 */
export async function readAside(files: readonly NamedBlob[], before: Aside): Promise<Aside> {
  let { labels, config, textFiles, table, unsure } = before;
  const lists: NamedBlob[] = [];
  for (const file of files.filter(({ name }) => !NO_USE.test(name))) {
    const { name } = file;
    if (/\.txt$/i.test(name)) {
      lists.push(file);
      continue;
    }
    const { text, value } = await jsonOf(file);
    const kind = TEXT_FILES[baseName(name)];
    if (kind) textFiles = { ...textFiles, [kind]: value };
    if (isSettings(name, value)) config = value;
    if (Array.isArray(value) && value.some(isRecord)) table = file;
    else if (Array.isArray(value)) lists.push(file);
    else if (isLabels(value)) labels = labelsOf(name, text);
  }
  const readsText = textFiles.tokenizer !== null;
  for (const file of lists) {
    if (readsText && !IS_LABELS.test(file.name)) table = file;
    else {
      labels = labelsOf(file.name, await textOf(file));
      unsure = IS_LABELS.test(file.name) ? null : file;
    }
  }
  if (!readsText || unsure === null) return { labels, config, textFiles, table, unsure };
  // class names were read from it before the tokenizer came
  return {
    labels: classNames(textFiles.config),
    config,
    textFiles,
    table: table ?? unsure,
    unsure: null,
  };
}

function classNames(config: unknown): readonly string[] | null {
  return isRecord(config) && 'id2label' in config ? parseLabels(JSON.stringify(config)) : null;
}

function isSettings(name: string, value: unknown): boolean {
  if (baseName(name) === 'preprocessor_config.json') return true;
  return isRecord(value) && ('pretrained_cfg' in value || 'input_size' in value || 'image_mean' in value);
}

function isLabels(value: unknown): boolean {
  return isRecord(value) && ('id2label' in value || 'label_names' in value || '0' in value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function jsonOf(file: NamedBlob): Promise<{ text: string; value: unknown }> {
  const text = await textOf(file);
  try {
    return { text, value: JSON.parse(text) };
  } catch (cause) {
    throw new CraftError('FILE_FORMAT', `${file.name}: expected JSON; got text that is none`, { cause });
  }
}

async function textOf({ name, blob }: NamedBlob): Promise<string> {
  if (blob.size <= MOST_BYTES) return blob.text();
  const most = MOST_BYTES / 2 ** 20;
  throw new CraftError(
    'FILE_FORMAT',
    `${name}: expected at most ${most} MB; got ${blob.size} bytes – drop texts as .csv, .jsonl or .parquet`,
  );
}

function labelsOf(name: string, text: string): readonly string[] {
  try {
    return parseLabels(text);
  } catch (cause) {
    if (!(cause instanceof CraftError)) throw cause;
    throw new CraftError(cause.code, `${name}: ${cause.message}`, { cause });
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
