// What is said of one layer.

import { lastNonAffine } from './affine.ts';
import { type Analysis, FLOAT_TYPES } from './analysis.ts';
import { opOf } from './graph.ts';
import { type AnyLayout, type Layout, layoutsOf } from './layouts.ts';
import { modulePath } from './module-path.ts';
import { isPooled, type Reads, tokenReads } from './reads.ts';
import type { Dim } from './shapes/infer.ts';
import { nonNegativeTensors } from './signs.ts';
import { tokenGrid } from './token-grid.ts';

/** A tensor that the model can be cut at. */
export interface LayerInfo {
  tensor: string;
  /** Of the node that makes it; '' if it has none. */
  name: string;
  /** Path of the torch module that made it, `layer4.1.conv2`; '' if the export does not tell. */
  module: string;
  op: string;
  /** A number is fixed; a name is the free dim of an input (`input:0` if it has none); null varies otherwise. Empty if the rank is unknown. */
  shape: Dim[];
  /** What the dims stand for; null if it cannot be told. */
  layout: Layout | null;
  /** Height and width of the map, or of the image's grid of tokens; null if there is none or it varies. */
  grid: [number, number] | null;
  /** Tokens before the grid (CLS, registers); 0 for maps and text. */
  prefixTokens: number;
  /** true: no value is ever negative, known from the ops; null: not known. */
  nonNegative: true | null;
  /** A plain mean over all locations reads it. */
  pooledAfter: boolean;
  /** The class scores are an affine function of it, the same for every input. */
  linearHead: boolean;
  /** What the head reads of the locations: their mean (of tokens, perhaps masked), the prefix token, or all. */
  reads: Reads;
}

/** A function that describes tensors of the path; the work that all share is done once. */
export function layerDescriber(analysis: Analysis): (tensor: string) => LayerInfo {
  const { graph, shapes, path } = analysis;
  const layouts = layoutsOf(analysis);
  const nonNegative = nonNegativeTensors(graph);
  const affineFrom = lastNonAffine(analysis);
  const grid = tokenGrid(analysis, layouts);
  const readsAfter = new Map<number, (tensor: string) => Reads>();
  const readsOf = (tensor: string, prefix: number): Reads => {
    let of = readsAfter.get(prefix);
    if (!of) readsAfter.set(prefix, (of = tokenReads(analysis, prefix)));
    return of(tensor);
  };
  return (tensor) => {
    const node = graph.producer.get(tensor);
    const shape = shapes.dimsOf(tensor) ?? [];
    const any: AnyLayout | null = layouts.get(tensor) ?? (shape.length === 3 ? 'NTC' : null);
    const pooledAfter = isPooled(analysis, tensor, any);
    const tokens = any === 'NTC' ? grid(tensor) : null;
    const prefixTokens = tokens?.prefix ?? 0;
    return {
      tensor,
      name: node?.name ?? '',
      module: node ? modulePath(node) : '',
      op: node ? opOf(node) : '',
      shape,
      layout: any === 'NCT' ? null : any,
      grid: tokens ? tokens.grid : mapGrid(shape, any),
      prefixTokens,
      nonNegative: nonNegative.has(tensor) ? true : null,
      pooledAfter,
      linearHead: (path.position.get(tensor) ?? -1) >= affineFrom,
      reads: pooledAfter ? 'mean' : any === 'NTC' ? readsOf(tensor, prefixTokens) : 'all',
    };
  };
}

function mapGrid(shape: readonly Dim[], layout: AnyLayout | null): [number, number] | null {
  const [height, width] = layout === 'NCHW' ? shape.slice(2) : layout === 'NHWC' ? shape.slice(1, 3) : [];
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : null;
}

/** Whether a tensor can be a layer: a float tensor. */
export function isFloatTensor(analysis: Analysis, tensor: string): boolean {
  return FLOAT_TYPES.has(analysis.shapes.typeOf(tensor));
}
