// Fused ops (domain com.microsoft; Attention and HardSwish of the standard) as the standard ops that they stand for.
// A form that is not known here stays as it is: gradients then name it.

import { floatOf, intOf } from './attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import { isStandard } from './graph.ts';
import { crossAttention, packedAttention, standardAttention } from './lower-attention.ts';
import { FusedConv, FusedGemm, FusedMatMul, hardSwish, type Lowering } from './lower-products.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import type { Shapes } from './shapes/infer.ts';

export function needsLowering(node: NodeProto): boolean {
  return loweringOf(node) !== undefined;
}

/** Writes the node into `b` as standard ops; false if that is not known or needed. */
export function lowerFused(b: Emitter, node: NodeProto, shapes: Shapes): boolean {
  return loweringOf(node)?.(b, node, shapes) ?? false;
}

function loweringOf(node: NodeProto): Lowering | undefined {
  if (node.domain === 'com.microsoft') return fused.get(node.opType);
  return isStandard(node) ? standard.get(node.opType) : undefined;
}

/** The sum with the bias at input 1, if there is one. */
function biased(b: Emitter, node: NodeProto): string {
  return node.input[1] ? b.add(node.input[0], node.input[1]) : node.input[0];
}

const Gelu: Lowering = (b, node) => {
  b.op('Gelu', [node.input[0]], {}, node.output[0]);
  return true;
};

const BiasGelu: Lowering = (b, node) => {
  b.op('Gelu', [biased(b, node)], {}, node.output[0]);
  return true;
};

const FastGelu: Lowering = (b, node) => {
  b.op('Gelu', [biased(b, node)], { approximate: 'tanh' }, node.output[0]);
  return true;
};

/** x · σ(αx). */
const QuickGelu: Lowering = (b, node) => {
  const [x] = node.input;
  const gate = b.op('Sigmoid', [b.times(x, floatOf(node, 'alpha', 1.702))]);
  b.op('Mul', [x, gate], {}, node.output[0]);
  return true;
};

const HardSwish: Lowering = (b, node) => {
  hardSwish(b, node.input[0], node.output[0]);
  return true;
};

/** Norm of x + skip + bias; the fourth output is that sum. */
const skipNormalization =
  (normalise: (b: Emitter, node: NodeProto, sum: string) => void): Lowering =>
  (b, node) => {
    if (node.output[1] || node.output[2]) return false;
    const [x, skip] = node.input;
    const isSimplified = node.opType.startsWith('SkipSimplified');
    const bias = node.input[isSimplified ? 3 : 4];
    const inner = b.add(x, skip);
    const sum = b.op(
      bias ? 'Add' : 'Identity',
      bias ? [inner, bias] : [inner],
      {},
      node.output[3] || undefined,
    );
    normalise(b, node, sum);
    return true;
  };

function layerNorm(b: Emitter, node: NodeProto, x: string, scale: string, bias: string | undefined): void {
  const epsilon = { float: floatOf(node, 'epsilon', 1e-12) };
  b.op('LayerNormalization', bias ? [x, scale, bias] : [x, scale], { axis: -1, epsilon }, node.output[0]);
}

/** scale · x / √(mean(x²) + ε). */
function rmsNorm(b: Emitter, node: NodeProto, x: string, scale: string, epsilon: number): void {
  const meanSquare = b.mean(b.square(x), [intOf(node, 'axis', -1)]);
  const root = b.op('Sqrt', [b.add(meanSquare, b.float(epsilon))]);
  b.op('Mul', [b.div(x, root), scale], {}, node.output[0]);
}

const SimplifiedLayerNormalization: Lowering = (b, node) => {
  if (node.output[1]) return false;
  rmsNorm(b, node, node.input[0], node.input[1], floatOf(node, 'epsilon', 1e-5));
  return true;
};

/** Embeddings of words, places and segments, added and normalised. */
const EmbedLayerNormalization: Lowering = (b, node) => {
  const [ids, segments, words, places, segmentTable, scale, bias, mask, placeIds] = node.input;
  if (mask || node.output[1] || node.output[2]) return false;
  const length = b.op('Squeeze', [b.sizeOf(ids, 1), b.ints([0])]);
  const counted = b.op('Range', [b.int(0), length, b.int(1)]);
  let sum = b.add(
    b.op('Gather', [words, ids], { axis: 0 }),
    b.op('Gather', [places, placeIds || counted], { axis: 0 }),
  );
  if (segments) sum = b.add(sum, b.op('Gather', [segmentTable, segments], { axis: 0 }));
  layerNorm(b, node, sum, scale, bias);
  return true;
};

const fused: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['Attention', packedAttention],
  ['BiasGelu', BiasGelu],
  ['EmbedLayerNormalization', EmbedLayerNormalization],
  ['FastGelu', FastGelu],
  ['FusedConv', FusedConv],
  ['FusedGemm', FusedGemm],
  ['FusedMatMul', FusedMatMul],
  ['Gelu', Gelu],
  ['MultiHeadAttention', crossAttention],
  ['QuickGelu', QuickGelu],
  ['SimplifiedLayerNormalization', SimplifiedLayerNormalization],
  [
    'SkipLayerNormalization',
    skipNormalization((b, node, sum) => layerNorm(b, node, sum, node.input[2], node.input[3])),
  ],
  [
    'SkipSimplifiedLayerNormalization',
    skipNormalization((b, node, sum) =>
      rmsNorm(b, node, sum, node.input[2], floatOf(node, 'epsilon', 1e-12)),
    ),
  ],
]);

const standard: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['Attention', standardAttention],
  ['HardSwish', HardSwish],
  // the runtime's optimiser writes this one into the default domain
  ['SimplifiedLayerNormalization', SimplifiedLayerNormalization],
]);
