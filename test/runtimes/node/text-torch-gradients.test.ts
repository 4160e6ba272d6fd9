// Gradients by the rows that token ids are looked up in, of the text classifiers that torch exports: BERT, RoBERTa,
// DistilBERT, DeBERTa and a mean-pooled encoder, against difference quotients of the scores.

import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { valueInfo } from '../../../src/onnx/build.ts';
import { DataType } from '../../../src/onnx/proto/constants.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/read.ts';
import { tokenGradient } from '../../../src/onnx/token-gradient.ts';
import { inspectModel, ORIGINAL_WEIGHTS } from '../../../src/onnx.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import { type Feeds, noise, run } from './halves.ts';
import { dot } from './vjp.ts';

/**
 * Scores of about 1 in float32 over steps of 1e-2 along the whole batch: 1e-7 / 1e-2, and the kinks of DistilBERT's
 * head. A wrong factor or a mask left out shows as 1e-1.
 */
const TOLERANCE = 5e-3;
const STEP = 1e-2;

/** The model with the embeddings as an input. */
function fromEmbeddings(bytes: Uint8Array, embedding: string): Uint8Array {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  graph.node = graph.node.filter((node) => !node.output.includes(embedding));
  graph.input.push(valueInfo(embedding, DataType.FLOAT, ['N', 'T', 'd']));
  return encodeModel(model);
}

function feedsOf(name: string): Feeds {
  const { input_ids: ids, attention_mask: mask } = readNpz(goldenPath(`torch-text/${name}.npz`));
  const whole = (values: ArrayLike<number>): Tensor =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [...ids.dims]);
  return {
    input_ids: whole(ids.data),
    attention_mask: whole(mask.data),
    token_type_ids: whole(new Array(ids.data.length).fill(0)),
  };
}

const plus = (x: Tensor, d: Tensor, step: number): Tensor =>
  new Tensor(
    'float32',
    (x.data as Float32Array).map((value, i) => value + step * (d.data as Float32Array)[i]),
    x.dims,
  );

describe.each(['bert', 'roberta', 'distilbert', 'deberta', 'minilm'])('%s', (name) => {
  const bytes = new Uint8Array(readFileSync(goldenPath(`torch-text/${name}.onnx`)));

  it('can be differentiated, as it says', () => {
    expect(inspectModel(bytes).gradients).toEqual({ supported: true, missingOps: [] });
  });

  it('has the slope of its difference quotients along the embeddings', async () => {
    const { model, cotangent, embedding, gradient } = tokenGradient(bytes, 'logits', 'input_ids');
    const feeds = feedsOf(name);
    const [N] = feeds.input_ids.dims;
    const v = noise([N, 3], 3);
    const weights = [{ path: ORIGINAL_WEIGHTS, data: bytes }];
    const found = await run(model, { ...feeds, [cotangent]: v }, weights);
    const rest = fromEmbeddings(bytes, embedding);
    const [x, g] = [found[embedding], found[gradient]];
    expect(g.dims).toEqual(x.dims);
    for (const seed of [4, 5, 6]) {
      const d = noise(x.dims, seed);
      const score = async (step: number): Promise<number> =>
        dot((await run(rest, { ...feeds, [embedding]: plus(x, d, step) })).logits, v);
      const near = (await score(STEP)) - (await score(-STEP));
      const far = (await score(2 * STEP)) - (await score(-2 * STEP));
      const difference = (8 * near - far) / (12 * STEP);
      const size = Math.sqrt(dot(g, g) * dot(d, d)) / Math.sqrt(g.data.length);
      expect(Math.abs(dot(g, d) - difference) / Math.max(size, Math.abs(difference))).toBeLessThan(TOLERANCE);
    }
  });
});
