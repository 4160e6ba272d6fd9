// Scores of tokens by gradients, of the golden text model, against finite differences on its embeddings.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { Craft, nnls, type Tensor } from '../../../src/index.ts';
import { cutModel } from '../../../src/onnx/cut.ts';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import { textClassifierOf } from '../../../src/runtimes/text/load-text-classifier.ts';
import { maxOfMax, recordDeviation } from '../../golden/deviations.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import type { ToyVocabulary } from '../../golden/toy-tokenizer.ts';
import { GraphBuilder } from '../../models/builder.ts';
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

  it("are those of finite differences along each token's embedding, of every active concept", async () => {
    const rest = await fromEmbeddings('activations');
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0], unitNorm: false });
    craft.useConcepts(W);
    const [text] = texts;
    const { ids } = classifier.tokenize(text);
    const zeros = { data: new Float32Array(W.dims[1]), dims: [1, W.dims[1]] };
    const [{ embeddings }] = await classifier.tokenVjp([text], zeros, { of: 'latent' });
    const [T, d] = embeddings.dims;
    const u = async (t: number, step: number): Promise<Tensor> => {
      const moved = embeddings.data.slice();
      for (let k = t * d; k < (t + 1) * d; k++) moved[k] *= 1 + step;
      return nnls({ data: await rest.run(moved, T), dims: [1, W.dims[1]] }, W);
    };
    const step = 5e-3;
    const before = await Promise.all(Array.from(ids, (_, t) => u(t, -step)));
    const after = await Promise.all(Array.from(ids, (_, t) => u(t, step)));
    const active = Array.from((await u(0, 0)).data);
    await rest.release();
    for (const [concept, value] of active.entries()) {
      const { tokens, scores } = await craft.tokenHeatmap(text, concept, { method: 'gradient' });
      expect(tokens.join(' ')).toBe(text.replace(/\s+/g, ' ').trim());
      if (value === 0) {
        expect(scores.every((s) => s === 0)).toBe(true);
        continue;
      }
      const ofTokens = Array.from(
        ids,
        (_, t) => (after[t].data[concept] - before[t].data[concept]) / (2 * step),
      );
      const { offsets } = classifier.tokenize(text);
      const words: number[] = [];
      for (const [t, difference] of ofTokens.entries()) {
        if (offsets[2 * t] < 0) continue;
        const isInside = t > 0 && offsets[2 * t] === offsets[2 * t - 1] && offsets[2 * t] > 0;
        if (isInside) words[words.length - 1] += difference;
        else words.push(difference);
      }
      // float32 coefficients by a step of 5e-3, and units that pass their kink
      recordDeviation(
        'gradient of a concept against differences, of max',
        maxOfMax(scores, Float64Array.from(words)),
        1e-2,
      );
    }
    expect(active.filter((value) => value > 0).length).toBeGreaterThan(1);
  });

  it('find the words whose loss lowers a concept most', async () => {
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0], unitNorm: false });
    craft.useConcepts(W);
    let agreeing = 0;
    let shown = 0;
    for (const text of texts) {
      const { data } = await craft.transform([text]);
      const concept = data.indexOf(Math.max(...data));
      const gradient = (await craft.tokenHeatmap(text, concept, { method: 'gradient' })).scores;
      const occlusion = (await craft.tokenHeatmap(text, concept, { method: 'occlusion' })).scores;
      const top = gradient.indexOf(Math.max(...gradient));
      const ranks = [...occlusion].sort((a, b) => b - a);
      if (ranks.indexOf(occlusion[top]) < 3) agreeing++;
      shown++;
    }
    // by chance: 3 words of about 17
    expect(agreeing / shown, `${agreeing} of ${shown}`).toBeGreaterThan(0.5);
  });
});

describe('what has no gradient', () => {
  it('refuses a cotangent of other dims', async () => {
    const one = { data: new Float32Array(4), dims: [1, 4] };
    await expect(classifier.tokenVjp(texts, one, { of: 'logit' })).rejects.toMatchObject({ code: 'SHAPE' });
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
