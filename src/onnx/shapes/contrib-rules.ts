// Shapes of the fused ops that onnxruntime's optimizer writes (domain com.microsoft).

import { convolution } from './conv-pool.ts';
import { same } from './elementwise.ts';
import { Gemm, productDims } from './matmul.ts';
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

/**
 * The axes of an operand of FusedMatMul in the order in which it is multiplied. `leads`: the rows are the first axis,
 * and the batch lies between them and the columns; `swaps`: then rows and columns are swapped.
 */
export function operandAxes(rank: number, swaps: boolean, leads: boolean): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const ordered = leads ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  return swaps ? [...ordered.slice(0, -2), ordered[rank - 1], ordered[rank - 2]] : ordered;
}

function FusedMatMul(c: Call): Dims | null {
  const [left, right] = ['A', 'B'].map((name, i) => {
    const dims = c.dims(i);
    const [swaps, leads] = [c.int(`trans${name}`, 0) !== 0, c.int(`transBatch${name}`, 0) !== 0];
    if (!dims || dims.length < 2) return swaps || leads ? null : dims;
    return operandAxes(dims.length, swaps, leads).map((axis) => dims[axis]);
  });
  return productDims(left, right);
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
