// Scores of tokens by gradients, of the golden text model, against finite differences on its embeddings.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { withoutSpans } from '../../../src/craft/text/occlusion.ts';
import { Craft, nnls, type Tensor } from '../../../src/index.ts';
import { textWords } from '../../../src/inputs/text/words.ts';
import { randomWordOrder, wordDeletion, wordOrder } from '../../../src/metrics/word-deletion.ts';
import { cutModel } from '../../../src/onnx/cut.ts';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import { textClassifierOf } from '../../../src/runtimes/text/load-text-classifier.ts';
import { maxOfMax, recordDeviation } from '../../golden/deviations.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import type { ToyVocabulary } from '../../golden/toy-tokenizer.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { textNetwork } from '../../models/text-networks.ts';
import { toyTokenizerJson } from '../../models/tokenizers.ts';

const json = (name: string) => JSON.parse(readFileSync(goldenPath(`text/${name}.json`), 'utf8'));
const texts = (json('inputs') as { texts: string[] }).texts.slice(0, 12);
const vocabulary = json('tokenizer') as ToyVocabulary;
const W = readNpz(goldenPath('text/craft.npz')).fit_W;
const bytes = readFileSync(goldenPath('models/text.onnx'));
const EMBEDDING = '/encoder/tok/Gather_output_0';
const files = { tokenizer: toyTokenizerJson(vocabulary), tokenizerConfig: null, config: null };
const runtime = await nodeRuntime({ threads: 1 });

let classifier: TextClassifier;
beforeAll(async () => {
  const file = { name: 'text.onnx', bytes, files: new Map() };
  classifier = await textClassifierOf(runtime, file, files, { maxTokens: vocabulary.max_len });
});
afterAll(() => classifier.release());

/** The model from its embeddings on, up to `output`, for one text. */
async function fromEmbeddings(output: string) {
  const { head, latent, output: name } = cutModel(bytes, EMBEDDING, { output });
  const session = await runtime.open(head, new Map());
  return {
    run: async (embeddings: Float32Array, T: number): Promise<Float32Array> => {
      const feeds = {
        [latent.inputName]: { data: embeddings, dims: [1, T, embeddings.length / T] },
        attention_mask: { data: new Int32Array(T).fill(1), dims: [1, T] },
      };
      return (await session.run(feeds))[name].data;
    },
    release: () => session.release(),
  };
}

describe('gradients by the embeddings of tokens', () => {
  it('are those of finite differences, of a score', async () => {
    const rest = await fromEmbeddings('logits');
    const v = { data: Float32Array.of(1, -0.5, 0.25, 2), dims: [1, 4] };
    const [{ embeddings, gradients }] = await classifier.tokenVjp(texts.slice(0, 1), v, { of: 'logit' });
    const [T, d] = gradients.dims;
    const score = async (at: number, step: number): Promise<number> => {
      const moved = embeddings.data.slice();
      moved[at] += step;
      return (await rest.run(moved, T)).reduce((sum, y, c) => sum + y * v.data[c], 0);
    };
    const step = 2e-2;
    const chosen = Array.from({ length: 40 }, (_, k) => (k * 37) % (T * d));
    const differences: number[] = [];
    for (const k of chosen) {
      const near = (await score(k, step)) - (await score(k, -step));
      const far = (await score(k, 2 * step)) - (await score(k, -2 * step));
      differences.push((8 * near - far) / (12 * step));
    }
    await rest.release();
    const found = chosen.map((k) => gradients.data[k]);
    // scores of about 5 in float32, whose slopes are about 0.005: 1e-6 / 2e-2 is a hundredth of them
    recordDeviation(
      'gradient against differences, of max',
      maxOfMax(found, Float64Array.from(differences)),
      2e-2,
    );
  });

  it('are those of finite differences on the way from padding, where a cotangent may follow from the output', async () => {
    const rest = await fromEmbeddings('logits');
    const at = [0.25, 0.75];
    const two = [texts[0], texts[0]];
    const found = await classifier.tokenVjp(two, async (y) => y, { of: 'logit', at });
    for (const [n, { embeddings, baseline, gradients }] of found.entries()) {
      const [T, d] = gradients.dims;
      const halfSquare = async (k: number, step: number): Promise<number> => {
        const point = baseline.data.map((b, c) => b + at[n] * (embeddings.data[c] - b));
        point[k] += step;
        return (await rest.run(point, T)).reduce((sum, y) => sum + 0.5 * y * y, 0);
      };
      const step = 2e-2;
      const chosen = Array.from({ length: 20 }, (_, k) => (k * 37) % (T * d));
      const differences: number[] = [];
      for (const k of chosen)
        differences.push(((await halfSquare(k, step)) - (await halfSquare(k, -step))) / (2 * step));
      // as above
      recordDeviation(
        'gradient on the way against differences, of max',
        maxOfMax(
          chosen.map((k) => gradients.data[k]),
          Float64Array.from(differences),
        ),
        2e-2,
      );
    }
    await rest.release();
  });

  it('add up to what a concept gains from padding to the text, for every concept', async () => {
    const rest = await fromEmbeddings('activations');
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0], unitNorm: false });
    craft.useConcepts(W);
    const zeros = { data: new Float32Array(W.dims[1]), dims: [1, W.dims[1]] };
    let largest = 0;
    for (const text of texts.slice(0, 1)) {
      const [{ embeddings, baseline }] = await classifier.tokenVjp([text], zeros, { of: 'latent' });
      const [T] = embeddings.dims;
      const coefficients = async (at: Float32Array): Promise<Tensor> =>
        nnls({ data: await rest.run(at, T), dims: [1, W.dims[1]] }, W);
      const [whole, empty] = [await coefficients(embeddings.data), await coefficients(baseline.data)];
      for (let concept = 0; concept < W.dims[0]; concept++) {
        const { tokens, scores } = await craft.tokenHeatmap(text, concept, {
          method: 'gradient',
          steps: 256,
        });
        expect(tokens.join(' ')).toBe(text.replace(/\s+/g, ' ').trim());
        const gain = whole.data[concept] - empty.data[concept];
        const sum = scores.reduce((all, s) => all + s, 0);
        largest = Math.max(largest, Math.abs(sum - gain));
      }
      // of coefficients of about 1: the slope jumps where a concept enters, which 32 middles meet to 1/32
      recordDeviation('integrated gradients against the gain of u', largest, 1e-2);
    }
    await rest.release();
  });

  it('refuse steps that are none', async () => {
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0] });
    craft.useConcepts(W);
    for (const steps of [0, 1.5, Number.NaN]) {
      const map = craft.tokenHeatmap(texts[0], 0, { method: 'gradient', steps });
      await expect(map).rejects.toMatchObject({ code: 'OPTION' });
    }
  });

  it('name words whose loss lowers a concept more than that of words by chance', async () => {
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0], unitNorm: false });
    craft.useConcepts(W);
    let gained = 0;
    for (const [n, text] of texts.entries()) {
      const words = textWords(text, classifier.tokenize(text));
      const { data } = await craft.transform([text]);
      const concept = data.indexOf(Math.max(...data));
      const { scores } = await craft.tokenHeatmap(text, concept, { method: 'gradient' });
      const areaOf = async (order: readonly number[]): Promise<number> => {
        const { area } = await wordDeletion(order, async (removed) => {
          const left = removed.map((gone) =>
            withoutSpans(
              text,
              gone.toSorted((a, b) => a - b).map((w) => words[w]),
            ),
          );
          const U = await craft.transform(left);
          return left.map((_, k) => U.data[k * U.dims[1] + concept]);
        });
        return area ?? 0;
      };
      for (let k = 0; k < 3; k++) {
        const chance = await areaOf(randomWordOrder(words.length, 3 * n + k));
        gained += (chance - (await areaOf(wordOrder(scores)))) / (3 * texts.length);
      }
    }
    // measured 0.44
    expect(gained).toBeGreaterThan(0.2);
  });
});

describe('a model made for batches of one size', () => {
  it('has the gradients of one for any, on the way too', async () => {
    const size = vocabulary.vocab.length;
    const cotangent = async (y: Tensor): Promise<Tensor> => y;
    const found = [];
    for (const batch of ['N', 4]) {
      const bytes = textNetwork({
        head: 'mean',
        vocabulary: size,
        batch,
        length: vocabulary.max_len,
      }).bytes();
      const file = { name: 'fixed.onnx', bytes, files: new Map() };
      const model = await textClassifierOf(runtime, file, files, { maxTokens: vocabulary.max_len });
      const at = texts.map((_, n) => n / texts.length);
      found.push(await model.tokenVjp(texts, cotangent, { of: 'logit', at }));
      await model.release();
    }
    for (const [n, { gradients }] of found[0].entries()) {
      // float32 sums in another order
      recordDeviation('fixed batch, of max', maxOfMax(found[1][n].gradients.data, gradients.data), 1e-5);
    }
  });
});

describe('what has no gradient', () => {
  it('refuses a cotangent of other dims', async () => {
    const one = { data: new Float32Array(4), dims: [1, 4] };
    const wrong = [
      () => classifier.tokenVjp(texts, one, { of: 'logit' }),
      () => classifier.tokenVjp(texts, async () => one, { of: 'logit' }),
      () => classifier.tokenVjp(texts.slice(0, 1), one, { of: 'logit', at: [1, 0] }),
    ];
    for (const call of wrong) await expect(call()).rejects.toMatchObject({ code: 'SHAPE' });
  });

  it('says that ids are not looked up in a table', async () => {
    const b = new GraphBuilder(1);
    const ids = b.input('input_ids', ['N', 'T'], DataType.INT64);
    const floats = b.node('Unsqueeze', [b.node('Cast', [ids], { to: DataType.FLOAT }), b.ints([2])]);
    const states = b.node('MatMul', [floats, b.weights([1, 6])], {}, 'states');
    const pooled = b.node('ReduceMean', [b.node('Tanh', [states])], { axes: [1], keepdims: 0 }, 'pooled');
    b.output(b.node('Gemm', [pooled, b.weights([6, 2])], {}, 'logits'), ['N', 2]);
    const file = { name: 'tableless.onnx', bytes: b.bytes(), files: new Map() };
    const model = await textClassifierOf(runtime, file, files);
    const v = { data: new Float32Array(6), dims: [1, 6] };
    await expect(model.tokenVjp(texts.slice(0, 1), v, { of: 'latent' })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringMatching(/looked up in a table.*Cast.*occlusion/),
    });
    await model.release();
  });
});
