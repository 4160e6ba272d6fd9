// Text classifiers of the kinds that are met in practice, with random weights: one block of attention over tokens,
// and the heads of BERT, RoBERTa, DistilBERT, DeBERTa and sentence encoders.

import { DataType } from '../../src/onnx/proto/constants.ts';
import { GraphBuilder } from './builder.ts';

const WIDTH = 12;
const HEADS = 2;
const CLASSES = 3;

/** How a network is exported, and what it does with padding. */
export interface TextNetworkOptions {
  readonly head:
    | 'bert'
    | 'roberta'
    | 'distilbert'
    | 'deberta'
    | 'mean'
    | 'unit-mean'
    | 'mean-of-all'
    | 'tokenwise';
  /** Size of the table of embeddings. */
  readonly vocabulary: number;
  readonly idType?: 'int64' | 'int32';
  readonly batch?: number | string;
  readonly length?: number | string;
  /** token_type_ids and position_ids as inputs. */
  readonly moreInputs?: boolean;
  /** No mask goes into the attention: padding is read. */
  readonly unmasked?: boolean;
  /** The largest value over the batch is taken off all, so that texts change each other. */
  readonly mixesBatch?: 'encoder' | 'head';
}

type Dims = readonly (number | string)[];

/** y = x W + b, on the last axis. */
const dense = (b: GraphBuilder, x: string, from: number, to: number, name?: string): string =>
  b.node('Add', [b.node('MatMul', [x, b.weights([from, to])]), b.weights([to])], {}, name);

const norm = (b: GraphBuilder, x: string, name?: string): string =>
  b.node('LayerNormalization', [x, b.floats(new Float32Array(WIDTH).fill(1), [WIDTH])], { axis: -1 }, name);

/** Inputs input_ids, attention_mask (and more); output logits [N, 3]. The states of the tokens are `hidden`. */
export function textNetwork(options: TextNetworkOptions): GraphBuilder {
  const { head, vocabulary, batch = 'N', length = 'T', moreInputs = false } = options;
  const b = new GraphBuilder(5);
  const dims: Dims = [batch, length];
  const type = options.idType === 'int32' ? DataType.INT32 : DataType.INT64;
  const ids = b.input('input_ids', dims, type);
  const mask = b.node('Cast', [b.input('attention_mask', dims, type)], { to: DataType.FLOAT }, 'mask');
  const embedded = [b.node('Gather', [b.weights([vocabulary, WIDTH]), ids])];
  if (moreInputs) {
    embedded.push(b.node('Gather', [b.weights([2, WIDTH]), b.input('token_type_ids', dims, type)]));
    embedded.push(b.node('Gather', [b.weights([64, WIDTH]), b.input('position_ids', dims, type)]));
  }
  const sum = b.node('Sum', embedded);
  const tokens = norm(b, options.mixesBatch === 'encoder' ? relative(b, sum) : sum, 'embedded');
  const hidden = attentionBlock(b, tokens, options.unmasked ? null : mask);
  const scores = headOf(b, head, hidden, mask);
  const result = options.mixesBatch === 'head' ? relative(b, scores) : scores;
  b.output(b.node('Identity', [result], {}, 'logits'), [batch, CLASSES]);
  return b;
}

/** x − max over the batch, as a scale that is found for a whole batch works. */
function relative(b: GraphBuilder, x: string): string {
  return b.node('Sub', [x, b.node('ReduceMax', [x], { axes: [0], keepdims: 1 })]);
}

function attentionBlock(b: GraphBuilder, x: string, mask: string | null): string {
  const split = (perm: number[]): string => {
    const heads = b.node('Reshape', [dense(b, x, WIDTH, WIDTH), b.ints([0, 0, HEADS, WIDTH / HEADS])]);
    return b.node('Transpose', [heads], { perm });
  };
  let scores = b.node('MatMul', [split([0, 2, 1, 3]), split([0, 2, 3, 1])]);
  if (mask !== null) {
    // (1 − mask) · −1e4 on every score of a key, as torch exports it
    const missing = b.node('Sub', [b.floats([1], []), b.node('Unsqueeze', [mask, b.ints([1, 2])])]);
    scores = b.node('Add', [scores, b.node('Mul', [missing, b.floats([-1e4], [])])]);
  }
  const mixed = b.node('MatMul', [b.node('Softmax', [scores], { axis: -1 }), split([0, 2, 1, 3])]);
  const joined = b.node('Reshape', [
    b.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    b.ints([0, 0, WIDTH]),
  ]);
  return norm(b, b.node('Add', [x, dense(b, joined, WIDTH, WIDTH)]), 'hidden');
}

function headOf(b: GraphBuilder, head: TextNetworkOptions['head'], hidden: string, mask: string): string {
  const first = (): string => b.node('Gather', [hidden, b.ints([0], [])], { axis: 1 }, 'first');
  const linear = (x: string): string => dense(b, x, WIDTH, CLASSES);
  switch (head) {
    case 'bert':
    case 'roberta':
      return linear(b.node('Tanh', [dense(b, first(), WIDTH, WIDTH, 'dense')], {}, 'tanh'));
    case 'distilbert':
      return linear(b.node('Relu', [dense(b, first(), WIDTH, WIDTH)], {}, 'relu'));
    case 'deberta':
      return linear(gelu(b, dense(b, first(), WIDTH, WIDTH)));
    case 'unit-mean': {
      const mean = maskedMean(b, hidden, mask);
      const norm2 = b.node('ReduceL2', [mean], { axes: [1], keepdims: 1 });
      return linear(b.node('Div', [mean, b.node('Max', [norm2, b.floats([1e-12], [])])], {}, 'unit'));
    }
    case 'mean':
      return linear(maskedMean(b, hidden, mask));
    case 'mean-of-all':
      return linear(b.node('ReduceMean', [hidden], { axes: [1], keepdims: 0 }, 'mean'));
    case 'tokenwise': {
      // scores of every token, summed: no vector stands between the tokens and the scores
      const masked = b.node('Mul', [hidden, b.node('Unsqueeze', [mask, b.ints([2])])]);
      const perToken = b.node('Mul', [
        dense(b, masked, WIDTH, CLASSES),
        b.node('Unsqueeze', [mask, b.ints([2])]),
      ]);
      return b.node('ReduceSum', [perToken, b.ints([1])], { keepdims: 0 });
    }
  }
}

/** x · ½ (1 + erf(x/√2)), in the ops that torch exports it to. */
function gelu(b: GraphBuilder, x: string): string {
  const erf = b.node('Erf', [b.node('Div', [x, b.floats([Math.SQRT2], [])])]);
  const twice = b.node('Mul', [x, b.node('Add', [erf, b.floats([1], [])])]);
  return b.node('Mul', [twice, b.floats([0.5], [])], {}, 'gelu');
}

/** Σ_t m_t x_t / max(Σ_t m_t, 1e-9), as sentence encoders pool. */
function maskedMean(b: GraphBuilder, hidden: string, mask: string): string {
  const column = b.node('Unsqueeze', [mask, b.ints([2])]);
  const sum = b.node('ReduceSum', [b.node('Mul', [hidden, column]), b.ints([1])], { keepdims: 0 }, 'sum');
  const count = b.node('ReduceSum', [column, b.ints([1])], { keepdims: 0 });
  return b.node('Div', [sum, b.node('Max', [count, b.floats([1e-9], [])])], {}, 'mean');
}
