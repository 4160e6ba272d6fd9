// What the files beside a text model say: its length, its padding, its classes.

import { CraftError } from '../../errors.ts';
import { parseLabels } from '../labels.ts';

/** Parsed files beside a model; null for one that is not there. */
export interface TextFiles {
  /** tokenizer.json */
  readonly tokenizer: unknown;
  /** tokenizer_config.json */
  readonly tokenizerConfig: unknown;
  /** config.json */
  readonly config: unknown;
}

/** Settings of a text model. */
export interface TextSettings {
  /** Most tokens of a text, special tokens included. */
  readonly maxTokens: number;
  /** Id that shorter texts are filled with. */
  readonly padId: number;
  /** Names of the classes, or null. */
  readonly labels: string[] | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Where no file tells the length: that of most encoders. */
const DEFAULT_LENGTH = 512;
/** Larger numbers stand for "no limit" in tokenizer_config.json. */
const NO_LIMIT = 1e6;
/** Position ids of these begin after the id of the padding, so that two of the positions are not used. */
const OFFSET_POSITIONS = /roberta|camembert|longformer|mpnet|xlm-r/i;

/**
 * Reads the settings; what a caller says himself goes before.
 *
 * @param maxTokens - default: the least of what the files say, 512 if they say nothing.
 */
export function textSettings(files: TextFiles, maxTokens?: number): TextSettings {
  const tokenizer = record(files.tokenizer);
  const config = record(files.config);
  const tokenizerConfig = record(files.tokenizerConfig);
  const lengths = [
    length(tokenizerConfig.model_max_length),
    length(record(tokenizer.truncation).max_length),
    positionsOf(config),
  ].filter((n) => n !== null);
  return {
    maxTokens: maxTokens ?? (lengths.length > 0 ? Math.min(...lengths) : DEFAULT_LENGTH),
    padId: padIdOf(tokenizer, tokenizerConfig, config),
    labels: 'id2label' in config ? parseLabels(JSON.stringify(config)) : null,
  };
}

/** @throws {@link CraftError} `FILE_FORMAT` without a tokenizer.json, with where it is looked for. */
export function requireTokenizer({ tokenizer }: TextFiles, model: string): void {
  if (tokenizer !== null && tokenizer !== undefined) return;
  throw new CraftError(
    'FILE_FORMAT',
    `${model}: expected tokenizer.json beside a model of text; got none – copy it from where the model comes from`,
  );
}

function positionsOf(config: Json): number | null {
  const positions = length(config.max_position_embeddings);
  if (positions === null) return null;
  const isOffset = OFFSET_POSITIONS.test(String(config.model_type ?? ''));
  return isOffset ? positions - 2 : positions;
}

function length(value: unknown): number | null {
  return typeof value === 'number' && value >= 1 && value < NO_LIMIT ? Math.floor(value) : null;
}

function padIdOf(tokenizer: Json, tokenizerConfig: Json, config: Json): number {
  const padding = record(tokenizer.padding).pad_id;
  const token = tokenizerConfig.pad_token;
  const content = typeof token === 'string' ? token : record(token).content;
  const named = [content, '[PAD]', '<pad>'].map((piece) => idOf(tokenizer, piece));
  const id = [padding, named[0], config.pad_token_id, ...named.slice(1)].find(isId);
  return id ?? 0;
}

function idOf(tokenizer: Json, piece: unknown): unknown {
  const added = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : [];
  return added.map(record).find(({ content }) => typeof piece === 'string' && content === piece)?.id;
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
