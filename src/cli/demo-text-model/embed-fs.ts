// Embeddings of many texts, before there is a classifier.

import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { EMBEDDING_WIDTH, MAX_PIECES } from './sentence-encoder.ts';

const BATCH = 32;
/** More characters than MAX_PIECES pieces have, so that a tokenizer need not read a whole mail. */
const MAX_CHARACTERS = 1000;

export interface EmbedOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * Runs the encoder on texts; those of about one length run together.
 *
 * @param model - ONNX bytes with `input_ids`, `attention_mask` and `sentence_embedding`.
 * @param tokenizer - a tokenizer.json.
 * @returns [n, 512], in the order of the texts.
 * @throws {@link CraftError} `ABORTED`.
 */
export async function embedTexts(
  model: Uint8Array,
  tokenizer: object,
  texts: readonly string[],
  { signal, onProgress }: EmbedOptions = {},
): Promise<Tensor<Float32Array>> {
  const pieces = new Tokenizer(tokenizer, {});
  const ids = texts.map((text) => pieces.encode(text.slice(0, MAX_CHARACTERS)).ids.slice(0, MAX_PIECES));
  const order = texts.map((_, i) => i).sort((a, b) => ids[b].length - ids[a].length || a - b);
  const session = await ort.InferenceSession.create(model, {
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const data = new Float32Array(texts.length * EMBEDDING_WIDTH);
  try {
    for (let start = 0; start < order.length; start += BATCH) {
      if (signal?.aborted) throw new CraftError('ABORTED', 'embedding: stopped by the caller');
      const batch = order.slice(start, start + BATCH);
      const { sentence_embedding: result } = await session.run(feedsOf(batch.map((i) => ids[i])));
      const rows = result.data as Float32Array;
      batch.forEach((i, k) => {
        data.set(rows.subarray(k * EMBEDDING_WIDTH, (k + 1) * EMBEDDING_WIDTH), i * EMBEDDING_WIDTH);
      });
      onProgress?.({ done: start + batch.length, total: order.length });
    }
  } finally {
    await session.release();
  }
  return { data, dims: [texts.length, EMBEDDING_WIDTH] };
}

function feedsOf(rows: readonly number[][]): Record<string, ort.Tensor> {
  const length = Math.max(1, ...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * length);
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, r) => {
    row.forEach((id, t) => {
      ids[r * length + t] = BigInt(id);
      mask[r * length + t] = 1n;
    });
  });
  const dims = [rows.length, length];
  return {
    input_ids: new ort.Tensor('int64', ids, dims),
    attention_mask: new ort.Tensor('int64', mask, dims),
  };
}
