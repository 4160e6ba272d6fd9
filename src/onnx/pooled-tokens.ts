// The states of tokens that a vector is a pool of.

import type { Analysis } from './analysis.ts';
import { isFloatTensor, type LayerInfo } from './layer.ts';
import { isMasked, isWeighted, PASSING } from './suggest.ts';

/**
 * The last states of tokens [N, T, p] that a vector [N, p] is pooled from, in the same space: no weights are
 * between them.
 *
 * @param describe - tells the layout and dims of a cut.
 * @returns a tensor that is a cut, or null if there is none.
 */
export function pooledTokens(
  analysis: Analysis,
  vector: LayerInfo,
  describe: (tensor: string) => LayerInfo,
): string | null {
  if (vector.layout !== 'NC') return null;
  const { cuts, nodes, position } = analysis.path;
  const width = vector.shape.at(-1);
  const before = cuts
    .slice(0, cuts.indexOf(vector.tensor))
    .filter((tensor) => isFloatTensor(analysis, tensor));
  for (let k = before.length - 1; k >= 0; k--) {
    const layer = describe(before[k]);
    const between = nodes.slice(position.get(layer.tensor)! + 1, position.get(vector.tensor)! + 1);
    if (between.some((node) => isWeighted(analysis, node.opType, node.input))) return null;
    if (layer.layout !== 'NTC' || PASSING.has(layer.op) || isMasked(analysis, layer)) continue;
    return typeof width === 'number' && layer.shape.at(-1) === width ? layer.tensor : null;
  }
  return null;
}
