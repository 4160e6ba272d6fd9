// A text classifier from a file, run by the native ONNX Runtime.

import type { TextClassifier } from '../../craft/classifier.ts';
import type { TextFiles } from '../../inputs/text/text-settings.ts';
import { jsonBeside, readModelFile } from '../model-file-fs.ts';
import { type NodeRuntimeOptions, nodeRuntime } from '../node.ts';
import { type TextClassifierOptions, textClassifierOf } from './load-text-classifier.ts';

/** Options of {@link loadTextClassifier}. */
export type TextLoadOptions = Omit<TextClassifierOptions, 'engine'> & NodeRuntimeOptions;

/**
 * Loads an ONNX sequence classifier, as optimum and torch export it, with the files beside it: tokenizer.json, and
 * where they are there tokenizer_config.json (length, padding) and config.json (length, class names). The model is
 * cut at the vector that its head reads, and checked: h(g(x)) = f(x), with texts of different lengths in a batch.
 *
 * @param model - path of the model.
 * @throws {@link CraftError} `FILE`, `FILE_FORMAT`, `MODEL_FORMAT`, `MODEL_UNSUPPORTED`, `LAYER_NOT_FOUND`,
 *   `NOT_A_CUT`, `CUT_MISMATCH`, `RUNTIME`, `OPTION`.
 *
 * @example
 * const classifier = await loadTextClassifier('model/model.onnx');
 * const craft = new Craft({ ...classifier, numberOfConcepts: 10 });
 * const { U, W } = await craft.fit(['a text', 'another text']);
 */
export async function loadTextClassifier(
  model: string,
  options: TextLoadOptions = {},
): Promise<TextClassifier> {
  const runtime = await nodeRuntime(options);
  // kernels differ between providers and between processors
  const engine = [options.executionProviders ?? null, process.arch];
  const files = await textFilesBeside(model);
  return textClassifierOf(runtime, await readModelFile(model), files, { ...options, engine });
}

async function textFilesBeside(model: string): Promise<TextFiles> {
  return {
    tokenizer: (await jsonBeside(model, 'tokenizer.json')) ?? null,
    tokenizerConfig: (await jsonBeside(model, 'tokenizer_config.json')) ?? null,
    config: (await jsonBeside(model, 'config.json')) ?? null,
  };
}
