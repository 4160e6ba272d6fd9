// Text classifiers exported by torch, as optimum names them (scripts/export-torch-text.py): BERT, RoBERTa,
// DistilBERT, DeBERTa and a mean-pooled encoder, against torch's own scores of a padded batch.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { inspectModel } from '../../../src/onnx/inspect.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import { textClassifierOf } from '../../../src/runtimes/text/load-text-classifier.ts';
import { maxAbs, maxOfMax, recordDeviation } from '../../golden/deviations.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import type { ToyVocabulary } from '../../golden/toy-tokenizer.ts';
import { toyTokenizerJson } from '../../models/tokenizers.ts';

const vocabulary = JSON.parse(
  readFileSync(goldenPath('torch-text/vocabulary.json'), 'utf8'),
) as ToyVocabulary;
const runtime = await nodeRuntime({ threads: 1 });

const models = [
  { name: 'bert', nonNegative: false, op: 'Tanh', opset: 14 },
  { name: 'roberta', nonNegative: false, op: 'Tanh', opset: 15 },
  { name: 'distilbert', nonNegative: true, op: 'Relu', opset: 17 },
  { name: 'deberta', nonNegative: false, op: 'Mul', opset: 16 },
  { name: 'minilm', nonNegative: false, op: 'Div', opset: 14 },
] as const;

const bytesOf = (name: string): Uint8Array => readFileSync(goldenPath(`torch-text/${name}.onnx`));

const load = (name: string): Promise<TextClassifier> =>
  textClassifierOf(
    runtime,
    { name: `${name}.onnx`, bytes: bytesOf(name), files: new Map() },
    {
      tokenizer: toyTokenizerJson(vocabulary),
      tokenizerConfig: { model_max_length: vocabulary.max_len, pad_token: '<pad>' },
      config: { id2label: { 0: 'bad', 1: 'good', 2: 'mixed' } },
    },
  );

/** The texts that the ids of the reference stand for. */
function textsOf(ids: ArrayLike<number>, [N, T]: readonly number[]): string[] {
  return Array.from({ length: N }, (_, n) =>
    Array.from({ length: T }, (_, t) => ids[n * T + t])
      .filter((id) => id > vocabulary.special.unk)
      .map((id) => vocabulary.vocab[id].slice(1))
      .join(' '),
  );
}

describe.each(models)('$name as torch exports it', ({ name, nonNegative, op, opset }) => {
  const golden = readNpz(goldenPath(`torch-text/${name}.npz`));
  const texts = textsOf(golden.input_ids.data, golden.input_ids.dims);

  let classifier: TextClassifier;
  beforeAll(async () => {
    classifier = await load(name);
  });
  afterAll(() => classifier.release());

  it('is cut at the vector that the head reads', async () => {
    const { readsText, suggested, layers, opset: found } = inspectModel(bytesOf(name));
    expect({ readsText, opset: found }).toEqual({ readsText: true, opset });
    expect(layers.find(({ tensor }) => tensor === suggested)).toMatchObject({ op, layout: 'NC' });
  });

  it("has torch's latents and scores in a batch of mixed lengths, and alone", async () => {
    expect(classifier).toMatchObject({ nonNegative, batching: 'padded', warnings: [], affineHead: true });
    const T = golden.input_ids.dims[1];
    texts.forEach((text, n) => {
      const { ids } = classifier.tokenize(text);
      expect([...ids]).toEqual([...golden.input_ids.data.slice(n * T, n * T + ids.length)]);
    });
    const latents = await classifier.inputToLatent(texts);
    const scores = await classifier.textToLogit(texts);
    const throughHead = await classifier.latentToLogit(latents);
    // two engines in float32
    recordDeviation(`${name} latents`, maxAbs(latents.data, golden.latent.data), 1e-4);
    recordDeviation(`${name} scores`, maxAbs(scores.data, golden.logits.data), 1e-4);
    recordDeviation(`${name} h(g(x))`, maxAbs(throughHead.data, golden.logits.data), 1e-4);
    const [p, C] = [latents.dims[1], scores.dims[1]];
    for (const [n, text] of texts.entries()) {
      const [u, y] = [await classifier.inputToLatent([text]), await classifier.textToLogit([text])];
      // float32 sums over padding in another order
      recordDeviation(`${name} latent alone`, maxAbs(u.data, latents.data.slice(n * p, (n + 1) * p)), 1e-5);
      recordDeviation(`${name} scores alone`, maxAbs(y.data, scores.data.slice(n * C, (n + 1) * C)), 1e-5);
    }
  });

  it("has torch's gradients by the embedded words, lengths mixed", async () => {
    const found = await classifier.tokenVjp(texts, golden.v, { of: 'logit' });
    const [N, T] = golden.input_ids.dims;
    const scores = new Float64Array(N * T);
    found.forEach(({ embeddings, gradients }, n) => {
      const [length, d] = gradients.dims;
      gradients.data.forEach((g, k) => {
        scores[n * T + Math.floor(k / d)] += g * embeddings.data[k];
      });
      const [full, short] = golden.gradient.dims;
      if (n >= full) return;
      const kept = Math.min(length, short) * d;
      const expected = golden.gradient.data.subarray(n * short * d, n * short * d + kept);
      // float32 against torch's float64
      recordDeviation(`${name} gradient, of max`, maxOfMax(gradients.data.slice(0, kept), expected), 1e-4);
    });
    recordDeviation(`${name} embedding · gradient, of max`, maxOfMax(scores, golden.scores.data), 1e-4);
    const alone = await classifier.tokenVjp(
      [texts[2]],
      { data: golden.v.data.slice(2 * 3, 3 * 3), dims: [1, 3] },
      { of: 'logit' },
    );
    // float32 sums over padding in another order
    const deviation = maxOfMax(alone[0].gradients.data, found[2].gradients.data);
    recordDeviation(`${name} gradient alone, of max`, deviation, 1e-5);
  });
});
