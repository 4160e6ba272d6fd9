// Which tensors are there when a model is loaded.

import type { Graph } from './graph.ts';

/** Exporters put a name or two between a weight and what reads it. */
const MAX_HOPS = 8;

/** Whether a tensor is a weight: an initialiser or a Constant, also under another name or in another precision. */
export function isWeight({ initializers, producer }: Graph, tensor: string): boolean {
  let at = tensor;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    if (initializers.has(at)) return true;
    const node = producer.get(at);
    if (node?.opType === 'Constant') return true;
    if (node?.opType !== 'Identity' && node?.opType !== 'Cast') return false;
    at = node.input[0];
  }
  return false;
}
