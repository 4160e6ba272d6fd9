// Shapes of the fused ops that onnxruntime's optimizer writes (domain com.microsoft).

import { convolution } from './conv-pool.ts';
import { same } from './elementwise.ts';
import { Gemm, matmul } from './matmul.ts';
import type { ShapeRule } from './rules.ts';
import type { Call, Dims } from './value.ts';

/** Queries, keys and values in one product: weights [C, 3·width] and bias [3·width]. */
function Attention(c: Call): Dims | null {
  const data = c.dims(0);
  const bias = c.dims(2);
  const widths = c.ints('qkv_hidden_sizes');
  if (data?.length !== 3 || bias?.length !== 1) return null;
  return [data[0], data[1], widths ? widths[2] : bias[0] / 3];
}

/** Word ids [N, T] and embeddings [words, C]. */
function EmbedLayerNormalization(c: Call): Dims | null {
  const ids = c.dims(0);
  const words = c.dims(2);
  return ids?.length === 2 && words?.length === 2 ? [ids[0], ids[1], words[1]] : null;
}

/** MatMul, unless it also transposes. */
function FusedMatMul(c: Call): Dims | null {
  const transposes = ['transA', 'transB', 'transBatchA', 'transBatchB'].some((name) => c.int(name, 0) !== 0);
  return transposes ? null : matmul(0, 1)(c);
}

const SAME =
  'BiasGelu FastGelu Gelu QuickGelu MultiHeadAttention SkipLayerNormalization SimplifiedLayerNormalization ' +
  'SkipSimplifiedLayerNormalization LayerNormalization DequantizeLinear QuantizeLinear';

/** Op type to its rule. */
export const contribRules: ReadonlyMap<string, ShapeRule> = new Map<string, ShapeRule>([
  ...SAME.split(' ').map((op): [string, ShapeRule] => [op, same]),
  ['Attention', Attention],
  ['EmbedLayerNormalization', EmbedLayerNormalization],
  ['FusedConv', convolution(0, 1)],
  ['FusedGemm', Gemm],
  ['FusedMatMul', FusedMatMul],
]);
