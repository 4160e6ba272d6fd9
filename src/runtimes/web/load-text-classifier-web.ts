// A text classifier in a browser, from bytes, a file that a user chose, or a URL.

import type { TextClassifier } from '../../craft/classifier.ts';
import { CraftError } from '../../errors.ts';
import { fetchBlob } from '../../inputs/image-files-web.ts';
import type { TextFiles } from '../../inputs/text/text-settings.ts';
import { type TextClassifierOptions, textClassifierOf } from '../text/load-text-classifier.ts';
import { readModel, type WebLoadOptions, type WebModel } from './load-classifier-web.ts';
import { type WebRuntimeOptions, webRuntime } from './web-runtime.ts';

/** Options of {@link loadTextClassifier}. WebAssembly runs the model. */
export interface WebTextLoadOptions
  extends Omit<TextClassifierOptions, 'engine' | 'activations'>,
    Omit<WebRuntimeOptions, 'executionProviders'>,
    Pick<WebLoadOptions, 'name' | 'externalData' | 'signal'>,
    Partial<TextFiles> {}

/**
 * Loads an ONNX sequence classifier, as in Node, with what is beside it: tokenizer.json, and where they are there
 * tokenizer_config.json (length, padding) and config.json (length, class names).
 *
 * @param model - bytes, a Blob or File, or a URL that this page may read.
 * @param options - the files beside the model, parsed; those of a model from a URL are looked for beside it
 *   if no `tokenizer` is given.
 * @throws {@link CraftError} `FILE`, `DOWNLOAD`, `FILE_FORMAT`, `MODEL_FORMAT`, `MODEL_UNSUPPORTED`,
 *   `LAYER_NOT_FOUND`, `NOT_A_CUT`, `CUT_MISMATCH`, `RUNTIME`, `OPTION`, `ABORTED`.
 *
 * @example
 * const classifier = await loadTextClassifier(new URL('model/model.onnx', location.href));
 * const craft = new Craft({ ...classifier, numberOfConcepts: 10 });
 */
export async function loadTextClassifier(
  model: WebModel,
  options: WebTextLoadOptions = {},
): Promise<TextClassifier> {
  const file = await readModel(model, options);
  const files = await readTextFiles(model, options);
  return textClassifierOf(await webRuntime(options), file, files, options);
}

/** The files beside a model: those that are given, else those beside its URL. @throws {@link CraftError} `DOWNLOAD`. */
export async function readTextFiles(model: WebModel, options: WebTextLoadOptions): Promise<TextFiles> {
  const { tokenizer = null, tokenizerConfig = null, config = null, signal } = options;
  const isUrl = typeof model === 'string' || model instanceof URL;
  if (tokenizer !== null || !isUrl) return { tokenizer, tokenizerConfig, config };
  const beside = (name: string): URL => new URL(name, new URL(model, globalThis.location?.href));
  const read = (name: string): Promise<unknown> => fetchJson(beside(name), signal);
  return {
    tokenizer: await read('tokenizer.json'),
    tokenizerConfig: tokenizerConfig ?? (await orNull(read('tokenizer_config.json'))),
    config: config ?? (await orNull(read('config.json'))),
  };
}

/** null for a file that is not there. */
async function orNull(file: Promise<unknown>): Promise<unknown> {
  try {
    return await file;
  } catch (error) {
    if (error instanceof CraftError && error.code === 'DOWNLOAD') return null;
    throw error;
  }
}

async function fetchJson(url: URL, signal: AbortSignal | undefined): Promise<unknown> {
  const text = await (await fetchBlob(url, signal ? { signal } : {})).text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CraftError('FILE_FORMAT', `${url}: expected JSON; got text that is none`, { cause });
  }
}
