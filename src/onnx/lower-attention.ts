// Attention as products of matrices.
//
// Notation: Q [N, T, H·d], K [N, S, H·d], V [N, S, H·e]; of H heads, Y = softmax(scale · Q Kᵀ + mask) V.

import { floatOf, hasAttribute, intOf } from './attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import type { Shapes } from './shapes/infer.ts';

interface Operands {
  /** Q, K, V as [N, H, T, d]. */
  readonly heads: readonly [string, string, string];
  /** √ of this multiplies Q and K; null for 1/d. */
  readonly scale: number;
  /** Added to the products; null for none. */
  readonly bias: string | null;
}

/** Y as [N, H, T, e]. */
function attend(b: Emitter, { heads: [q, k, v], scale, bias }: Operands): string {
  const products = b.times(b.op('MatMul', [q, b.transpose(k, [0, 1, 3, 2])]), scale);
  const weights = b.op('Softmax', [bias ? b.add(products, bias) : products], { axis: -1 });
  return b.op('MatMul', [weights, v]);
}

/** [N, T, H·d] → [N, H, T, d]. */
function split(b: Emitter, x: string, heads: number, width: number): string {
  return b.transpose(b.reshape(x, [0, -1, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, H, T, e] → [N, T, H·e]. */
function merge(b: Emitter, y: string, width: number, output: string): void {
  b.op('Reshape', [b.transpose(y, [0, 2, 1, 3]), b.ints([0, -1, width])], {}, output);
}

function fixed(shapes: Shapes, tensor: string, axis: number): number | null {
  const size = shapes.dimsOf(tensor)?.at(axis);
  return typeof size === 'number' ? size : null;
}

const isMultiple = (width: number | null, heads: number): width is number =>
  width !== null && heads >= 1 && width % heads === 0;

/** com.microsoft.Attention: x [N, T, C], weights [C, 3·H·d], bias; without mask and past. */
export function packedAttention(b: Emitter, node: NodeProto, shapes: Shapes): boolean {
  const [x, weights, bias] = node.input;
  const others = node.input.slice(3).some((name) => name !== '');
  const special = ['qkv_hidden_sizes', 'unidirectional', 'do_rotary'].some(
    (name) => hasAttribute(node, name) && intOf(node, name, 0) !== 0,
  );
  const isPlain = !others && !special && !hasAttribute(node, 'qkv_hidden_sizes') && !node.output[1];
  const heads = intOf(node, 'num_heads', 0);
  const packed = fixed(shapes, weights, 1);
  if (!isPlain || !isMultiple(packed, 3 * heads)) return false;
  const width = packed / 3;
  const product = b.op('MatMul', [x, weights]);
  const qkv = bias ? b.add(product, bias) : product;
  const part = (i: number): string =>
    split(b, b.op('Slice', [qkv, b.ints([i * width]), b.ints([(i + 1) * width]), b.ints([2])]), heads, width);
  const scale = floatOf(node, 'scale', 0) || 1 / Math.sqrt(width / heads);
  merge(b, attend(b, { heads: [part(0), part(1), part(2)], scale, bias: null }), width, node.output[0]);
  return true;
}

/** com.microsoft.MultiHeadAttention: Q, K, V, bias [3 · width]; an additive mask at input 5; no past. */
export function crossAttention(b: Emitter, node: NodeProto, shapes: Shapes): boolean {
  const [q, k, v, bias, keyMask, added] = node.input;
  const others = node.input.slice(6).some((name) => name !== '');
  const heads = intOf(node, 'num_heads', 0);
  const isPlain =
    !others && !keyMask && !bias && k && v && !node.output[1] && !intOf(node, 'unidirectional', 0);
  const widths = [q, k ?? '', v ?? ''].map((name) => fixed(shapes, name, 2));
  const areTokens = [q, k ?? '', v ?? ''].every((name) => shapes.dimsOf(name)?.length === 3);
  if (!isPlain || !areTokens || !widths.every((w): w is number => isMultiple(w, heads))) return false;
  const [width, , valueWidth] = widths;
  const scale = floatOf(node, 'scale', 0) || 1 / Math.sqrt(width / heads);
  const operands = [q, k, v].map((x, i) => split(b, x, heads, widths[i])) as [string, string, string];
  merge(b, attend(b, { heads: operands, scale, bias: added || null }), valueWidth, node.output[0]);
  return true;
}

/** Attention of the standard (version 23): [N, H, T, d] or [N, T, H·d]; an additive mask; no past, no cap. */
export function standardAttention(b: Emitter, node: NodeProto, shapes: Shapes): boolean {
  const [q, k, v, mask] = node.input;
  const isSpecial =
    node.input.slice(4).some((name) => name !== '') ||
    node.output.slice(1).some((name) => name !== '') ||
    ['is_causal', 'qk_matmul_output_mode'].some((name) => intOf(node, name, 0) !== 0) ||
    floatOf(node, 'softcap', 0) !== 0 ||
    (mask && shapes.typeOf(mask) !== shapes.typeOf(q));
  if (isSpecial) return false;
  const rank = shapes.dimsOf(q)?.length;
  const given = [intOf(node, 'q_num_heads', 0), intOf(node, 'kv_num_heads', 0)];
  const counts = rank === 4 ? [q, k].map((x) => fixed(shapes, x, 1)) : given;
  const [heads] = counts;
  // groups of queries that share a key are not known here
  if (heads === null || counts[1] !== heads) return false;
  const widths = [q, k, v].map((x) => fixed(shapes, x, -1));
  const perHead = rank === 4 ? 1 : heads;
  if (!widths.every((w): w is number => isMultiple(w, perHead))) return false;
  const scale = floatOf(node, 'scale', 0) || 1 / Math.sqrt(widths[0] / perHead);
  const bias = mask || null;
  if (rank === 4) {
    b.op('Identity', [attend(b, { heads: [q, k, v], scale, bias })], {}, node.output[0]);
    return true;
  }
  if (rank !== 3) return false;
  const operands = [q, k, v].map((x, i) => split(b, x, heads, widths[i])) as [string, string, string];
  merge(b, attend(b, { heads: operands, scale, bias }), widths[2], node.output[0]);
  return true;
}
