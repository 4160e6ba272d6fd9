// What a user has given the studio so far.

import type { NamedBlob } from '../inputs/image-files-web.ts';
import type { TextFiles } from '../inputs/text/text-settings.ts';

/** What a run is made of. */
export interface Given {
  readonly model: NamedBlob | null;
  /** Files of the model's weights, by their path below the model's folder. */
  readonly externalData: Readonly<Record<string, Blob>>;
  readonly labels: readonly string[] | null;
  /** Parsed preprocessor_config.json, or config.json of timm. */
  readonly config: unknown;
  /** Parsed files of a model of texts. */
  readonly textFiles: TextFiles;
  readonly images: readonly NamedBlob[];
  /** A file of texts. */
  readonly table: NamedBlob | null;
  /** A list that class names were read from, though its name does not say that they are: texts, if a tokenizer comes. */
  readonly unsure: NamedBlob | null;
}

export const NOTHING_GIVEN: Given = {
  model: null,
  externalData: {},
  labels: null,
  config: null,
  textFiles: { tokenizer: null, tokenizerConfig: null, config: null },
  images: [],
  table: null,
  unsure: null,
};
