// A small classifier of texts as it lies on disk: a model with its three files beside it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TextNetworkOptions, textNetwork } from './text-networks.ts';
import { bertTokenizer } from './tokenizers.ts';

/** Writes model.onnx, tokenizer.json, tokenizer_config.json and config.json; returns their paths, the model's first. */
export function writeTextModel(
  folder: string,
  head: TextNetworkOptions['head'],
  labels: readonly [string, string, string],
): string[] {
  const tokenizer = bertTokenizer();
  const vocabulary = Object.keys(tokenizer.model.vocab as object).length;
  const files = {
    'model.onnx': textNetwork({ vocabulary, head }).bytes(),
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify({ model_max_length: 48, pad_token: '[PAD]' }),
    'config.json': JSON.stringify({ id2label: { ...labels } }),
  };
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  });
}
