// Which layer to explain if the user names none.

import type { Analysis } from './analysis.ts';
import { isStandard } from './graph.ts';
import type { LayerInfo } from './layer.ts';
import { DataType } from './proto/constants.ts';

export interface Suggestion {
  /** null if the model has no layer that concepts can be found in. */
  tensor: string | null;
  why: string;
}

/** Ops that make no features of their own: the layer before them is the same one. */
export const PASSING: ReadonlySet<string> = new Set(
  'Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Slice'.split(' '),
);
const WEIGHTED = new Set(
  'Conv ConvTranspose Gemm MatMul QLinearConv QLinearMatMul ConvInteger MatMulInteger'.split(' '),
);

const TOKEN_TYPES: ReadonlySet<number> = new Set([DataType.INT64, DataType.INT32]);

/**
 * Picks a layer: the last map before the classifier that is never negative, the last hidden state of an
 * attention model, the vector that the head of a text model reads, or the last vector of a plain network. Late layers hold what a class is made of
 * (CRAFT, §3); a layer without weights after it already is the map of class scores.
 */
export function suggestLayer(analysis: Analysis, layers: readonly LayerInfo[]): Suggestion {
  const lastWeights = analysis.path.nodes.findLastIndex((node) =>
    isWeighted(analysis, node.opType, node.input),
  );
  const at = (layer: LayerInfo): number => analysis.path.position.get(layer.tensor)!;
  const before = layers.filter((layer) => at(layer) < lastWeights);
  const candidates = before.length > 0 ? before : layers;

  if (readsTokenIds(analysis)) {
    const vector = headVector(analysis, candidates);
    if (vector) return { tensor: vector.tensor, why: whyVector(vector) };
  }
  const tokens = candidates.filter((l) => l.layout === 'NTC' && !PASSING.has(l.op) && !isMasked(analysis, l));
  const maps = candidates.filter((l) => isMap(l) && !PASSING.has(l.op));
  const lastTokens = tokens.at(-1);
  const lastMap = bestMap(analysis, maps);
  if (lastTokens && usesAttention(analysis) && (!lastMap || at(lastMap) < at(lastTokens))) {
    return { tensor: lastTokens.tensor, why: 'the last hidden state before the classifier' };
  }
  if (lastMap) return { tensor: lastMap.tensor, why: whyMap(lastMap) };
  const rest = lastTokens ?? candidates.findLast((l) => l.layout === 'NC') ?? candidates.at(-1);
  if (!rest) return { tensor: null, why: 'no layer between the input and the class scores is a valid cut' };
  return {
    tensor: rest.tensor,
    why:
      rest.layout === 'NC' ? 'the last vector before the classifier' : 'the last layer before the classifier',
  };
}

/** The last map, one that is never negative if it is next to it; maps of one place only if there are no others. */
function bestMap(analysis: Analysis, maps: readonly LayerInfo[]): LayerInfo | undefined {
  const wide = maps.filter((l) => !l.grid || l.grid[0] * l.grid[1] > 1);
  const pool = wide.length > 0 ? wide : maps;
  const last = pool.findLast((l) => l.pooledAfter) ?? pool.at(-1);
  if (!last || last.nonNegative) return last;
  const end = analysis.path.position.get(last.tensor)!;
  const near = pool.findLast((l) => l.nonNegative && analysis.path.position.get(l.tensor)! <= end);
  if (!near || String(near.grid) !== String(last.grid)) return last;
  const start = analysis.path.position.get(near.tensor)!;
  const between = analysis.path.nodes
    .slice(start + 1, end + 1)
    .filter((node) => isWeighted(analysis, node.opType, node.input));
  return between.length <= 1 ? near : last;
}

/**
 * What the head of a text classifier reads: the last vector before its last linear layer, or one before that is
 * never negative if a single layer of weights is between them.
 */
function headVector(analysis: Analysis, layers: readonly LayerInfo[]): LayerInfo | undefined {
  const vectors = layers.filter((l) => l.layout === 'NC');
  const last = vectors.at(-1);
  if (!last || last.nonNegative) return last;
  const at = (layer: LayerInfo): number => analysis.path.position.get(layer.tensor)!;
  const near = vectors.findLast((l) => l.nonNegative);
  if (!near) return last;
  const between = analysis.path.nodes
    .slice(at(near) + 1, at(last) + 1)
    .filter((node) => isWeighted(analysis, node.opType, node.input));
  return between.length <= 1 ? near : last;
}

function whyVector({ nonNegative }: LayerInfo): string {
  return nonNegative
    ? 'the vector that the head reads, never negative'
    : 'the vector that the head reads; its values may be negative';
}

/** The input is a row of token ids: a model of text. */
export function readsTokenIds({ shapes, path }: Analysis): boolean {
  const rank = shapes.dimsOf(path.input)?.length;
  return TOKEN_TYPES.has(shapes.typeOf(path.input)) && (rank === undefined || rank === 2);
}

function whyMap(layer: LayerInfo): string {
  const where = layer.pooledAfter
    ? 'the last feature map before the global pool'
    : 'the last feature map before the classifier';
  return layer.nonNegative ? `${where}, never negative` : `${where}; its values may be negative`;
}

function isMap(layer: LayerInfo): boolean {
  return layer.layout === 'NCHW' || layer.layout === 'NHWC';
}

/** A product with a mask is made for the pool that follows: the hidden state is what goes into it. */
export function isMasked(analysis: Analysis, layer: LayerInfo): boolean {
  const node = analysis.graph.producer.get(layer.tensor);
  return (
    node?.opType === 'Mul' &&
    node.input.some((name) => analysis.fromSideInput(name) && !analysis.path.position.has(name))
  );
}

/** A convolution or product with constant weights. */
export function isWeighted(analysis: Analysis, opType: string, input: readonly string[]): boolean {
  return WEIGHTED.has(opType) && input.some((name) => analysis.isConstant(name));
}

/** Attention multiplies values by a softmax of the input. */
function usesAttention(analysis: Analysis): boolean {
  return analysis.path.nodes.some(
    (node) =>
      /Attention/.test(node.opType) ||
      (isStandard(node) &&
        node.opType === 'MatMul' &&
        node.input.every((name) => !analysis.isConstant(name))),
  );
}
