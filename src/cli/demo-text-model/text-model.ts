// The classifier of the text demo: sentence encoder and head in one ONNX model.

import type { Tensor } from '../../tensor/tensor.ts';
import { GraphBuilder } from './graph.ts';
import { addSentenceEncoder, EMBEDDING_WIDTH, MAX_PIECES } from './sentence-encoder.ts';
import type { TextHead } from './train-head.ts';

/** Latent of the demo: the signed sentence embedding. */
export const EMBEDDING_LAYER = 'sentence_embedding';
/** The other latent: units of the head after their ReLU, never negative. */
export const RELU_LAYER = 'head/relu';

/** The encoder alone, with the embedding as its output. */
export function encoderModel(weights: ReadonlyMap<string, Tensor>): Uint8Array {
  const graph = new GraphBuilder();
  graph.output(addSentenceEncoder(graph, weights), ['batch', EMBEDDING_WIDTH]);
  return graph.toBytes('universal-sentence-encoder-lite');
}

/** Encoder and head: `input_ids`, `attention_mask` → `logits` [batch, classes]. */
export function classifierModel(weights: ReadonlyMap<string, Tensor>, head: TextHead): Uint8Array {
  const graph = new GraphBuilder();
  const embedding = addSentenceEncoder(graph, weights);
  const hidden = dense(graph, embedding, 'head/dense', head.kernel1, head.bias1);
  const relu = graph.node('Relu', [hidden], RELU_LAYER);
  graph.output(dense(graph, relu, 'logits', head.kernel2, head.bias2), ['batch', head.bias2.dims[0]]);
  return graph.toBytes('mail-classifier');
}

function dense(graph: GraphBuilder, input: string, name: string, kernel: Tensor, bias: Tensor): string {
  const at = name === 'logits' ? 'head/out' : name;
  return graph.node(
    'Gemm',
    [input, graph.floats(`${at}/kernel`, kernel), graph.floats(`${at}/bias`, bias)],
    name,
  );
}

/** config.json in the names of transformers, for loaders that look for labels and lengths there. */
export function configJson(labels: readonly string[]): object {
  return {
    architectures: ['ForSequenceClassification'],
    id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    max_position_embeddings: MAX_PIECES,
    hidden_size: EMBEDDING_WIDTH,
    pad_token_id: 0,
  };
}
