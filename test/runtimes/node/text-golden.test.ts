// The golden text model from disk, as a user loads it: model.onnx, tokenizer.json and config.json in a folder.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { loadTextClassifier } from '../../../src/runtimes/text/load-text-classifier-fs.ts';
import { maxAbs, recordDeviation } from '../../golden/deviations.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import type { ToyVocabulary } from '../../golden/toy-tokenizer.ts';
import { toyTokenizerJson } from '../../models/tokenizers.ts';

const json = (name: string) => JSON.parse(readFileSync(goldenPath(`text/${name}.json`), 'utf8'));
const { texts, input_ids } = json('inputs') as { texts: string[]; input_ids: number[][] };
const vocabulary = json('tokenizer') as ToyVocabulary;
const golden = readNpz(goldenPath('text/craft.npz'));
const classes = ['food', 'staff', 'room', 'price'];

let folder: string;
let classifier: TextClassifier;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'craft-xai-text-'));
  copyFileSync(goldenPath('models/text.onnx'), join(folder, 'model.onnx'));
  write('tokenizer.json', toyTokenizerJson(vocabulary));
  write('tokenizer_config.json', { model_max_length: vocabulary.max_len, pad_token: '<pad>' });
  write('config.json', { id2label: Object.fromEntries(classes.entries()) });
  classifier = await loadTextClassifier(join(folder, 'model.onnx'), { threads: 1 });
});
afterAll(async () => {
  await classifier?.release();
  rmSync(folder, { recursive: true });
});

const write = (name: string, value: unknown): void =>
  writeFileSync(join(folder, name), JSON.stringify(value));

describe('the golden text model from disk', () => {
  it('has its length and classes from the files, and is cut at the ReLU of its pool', () => {
    expect(classifier).toMatchObject({
      maxTokens: vocabulary.max_len,
      labels: classes,
      classes: 4,
      batching: 'padded',
      nonNegative: true,
      warnings: [],
      layer: { tensor: 'activations', chosenBy: 'suggestion' },
    });
  });

  it('cuts texts into the same ids', () => {
    expect(texts.map((text) => [...classifier.tokenize(text).ids])).toEqual(input_ids);
  });

  it('has the latents and scores of the reference, lengths mixed in a batch', async () => {
    const latents = await classifier.inputToLatent(texts);
    const scores = await classifier.textToLogit(texts);
    const throughHead = await classifier.latentToLogit(latents);
    // the reference set: activations abs 1e-4, the engine against torch
    recordDeviation('text latents from disk', maxAbs(latents.data, golden.activations.data), 1e-4);
    recordDeviation('text scores from disk', maxAbs(scores.data, golden.logits.data), 1e-4);
    recordDeviation('text h(g(x)) from disk', maxAbs(throughHead.data, golden.logits.data), 1e-4);
  });

  it('gives a text alone what it has in a batch', async () => {
    expect(new Set(input_ids.map((ids) => ids.length)).size).toBeGreaterThan(3);
    const latents = await classifier.inputToLatent(texts);
    const scores = await classifier.textToLogit(texts);
    for (const [n, text] of texts.slice(0, 40).entries()) {
      // float32 sums over padding in another order
      const [u, y] = [await classifier.inputToLatent([text]), await classifier.textToLogit([text])];
      const p = u.dims[1];
      recordDeviation('latent alone', maxAbs(u.data, latents.data.slice(n * p, (n + 1) * p)), 1e-5);
      recordDeviation('scores alone', maxAbs(y.data, scores.data.slice(n * 4, (n + 1) * 4)), 1e-5);
    }
  });
});

describe('files beside a text model', () => {
  it('names tokenizer.json where there is none', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'craft-xai-text-'));
    copyFileSync(goldenPath('models/text.onnx'), join(bare, 'model.onnx'));
    const model = join(bare, 'model.onnx');
    await expect(loadTextClassifier(model)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringMatching(/tokenizer\.json beside/),
    });
    writeFileSync(join(bare, 'tokenizer.json'), '{ "model": ');
    await expect(loadTextClassifier(model)).rejects.toMatchObject({ code: 'FILE_FORMAT' });
    writeFileSync(join(bare, 'tokenizer.json'), '[1, 2]');
    await expect(loadTextClassifier(model)).rejects.toMatchObject({ code: 'FILE_FORMAT' });
    rmSync(bare, { recursive: true });
  });

  it('takes a length that the caller gives, and says where a model is not there', async () => {
    const model = join(folder, 'model.onnx');
    const short = await loadTextClassifier(model, { threads: 1, maxTokens: 8 });
    expect(short.tokenize(texts.join(' ')).ids).toHaveLength(8);
    await short.release();
    await expect(loadTextClassifier(join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'FILE' });
  });
});
