import { describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { inspectModel } from '../../../src/onnx/inspect.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import {
  type TextClassifierOptions,
  textClassifierOf,
} from '../../../src/runtimes/text/load-text-classifier.ts';
import { residualNetwork } from '../../models/networks.ts';
import { type TextNetworkOptions, textNetwork } from '../../models/text-networks.ts';
import { bertTokenizer } from '../../models/tokenizers.ts';

const tokenizer = bertTokenizer();
const vocabulary = Object.keys(tokenizer.model.vocab as object).length;
const runtime = await nodeRuntime({ threads: 1 });

const load = (
  network: Omit<TextNetworkOptions, 'vocabulary'>,
  options: TextClassifierOptions = {},
): Promise<TextClassifier> =>
  textClassifierOf(
    runtime,
    { name: 'model.onnx', bytes: textNetwork({ vocabulary, ...network }).bytes(), files: new Map() },
    {
      tokenizer,
      tokenizerConfig: { model_max_length: 48, pad_token: '[PAD]' },
      config: { id2label: { 0: 'bad', 1: 'good', 2: 'mixed' } },
    },
    options,
  );

/** Texts of 3 to 48 tokens, out of order. */
const texts = [
  'the film was good',
  'bad',
  'the film was very bad, the cafe was not good! '.repeat(8),
  '',
  'unbelievable film',
  'the cafe was good, the film was very very bad',
  '中文 👩‍👧',
];

const kinds: [TextNetworkOptions['head'], { tensor: string; nonNegative: boolean }][] = [
  ['bert', { tensor: 'tanh', nonNegative: false }],
  ['distilbert', { tensor: 'relu', nonNegative: true }],
  ['deberta', { tensor: 'gelu', nonNegative: false }],
  ['mean', { tensor: 'mean', nonNegative: false }],
  ['unit-mean', { tensor: 'unit', nonNegative: false }],
];

/** Largest difference of each text in a batch from the text alone, and the largest value. */
async function largestDifference(
  run: (texts: string[]) => Promise<{ data: ArrayLike<number>; dims: readonly number[] }>,
): Promise<{ difference: number; largest: number }> {
  const together = await run([...texts]);
  const size = together.dims[1];
  let difference = 0;
  let largest = 0;
  for (const [n, text] of texts.entries()) {
    const alone = await run([text]);
    for (let k = 0; k < size; k++) {
      difference = Math.max(difference, Math.abs(alone.data[k] - together.data[n * size + k]));
      largest = Math.max(largest, Math.abs(alone.data[k]));
    }
  }
  return { difference, largest };
}

describe('a text classifier', () => {
  it.each(kinds)(
    '%s: suggests the vector that the head reads, and says whether it is signed',
    async (head, wanted) => {
      const inspection = inspectModel(textNetwork({ head, vocabulary }).bytes());
      expect(inspection.readsText).toBe(true);
      expect(inspection.suggested).toBe(wanted.tensor);
      const classifier = await load({ head });
      expect(classifier.nonNegative).toBe(wanted.nonNegative);
      expect(classifier).toMatchObject({ batching: 'padded', maxTokens: 48, classes: 3, affineHead: true });
      expect(classifier.labels).toEqual(['bad', 'good', 'mixed']);
      expect(classifier.layer).toMatchObject({ tensor: wanted.tensor, layout: 'NC', dims: [null, 12] });
      await classifier.release();
    },
  );

  it.each([
    { head: 'bert' },
    { head: 'distilbert', idType: 'int32' },
    { head: 'mean' },
    { head: 'roberta', moreInputs: true },
    { head: 'deberta', moreInputs: true },
    { head: 'unit-mean' },
    { head: 'mean', batch: 2 },
    { head: 'mean', length: 48 },
    { head: 'bert', batch: 1, length: 48, moreInputs: true },
    { head: 'mean-of-all', unmasked: true },
    { head: 'mean', mixesBatch: 'encoder' },
  ] as const)(
    '%j: a text has the same latent and scores in a batch of mixed lengths as alone',
    async (network) => {
      const classifier = await load(network);
      // float32: sums over padding in another order; measured 2e-7 of values up to 2
      const latents = await largestDifference((some) => classifier.inputToLatent(some) as never);
      const scores = await largestDifference((some) => classifier.textToLogit(some) as never);
      expect(latents.difference).toBeLessThan(1e-5);
      expect(scores.difference).toBeLessThan(1e-5);
      const check = await classifier.check(texts);
      expect(check.inputs).toBe(texts.length);
      expect(check.maxAbsDifference).toBeLessThan(1e-5);
      await classifier.release();
    },
  );

  it.each([
    ['padded', { head: 'mean' }],
    ['equal-lengths', { head: 'mean-of-all', unmasked: true }],
    ['alone', { head: 'mean', mixesBatch: 'encoder' }],
  ] as const)('runs texts together as far as they leave each other alone: %s', async (batching, network) => {
    const classifier = await load(network);
    expect(classifier.batching).toBe(batching);
    expect(classifier.warnings).toHaveLength(batching === 'padded' ? 0 : 1);
    await classifier.release();
  });

  it('refuses a head whose scores depend on the other texts', async () => {
    await expect(load({ head: 'mean', mixesBatch: 'head' })).rejects.toMatchObject({ code: 'CUT_MISMATCH' });
  });

  it('gives the states of the tokens that a mean is taken of, and none for a head with weights of its own', async () => {
    const classifier = await load({ head: 'mean' });
    const states = await classifier.tokenStates!([...texts]);
    const latents = await classifier.inputToLatent([...texts]);
    states.forEach(({ data, dims: [T, p] }, n) => {
      expect(T).toBe(classifier.tokenize(texts[n]).ids.length);
      for (let k = 0; k < p; k++) {
        let sum = 0;
        for (let t = 0; t < T; t++) sum += data[t * p + k];
        // float32 sums
        expect(sum / T).toBeCloseTo(latents.data[n * p + k], 5);
      }
    });
    await classifier.release();
    const bert = await load({ head: 'bert' });
    expect(bert.tokenStates).toBeNull();
    await bert.release();
  });

  it('cuts long texts at the length that the files, the caller or the model say', async () => {
    const long = 'the film was good. '.repeat(100);
    for (const [network, options, length] of [
      [{ head: 'mean' }, {}, 48],
      [{ head: 'mean' }, { maxTokens: 20 }, 20],
      [{ head: 'mean', length: 16 }, {}, 16],
    ] as const) {
      const classifier = await load(network, options);
      expect(classifier.maxTokens).toBe(length);
      const { ids, truncated } = classifier.tokenize(long);
      expect(ids).toHaveLength(length);
      expect(truncated).toBe(500 - (length - 2));
      await classifier.release();
    }
  });

  it.each([
    ['a layer of tokens', { layer: 'hidden' }, 'MODEL_UNSUPPORTED', /after the pool.*suggested: mean/],
    [
      'a sum whose head divides by the mask',
      { layer: 'sum' },
      'MODEL_UNSUPPORTED',
      /reads attention_mask.*mean/,
    ],
    ['a layer that is none', { layer: 'layer9' }, 'LAYER_NOT_FOUND', /layer9/],
    ['a length without room for a token', { maxTokens: 2 }, 'OPTION', /at least 3 tokens/],
  ] as const)('refuses %s', async (_, options, code, message) => {
    const error = await load({ head: 'mean' }, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(message);
  });

  it('refuses a model that has no vector for a text, one of images, and one without a tokenizer', async () => {
    await expect(load({ head: 'tokenwise' })).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    const files = { tokenizer, tokenizerConfig: null, config: null };
    const image = { name: 'image.onnx', bytes: residualNetwork().bytes(), files: new Map() };
    await expect(textClassifierOf(runtime, image, files)).rejects.toThrow(/expected token ids.*float32/);
    await expect(textClassifierOf(runtime, image, { ...files, tokenizer: null })).rejects.toThrow(
      /tokenizer.json beside/,
    );
  });

  it('refuses images as a tensor', async () => {
    const classifier = await load({ head: 'mean' });
    await expect(classifier.inputToLatent({ data: new Float32Array(4), dims: [1, 4] })).rejects.toThrow(
      /expected texts as an array of strings/,
    );
    await classifier.release();
  });
});
